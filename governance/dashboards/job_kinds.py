"""Long work of the overview."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.dashboards.services import JOB_KIND, export_step, export_total
from governance.jobs.registry import Step, job_kind


def _count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return export_total(actor)


@job_kind(JOB_KIND, title=_("导出看板"), count=_count, back_url="dashboards:exports")
def export(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Make the next sheet."""
    return Step(1, export_step(export_id=params["export"], position=cursor or 0, actor=actor))
