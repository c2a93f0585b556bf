"""Celery entries of administration."""

from celery import shared_task
from django.utils import timezone

from governance.access.services.emergency import releases_expire
from governance.access.services.ending import reminders_send
from governance.access.services.importing import imports_forget
from governance.access.services.reviewing import reviews_close, reviews_remind
from governance.administration.services import horizon_check


@shared_task(name="governance.administration.tasks.run_calendar_check")
def run_calendar_check() -> None:
    """Say in time that the working calendar is about to run out."""
    horizon_check(at=timezone.now())


@shared_task(name="governance.administration.tasks.run_emergency_expiry")
def run_emergency_expiry() -> None:
    """Seal the emergency account when its hours are over."""
    releases_expire(at=timezone.now())


@shared_task(name="governance.administration.tasks.run_grants_upkeep")
def run_grants_upkeep() -> None:
    """Tell in time what ends and what is due, end what was to end by itself, forget tables that nobody wrote."""
    reminders_send(at=timezone.now())
    reviews_remind(at=timezone.now())
    reviews_close(at=timezone.now())
    imports_forget(at=timezone.now())
