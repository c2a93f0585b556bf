"""Celery entries of administration."""

from celery import shared_task
from django.utils import timezone

from governance.administration.services import horizon_check


@shared_task(name="governance.administration.tasks.run_calendar_check")
def run_calendar_check() -> None:
    """Say in time that the working calendar is about to run out."""
    horizon_check(at=timezone.now())
