"""What becomes of files in the background: drafts' files die, and so does what was left behind."""

from celery import shared_task
from django.utils import timezone

from governance.files.orphans import orphans_remove
from governance.files.services import files_expire


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_file_expiry() -> int:
    """Delete drafts' files whose time is over."""
    return files_expire(timezone.now())


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_orphan_removal() -> int:
    """Delete pictures without a row."""
    return orphans_remove(timezone.now())
