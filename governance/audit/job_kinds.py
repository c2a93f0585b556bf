"""Long work of the audit pages."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.audit.services import CHECK_KIND, JOB_KIND, export_step, export_total, trail_check
from governance.jobs.registry import Step, job_kind


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
