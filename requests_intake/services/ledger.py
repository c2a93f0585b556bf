"""The long-term ledger (挂账, STANDARDS 1.6): an objective reason, a plan, an office, the day it comes back."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, constraint_errors
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import LedgerEntry, PauseKind, ServiceRequest, WorkOrder
from requests_intake.services.resting import opening, rest
from requests_intake.services.stepping import (
    check_step,
    order_lock,
    order_step,
    orders_refreshed,
    publish_of_order,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import Waiting

TEXT_MAX = 500
PLAN_MAX = 1000


def order_ask_ledger(
    *, order: WorkOrder, text: str, plan: str, milestone: date | None, actor: Viewer, at: datetime
) -> LedgerEntry:
    """Ask to put a matter on the long-term ledger. Until it is decided, the clocks run on.

    The office that asks is responsible. Raises `DomainError` on "text", "plan" or "milestone".
    """
    words, planned = clean_text(text)[:TEXT_MAX], clean_text(plan)[:PLAN_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "ask_ledger", actor, text=words, plan=planned, milestone=milestone)
        assert milestone is not None  # noqa: S101 - `check_step` has refused None
        if opening(milestone) <= at:
            raise DomainError("milestone_past", _("请选以后的日期"), field="milestone")
        entry = LedgerEntry.objects.create(
            request=request,
            order=locked,
            text=words,
            plan=planned,
            office=locked.organisation,
            milestone=milestone,
            asked_by=actor.user,
            asked_at=at,
        )
        order_step(locked, "ask_ledger", actor=actor, at=at, text=words)
        request.waiting_for = Waiting.LEDGER
        request_refreshed(request, at=at, fields={"waiting_for"})
        publish_of_order(events.LEDGER_ASKED, request, locked, actor, at)
    return entry


def ledger_approve(*, request: ServiceRequest, actor: Viewer, at: datetime) -> LedgerEntry:
    """Put the matter on the ledger: its clocks stand still until the milestone, and the resident is told why."""
    with constraint_errors(), transaction.atomic():
        locked, entry = _lock(request, "ledger", "", actor)
        until = opening(entry.milestone)
        if until <= at:
            raise DomainError("milestone_past", _("计划再看的那天已经过了，请不同意这次申请，让承办单位重新申请"))
        _decide(entry, True, "", actor, at)
        words = _("%(reason)s\n打算：%(plan)s") % {"reason": entry.text, "plan": entry.plan}
        rest(locked, "ledger", PauseKind.LEDGERED, words, until, actor, at)
        publish_of_order(events.LEDGERED, locked, entry.order, actor, at, until=until.isoformat())
    return entry


def ledger_refuse(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> LedgerEntry:
    """Refuse, with the reason: the office goes on within its dates."""
    words = clean_text(text)[:TEXT_MAX]
    with transaction.atomic():
        locked, entry = _lock(request, "refuse_ledger", words, actor)
        return _refuse(locked, entry, words, actor, at)


def ledger_expire(request: ServiceRequest, *, at: datetime) -> None:
    """Refuse what nobody decided in time; the request is locked."""
    entry = LedgerEntry.objects.select_related("order").get(request=request, decided_at__isnull=True)
    _refuse(request, entry, _("到期没有人定夺，按原来的期限办。"), SYSTEM, at)


def _lock(request: ServiceRequest, name: str, words: str, actor: Viewer) -> tuple[ServiceRequest, LedgerEntry]:
    locked = request_lock(request.pk)
    check_step(locked, name, actor, text=words)
    return locked, LedgerEntry.objects.select_related("order").get(request=locked, decided_at__isnull=True)


def _decide(entry: LedgerEntry, is_approved: bool, words: str, actor: Viewer, at: datetime) -> None:
    entry.decided_by, entry.decided_at, entry.is_approved, entry.decision = actor.user, at, is_approved, words
    entry.save(update_fields=["decided_by", "decided_at", "is_approved", "decision"])


def _refuse(request: ServiceRequest, entry: LedgerEntry, words: str, actor: Viewer, at: datetime) -> LedgerEntry:
    _decide(entry, False, words, actor, at)
    request_step(request, "refuse_ledger", actor=actor, at=at, text=words, changes={"waiting_for": ""})
    orders_refreshed(request)
    publish_of_order(events.LEDGER_REFUSED, request, entry.order, actor, at)
    return entry
