"""Celery entries of the overview."""

from celery import shared_task
from django.utils import timezone

from governance.dashboards.services import exports_expire


@shared_task(name="governance.dashboards.tasks.run_export_expiry")
def run_export_expiry() -> None:
    """Forget exports whose week is over."""
    exports_expire(at=timezone.now())
