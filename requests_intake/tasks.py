"""Celery entries: read the clock, call one service each."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from governance.errors import DomainError
from requests_intake.models import Clock
from requests_intake.services.alerts import alert_sweep
from requests_intake.services.appointments import appointments_forget, appointments_remind
from requests_intake.services.callback import rating_expire
from requests_intake.services.closing import request_archive, requests_to_archive
from requests_intake.services.drafts import drafts_expire
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.figures import figures_refresh
from requests_intake.services.following import area_news, follows_forget
from requests_intake.services.interventions import supervisions_late
from requests_intake.services.resting import pause_expire, pauses_due
from requests_intake.services.returns import turn_expire
from requests_intake.services.rollups import rollups_fold_all, rollups_recount
from requests_intake.services.rules import rules_check
from requests_intake.services.upstream import batches_forget
from requests_intake.workflow import ClockKind

log = structlog.get_logger(__name__)

EXPIRED_A_RUN = 500
ARCHIVED_A_RUN = 2_000


@shared_task(name="requests_intake.tasks.run_deadline_sweep")
def run_deadline_sweep() -> None:
    """Raise every rung that is due."""
    deadline_sweep(at=timezone.now())


@shared_task(name="requests_intake.tasks.run_supervision_sweep")
def run_supervision_sweep() -> None:
    """Tell of supervisions whose date has passed without an answer."""
    supervisions_late(at=timezone.now())


@shared_task(name="requests_intake.tasks.run_rollups_fold")
def run_rollups_fold() -> None:
    """Fold what changed since the last minute into the figures."""
    rollups_fold_all()


@shared_task(name="requests_intake.tasks.run_rollups_recount")
def run_rollups_recount() -> None:
    """Prove the figures against the rows, at night; a difference is loud."""
    check = rollups_recount(at=timezone.now())
    if check.differences:
        log.error("rollups_differ", differences=check.differences, sample=check.sample[:5])


@shared_task(name="requests_intake.tasks.run_alert_sweep")
def run_alert_sweep() -> None:
    """Call the next person of every alert that nobody answered in time."""
    alert_sweep(at=timezone.now())


@shared_task(name="requests_intake.tasks.run_callback_expiry")
def run_callback_expiry() -> None:
    """Close what nobody rated in time, as "not rated"."""
    at = timezone.now()
    due = _run_out(ClockKind.RATE, "request_id", at)
    _each(due, lambda pk: rating_expire(request_id=pk, at=at), "rating_not_expired")


@shared_task(name="requests_intake.tasks.run_draft_expiry")
def run_draft_expiry() -> None:
    """Forget drafts that nobody touched for seven days."""
    drafts_expire(at=timezone.now())


NEWS_HOUR = 8


@shared_task(name="requests_intake.tasks.run_public_figures")
def run_public_figures() -> None:
    """Make the figures of the public statistics page anew."""
    figures_refresh(at=timezone.now())


@shared_task(name="requests_intake.tasks.run_area_news")
def run_area_news() -> None:
    """Tell followers of areas what is new, in the morning; forget addresses that are not needed any more."""
    at = timezone.now()
    if timezone.localtime(at).hour < NEWS_HOUR:
        return
    area_news(at=at)
    follows_forget(at=at)


@shared_task(name="requests_intake.tasks.run_turn_expiry")
def run_turn_expiry() -> None:
    """Let returns, disputes and applications end that nobody decided in time: everything stays as it was."""
    at = timezone.now()
    _each(_run_out(ClockKind.DECIDE, "pk", at), lambda pk: turn_expire(clock_id=pk, at=at), "turn_not_expired")


@shared_task(name="requests_intake.tasks.run_pause_expiry")
def run_pause_expiry() -> None:
    """Let questions, suspensions and ledger entries end whose time is over."""
    at = timezone.now()
    due = pauses_due(at=at, limit=EXPIRED_A_RUN)
    _each(due, lambda pk: pause_expire(request_id=pk, at=at), "pause_not_ended")


def _run_out(kind: ClockKind, field: str, at: datetime) -> list[int]:
    due = Clock.objects.filter(kind=kind, stopped_at__isnull=True, due_at__lte=at)
    return list(due.order_by("due_at", "pk").values_list(field, flat=True)[:EXPIRED_A_RUN])


def _each(pks: Iterable[int], expire: Callable[[int], Any], warning: str) -> None:
    """Let each of them end. One that cannot holds up no other."""
    for pk in pks:
        try:
            expire(pk)
        except DomainError as error:
            log.warning(warning, pk=pk, code=error.code)


@shared_task(name="requests_intake.tasks.run_archive")
def run_archive() -> None:
    """File away what ended long ago, the oldest first."""
    at = timezone.now()
    for request_id in requests_to_archive(at=at, limit=ARCHIVED_A_RUN):
        request_archive(request_id=request_id, at=at)


@shared_task(name="requests_intake.tasks.run_batch_expiry")
def run_batch_expiry() -> None:
    """Forget the tables of the upstream hotline thirty days after they came."""
    batches_forget(at=timezone.now())


@shared_task(name="requests_intake.tasks.run_rules_check")
def run_rules_check() -> None:
    """Switch off dispatch rules that can no longer be asked: a calendar runs out without anybody doing anything."""
    rules_check(at=timezone.now())


REMIND_HOURS = range(9, 21)  # local: nobody is woken by a reminder


@shared_task(name="requests_intake.tasks.run_appointment_reminders")
def run_appointment_reminders() -> None:
    """Remind those who come to a window tomorrow."""
    at = timezone.now()
    if timezone.localtime(at).hour in REMIND_HOURS:
        appointments_remind(at=at)


@shared_task(name="requests_intake.tasks.run_appointment_expiry")
def run_appointment_expiry() -> None:
    """Close appointments that nobody noted, and forget who came long ago."""
    appointments_forget(at=timezone.now())
