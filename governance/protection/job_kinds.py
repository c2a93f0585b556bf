"""Long work of the protection of personal data."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind
from governance.privacy.sources import sources
from governance.protection.person_requests.services import COPY_JOB, copy_step


def _count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return len(sources())


@job_kind(COPY_JOB, title=_("做个人信息的副本"), count=_count, back_url="protection:person-requests")
def personal_copy(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Add what one source holds."""
    return Step(1, copy_step(request_id=params["request"], number=cursor or 0, actor=actor, at=at))
