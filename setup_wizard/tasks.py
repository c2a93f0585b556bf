"""What the wizard forgets by itself."""

from celery import shared_task
from django.utils import timezone

from setup_wizard.services.tables import tables_forget


@shared_task(name="setup_wizard.tasks.run_table_expiry")
def run_table_expiry() -> None:
    """Delete tables that nobody wrote within a week."""
    tables_forget(at=timezone.now())
