"""Celery entry: clear away what nobody finished."""

from celery import shared_task
from django.utils import timezone

from governance.access.services.kept import kept_expire
from governance.accounts.services import accounts_sweep


@shared_task(name="governance.accounts.tasks.run_accounts_sweep")
def run_accounts_sweep() -> int:
    """Take away accounts that were never verified, devices whose session is over and what was typed a day ago.

    Returns how many accounts.
    """
    kept_expire(at=timezone.now())
    return accounts_sweep(at=timezone.now())
