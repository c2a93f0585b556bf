"""Celery entries of the app."""

from celery import shared_task
from django.utils import timezone

from governance.protection.services import breaches_overdue


@shared_task(name="governance.protection.tasks.run_breaches_overdue")
def run_breaches_overdue() -> None:
    """Remind of what should have been told by now."""
    breaches_overdue(at=timezone.now())
