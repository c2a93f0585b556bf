"""Long work of the audit pages."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.audit.services import CHECK_KIND, JOB_KIND, export_step, export_total, trail_check
from governance.jobs.registry import Step, job_kind
from governance.privacy.services.rekeying import rekey_batch, rekey_waiting, sealed_tables

REKEY_KIND = "audit.rekey"


def _count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return export_total(params["export"])


@job_kind(JOB_KIND, title=_("导出操作记录"), count=_count, back_url="audit:exports")
def export(*, params: dict[str, Any], cursor: list[Any] | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Write the next rows."""
    return export_step(export_id=params["export"], cursor=cursor, limit=limit, actor=actor)


@job_kind(CHECK_KIND, title=_("核对封条"), back_url="audit:seals")
def check(*, params: dict[str, Any], cursor: None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Prove the trail, in one go."""
    return Step(trail_check(actor=actor, at=at).seals)


def _waiting(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return sum(rekey_waiting(table) for table in sealed_tables())


@job_kind(REKEY_KIND, title=_("换加密钥匙"), count=_waiting)
def rekey(*, params: dict[str, Any], cursor: list[Any] | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Renew the next rows of a table, then of the one after it, in order of their names."""
    tables = {table.label: table for table in sealed_tables()}
    label, after = cursor or (min(tables), None)
    rows, last = rekey_batch(tables[label], after, limit=limit)
    if last is not None:
        return Step(rows, [label, last if isinstance(last, int) else str(last)])
    later = min((one for one in tables if one > label), default=None)
    return Step(rows, [later, None] if later is not None else None)
