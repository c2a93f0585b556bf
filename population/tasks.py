"""Celery entries: read the clock, call one service each."""

from celery import shared_task
from django.utils import timezone

from population.services.imports import imports_expire


@shared_task(name="population.tasks.run_imports_expiry")
def run_imports_expiry() -> int:
    """Forget tables that were handed in a month ago; return how many rows went."""
    return imports_expire(at=timezone.now())
