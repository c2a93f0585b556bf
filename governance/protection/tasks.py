"""Celery entries of the app."""

from celery import shared_task
from django.utils import timezone

from governance.protection.assessments.services import assessments_running_out
from governance.protection.person_requests.services import person_copies_expire, person_requests_remind
from governance.protection.services import breaches_overdue


@shared_task(name="governance.protection.tasks.run_breaches_overdue")
def run_breaches_overdue() -> None:
    """Remind of what should have been told by now."""
    breaches_overdue(at=timezone.now())


@shared_task(name="governance.protection.tasks.run_assessments_running_out")
def run_assessments_running_out() -> None:
    """Remind of assessments that run out soon."""
    assessments_running_out(at=timezone.now())


@shared_task(name="governance.protection.tasks.run_person_requests_remind")
def run_person_requests_remind() -> None:
    """Remind of requests of the persons concerned that are due soon or overdue."""
    person_requests_remind(at=timezone.now())


@shared_task(name="governance.protection.tasks.run_person_copies_expire")
def run_person_copies_expire() -> None:
    """Delete the copies whose days are over."""
    person_copies_expire(at=timezone.now())
