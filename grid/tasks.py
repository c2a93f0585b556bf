"""Celery entries: read the clock, call one service each."""

from celery import shared_task
from django.utils import timezone

from grid.services.burden import burden_recount
from grid.services.component_exports import component_exports_expire
from grid.services.component_imports import component_imports_expire
from grid.services.following_up import changes_follow_up
from grid.services.tasks_sweeping import admitted_send, assignments_remind, rounds_send
from grid.services.territory_imports import territory_imports_expire


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


@shared_task(name="grid.tasks.run_files_expiry")
def run_files_expiry() -> int:
    """Forget files that were handed in or asked for and whose time is over; return how many rows went."""
    at = timezone.now()
    expired = (component_exports_expire, component_imports_expire, territory_imports_expire)
    return sum(expire(at=at) for expire in expired)


@shared_task(name="grid.tasks.run_burden_recount")
def run_burden_recount() -> None:
    """Count the burden board anew from its rows, once a night."""
    burden_recount()
