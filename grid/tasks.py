"""Celery entries: read the clock, call one service each."""

from celery import shared_task
from django.utils import timezone

from grid.services.following_up import changes_follow_up
from grid.services.tasks_sweeping import admitted_send, assignments_remind, rounds_send


@shared_task(name="grid.tasks.run_task_sweep")
def run_task_sweep() -> None:
    """Send what was admitted and what comes round again, remind of what is due."""
    at = timezone.now()
    admitted_send(at=at)
    rounds_send(at=at)
    assignments_remind(at=at)


@shared_task(name="grid.tasks.run_changes_follow_up")
def run_changes_follow_up() -> None:
    """At night: nothing stays under the code of an area that has ended without somebody knowing."""
    changes_follow_up(at=timezone.now())
