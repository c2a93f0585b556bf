"""Long work of request intake."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind
from requests_intake.models import BulkResult
from requests_intake.services.bulk import JOB_KIND, bulk_step

BULK_ROWS = 20  # rows of one transaction: other people wait for their locks


def _bulk_count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return BulkResult.objects.filter(run_id=params["run"]).count()


@job_kind(JOB_KIND, title=_("批量办理"), count=_bulk_count, back_url="intake:bulk-runs")
def bulk(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Do the next rows of a bulk run."""
    with translation.override(actor.user.language):  # reasons are kept in the words of who asked
        done = bulk_step(run_id=params["run"], limit=min(limit, BULK_ROWS), actor=actor, at=at)
    return Step(done, (cursor or 0) + done if done else None)
