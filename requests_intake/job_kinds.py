"""Long work of request intake."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind
from requests_intake.models import BulkResult, UpstreamBatch
from requests_intake.models.upstream import RowState
from requests_intake.services.bulk import JOB_KIND, bulk_step
from requests_intake.services.rule_runs import DRY_RUN, run_step, run_total
from requests_intake.services.upstream import RESULTS, RUN, batch_step
from requests_intake.services.upstream_results import results_step

BULK_ROWS = 20  # rows of one transaction: other people wait for their locks


def _bulk_count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return BulkResult.objects.filter(run_id=params["run"]).count()


@job_kind(JOB_KIND, title=_("批量办理"), count=_bulk_count, back_url="intake:bulk-runs")
def bulk(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Do the next rows of a bulk run."""
    with translation.override(actor.user.language):  # reasons are kept in the words of who asked
        done = bulk_step(run_id=params["run"], limit=min(limit, BULK_ROWS), actor=actor, at=at)
    return Step(done, (cursor or 0) + done if done else None)


def _batch(params: dict[str, Any]) -> UpstreamBatch:
    return UpstreamBatch.objects.select_related("source").get(pk=params["batch"])


def _to_file(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return _batch(params).rows.filter(state=RowState.GOOD).count()


@job_kind(RUN, title=_("导入上级工单"), count=_to_file, back_url="intake:upstream")
def run_batch(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """File the good rows in the order of the file."""
    lines = batch_step(batch=_batch(params), after=cursor or 0, limit=limit, actor=actor, at=at)
    return Step(len(lines), lines[-1] if len(lines) == limit else None)


def _to_return(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return _batch(params).orders.count()


@job_kind(RESULTS, title=_("汇总上级工单的办理结果"), count=_to_return, back_url="intake:upstream")
def collect_results(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Collect the results in the order in which the orders were filed."""
    pks = results_step(batch=_batch(params), after=cursor or 0, limit=limit, actor=actor, at=at)
    return Step(len(pks), pks[-1] if len(pks) == limit else None)


def _dry_run_count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return run_total(params["run"])


@job_kind(DRY_RUN, title=_("用过去的诉求试派单规则"), count=_dry_run_count, back_url="intake:rules")
def rules_dry_run(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: datetime) -> Step:
    """Ask the rules about the next requests of a trial."""
    rows, onward = run_step(run_id=params["run"], cursor=cursor, limit=limit, at=at)
    return Step(rows, onward)
