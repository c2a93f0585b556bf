"""Celery entries of the audit app."""

from celery import shared_task
from django.utils import timezone

from governance.access.viewer import SYSTEM
from governance.audit.services import exports_expire, findings_sweep, trail_anchor, trail_check


@shared_task(name="governance.audit.tasks.run_export_expiry")
def run_export_expiry() -> None:
    """Forget exports whose week is over."""
    exports_expire(at=timezone.now())


@shared_task(name="governance.audit.tasks.run_trail_check")
def run_trail_check() -> None:
    """Prove the trail; a break alarms those who review it."""
    trail_check(actor=SYSTEM, at=timezone.now())


@shared_task(name="governance.audit.tasks.run_trail_anchor")
def run_trail_anchor() -> None:
    """Note the digest of the last seal outside the database."""
    trail_anchor(at=timezone.now())


@shared_task(name="governance.audit.tasks.run_watch")
def run_watch() -> None:
    """Count what is watched, and tell those who look into it."""
    findings_sweep(at=timezone.now())


@shared_task(name="governance.audit.tasks.run_watch_back")
def run_watch_back() -> None:
    """Count two weeks once more: nothing is missed where workers stood still for days."""
    findings_sweep(at=timezone.now(), days=15)
