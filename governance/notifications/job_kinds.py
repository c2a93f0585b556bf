"""Long work with messages."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind
from governance.notifications.selectors import failed_after, failed_total
from governance.notifications.services import messages_retry

RETRY_FAILED = "notifications.retry_failed"


def _count(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return failed_total(actor)


@job_kind(RETRY_FAILED, title=_("重发所有失败的消息"), count=_count, back_url="notifications:log")
def retry_failed(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Queue the failed messages that the owner may send again, in order of their keys."""
    found = failed_after(actor, cursor or 0, limit)
    messages_retry(message_ids=found, actor=actor, at=at)
    return Step(len(found), found[-1] if len(found) == limit else None)
