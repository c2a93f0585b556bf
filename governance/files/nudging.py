"""After a commit, hand a recording to a worker. A lost hand-over costs a minute: a sweep looks for waiting ones."""

from uuid import UUID

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(recording_id: UUID) -> None:
    """Enqueue the recording when the current transaction commits; a dead broker fails nobody."""
    transaction.on_commit(lambda: enqueue(recording_id))


def enqueue(recording_id: UUID) -> None:
    """Enqueue the recording now."""
    from governance.files.tasks import run_recording

    try:
        run_recording.apply_async(args=[str(recording_id)], queue="heavy")
    except OperationalError:
        log.warning("recording_nudge_lost", recording_id=str(recording_id))
