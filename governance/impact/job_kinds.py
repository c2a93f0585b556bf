"""Long work after a change of the territory."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.impact.services import JOB_KIND, recode_step, recode_total
from governance.impact.succession import Succession
from governance.jobs.registry import Step, job_kind


def _succession(params: dict[str, Any]) -> Succession:
    return Succession(tuple(params["code_map"]), tuple(params["relocated"]))


def _count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return recode_total(succession=_succession(params), at=at)


@job_kind(JOB_KIND, title=_("把记录改到新的区域"), count=_count)
def recode(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: datetime) -> Step:
    """Take the next rows along."""
    return recode_step(succession=_succession(params), cursor=cursor, limit=limit, at=at)
