"""What becomes of files in the background: recordings are encoded anew, drafts' files and what was left behind die."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from governance.files.nudging import enqueue
from governance.files.orphans import orphans_remove
from governance.files.services import files_expire
from governance.files.services.preparing import recording_prepare, recordings_waiting
from governance.files.services.recordings import recordings_expire


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_file_expiry() -> int:
    """Delete drafts' files whose time is over."""
    return files_expire(timezone.now()) + recordings_expire(timezone.now())


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_orphan_removal() -> int:
    """Delete pictures without a row."""
    return orphans_remove(timezone.now())


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]  # celery brings no types
def run_recording(recording_id: str) -> None:
    """Encode one recording anew. The guards of the service make a second call harmless."""
    recording_prepare(recording_id=UUID(recording_id), clock=timezone.now)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]  # celery brings no types
def run_recording_sweep() -> int:
    """Hand over again the recordings whose nudge or worker was lost; return how many."""
    waiting = recordings_waiting(at=timezone.now())
    for recording_id in waiting:
        enqueue(recording_id)
    return len(waiting)
