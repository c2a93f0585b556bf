"""Celery entry."""

from celery import shared_task
from django.utils import timezone

from governance.knowledge.services import reviews_remind


@shared_task(name="governance.knowledge.tasks.run_review_reminders")
def run_review_reminders() -> None:
    """Tell owners which articles have to be read again."""
    reviews_remind(at=timezone.now())
