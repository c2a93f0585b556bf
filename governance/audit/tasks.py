"""Celery entries of the audit app."""

from celery import shared_task
from django.utils import timezone

from governance.audit.services import exports_expire


@shared_task(name="governance.audit.tasks.run_export_expiry")
def run_export_expiry() -> None:
    """Forget exports whose week is over."""
    exports_expire(at=timezone.now())
