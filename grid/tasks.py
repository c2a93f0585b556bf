"""Celery entries: read the clock, call one service each."""

from celery import shared_task
from django.utils import timezone

from grid.services.tasks_sweeping import admitted_send, assignments_remind, rounds_send


@shared_task(acks_late=True)
def run_task_sweep() -> None:
    """Send what was admitted and what comes round again, remind of what is due."""
    at = timezone.now()
    admitted_send(at=at)
    rounds_send(at=at)
    assignments_remind(at=at)
