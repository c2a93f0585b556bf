"""Celery entries: read the clock, call one service each."""

import structlog
from celery import shared_task
from django.utils import timezone

from governance.errors import DomainError
from requests_intake.models import Clock
from requests_intake.services.callback import rating_expire
from requests_intake.services.closing import request_archive, requests_to_archive
from requests_intake.services.drafts import drafts_expire
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.figures import figures_refresh
from requests_intake.services.following import area_news, follows_forget
from requests_intake.services.resting import pause_expire, pauses_due
from requests_intake.services.returns import turn_expire
from requests_intake.services.rules import rules_check
from requests_intake.services.upstream import batches_forget
from requests_intake.workflow import ClockKind

log = structlog.get_logger(__name__)

RATINGS_A_RUN = 500
ARCHIVED_A_RUN = 2_000


@shared_task(name="requests_intake.tasks.run_deadline_sweep")
def run_deadline_sweep() -> None:
    """Raise every rung that is due."""
    deadline_sweep(at=timezone.now())


@shared_task(name="requests_intake.tasks.run_callback_expiry")
def run_callback_expiry() -> None:
    """Close what nobody rated in time, as "not rated". One that cannot be closed does not hold up the others."""
    at = timezone.now()
    due = (
        Clock.objects.filter(kind=ClockKind.RATE, stopped_at__isnull=True, due_at__lte=at)
        .order_by("due_at")
        .values_list("request_id", flat=True)[:RATINGS_A_RUN]
    )
    for request_id in list(due):
        try:
            rating_expire(request_id=request_id, at=at)
        except DomainError as error:
            log.warning("rating_not_expired", request=request_id, code=error.code)


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
    due = (
        Clock.objects.filter(kind=ClockKind.DECIDE, stopped_at__isnull=True, due_at__lte=at)
        .order_by("due_at")
        .values_list("pk", flat=True)[:RATINGS_A_RUN]
    )
    for clock_id in list(due):
        try:
            turn_expire(clock_id=clock_id, at=at)
        except DomainError as error:
            log.warning("turn_not_expired", clock=clock_id, code=error.code)


@shared_task(name="requests_intake.tasks.run_pause_expiry")
def run_pause_expiry() -> None:
    """Let questions, suspensions and ledger entries end whose time is over. One that cannot end holds up no other."""
    at = timezone.now()
    for request_id in pauses_due(at=at, limit=RATINGS_A_RUN):
        try:
            pause_expire(request_id=request_id, at=at)
        except DomainError as error:
            log.warning("pause_not_ended", request=request_id, code=error.code)


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
