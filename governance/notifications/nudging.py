"""After a commit, tell a worker that messages are due. A lost nudge costs half a minute: beat looks again."""

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge() -> None:
    """Ask for sending when the current transaction commits; a dead broker delays it and fails nobody."""
    transaction.on_commit(_enqueue)


def _enqueue() -> None:
    from governance.notifications.tasks import run_send_due

    try:
        run_send_due.apply_async(queue="messages")
    except OperationalError:
        log.warning("messages_nudge_lost")
