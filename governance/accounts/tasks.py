"""Celery entry: clear away what nobody finished."""

from celery import shared_task
from django.utils import timezone

from governance.accounts.services import accounts_sweep


@shared_task(name="governance.accounts.tasks.run_accounts_sweep")
def run_accounts_sweep() -> int:
    """Take away accounts that were never verified and devices whose session is over; return how many accounts."""
    return accounts_sweep(at=timezone.now())
