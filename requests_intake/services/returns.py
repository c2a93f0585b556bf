"""Giving an order back, and disputes over whose duty it is: once, decided, and then for good (潍坊 §22, 条例 §12.3)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, constraint_errors
from governance.organisations.models import Organisation
from governance.text import clean_text
from governance.worktime import add, calendar_current
from requests_intake import events
from requests_intake.models import Clock, Dispute, Ground, OrderReturn, ServiceRequest, WorkOrder
from requests_intake.services.clocks import turn_limit
from requests_intake.services.extension import extension_expire
from requests_intake.services.ledger import ledger_expire
from requests_intake.services.stepping import (
    check_step,
    order_lock,
    order_step,
    publish_of_order,
    request_refreshed,
    request_step,
)
from requests_intake.services.triage import lead_open
from requests_intake.workflow import LEDGER_WAITS, ClockKind, OrderState, Waiting

REASON_MAX = 500
BASIS_MAX = 1000


def order_request_return(*, order: WorkOrder, ground: str, text: str, actor: Viewer, at: datetime) -> OrderReturn:
    """Ask the desk to take an order back, on one of four grounds, within the window after it was dispatched.

    Until it is decided the office keeps the order and its clocks (首接负责). Raises `DomainError` where the order was
    designated (nobody returns it any more), the window is over, the ground is unknown (field "ground") or no words
    say why (field "text").
    """
    words = clean_text(text)[:REASON_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "request_return", actor, ground=ground, text=words)
        if ground not in Ground.values:
            raise DomainError("ground_unknown", _("请选退单的理由"), field="ground")
        if locked.is_designated:
            raise DomainError("order_designated", _("这张工单已经指定由您单位承办，不能再退。有争议请提出派单异议。"))
        urgent = request.category is not None and request.category.urgency == "urgent"
        window = turn_limit("return_urgent" if urgent else "return")
        if add(locked.dispatched_at, window, calendar_current()) < at:
            raise DomainError("return_too_late", _("退单的时限已经过了。有争议请提出派单异议。"))
        asked = OrderReturn.objects.create(order=locked, ground=ground, text=words, asked_by=actor.user, asked_at=at)
        order_step(locked, "request_return", actor=actor, at=at, text=words)
        request.returned_at = at
        _waits(request, Waiting.RETURN, at, "returned_at")
        publish_of_order(events.RETURN_ASKED, request, locked, actor, at, ground=ground)
    return asked


def return_uphold(*, order: WorkOrder, text: str, actor: Viewer, at: datetime) -> WorkOrder:
    """Take the order back: the request waits to be dispatched again, and whoever gets it then keeps it."""
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "uphold_return", actor)
        _decided(locked, True, text, actor, at)
        order_step(locked, "uphold_return", actor=actor, at=at, text=clean_text(text)[:REASON_MAX], changes=_LEAVES)
        _gives_way(request, locked, actor, at)
        _publish_return(request, locked, True, actor, at)
    return locked


def return_refuse(*, order: WorkOrder, text: str, actor: Viewer, at: datetime) -> WorkOrder:
    """Designate: the order stays where it is, for good, with the reason."""
    words = clean_text(text)[:REASON_MAX]
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "refuse_return", actor, text=words)
        _decided(locked, False, words, actor, at)
        order_step(locked, "refuse_return", actor=actor, at=at, text=words, changes={"is_designated": True})
        _stays(request, at)
        _publish_return(request, locked, False, actor, at)
    return locked


def order_dispute(*, order: WorkOrder, basis: str, actor: Viewer, at: datetime) -> Dispute:
    """Raise an objection to the dispatch with its legal basis (条例 §12.3); order and clocks stay with the office."""
    words = clean_text(basis)[:BASIS_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "dispute", actor, basis=words)
        if Dispute.objects.filter(order=locked).exists():
            raise DomainError("dispute_decided", _("这张工单的异议已经裁定过，裁定以后不再改派"))
        dispute = Dispute.objects.create(
            order=locked,
            category_code=request.category.code if request.category else "",
            area_code=request.area_code,
            basis=words,
            raised_by=actor.user,
            raised_at=at,
        )
        order_step(locked, "dispute", actor=actor, at=at, text=words)
        request.disputed_at = at
        _waits(request, Waiting.DISPUTE, at, "disputed_at")
        publish_of_order(events.DISPUTE_RAISED, request, locked, actor, at)
    return dispute


def dispute_decide(
    *, order: WorkOrder, organisation: Organisation | None, text: str, actor: Viewer, at: datetime
) -> Dispute:
    """Decide who handles it, for good, with the reason; the decision is a precedent for similar requests.

    The same organisation keeps its order; another one gets a new lead order at once, due on the date that the resident
    was promised.
    """
    words = clean_text(text)[:BASIS_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        stays = organisation is not None and organisation.pk == locked.organisation_id
        check_step(locked, "keep" if stays else "hand_over", actor, organisation=organisation, text=words)
        assert organisation is not None  # noqa: S101 - `check_step` has refused None
        dispute = Dispute.objects.get(order=locked, decided_at__isnull=True)
        dispute.organisation, dispute.decision = organisation, words
        dispute.decided_by, dispute.decided_at = actor.user, at
        dispute.save(update_fields=["organisation", "decision", "decided_by", "decided_at"])
        if stays:
            order_step(locked, "keep", actor=actor, at=at, text=words, changes={"is_designated": True})
            _stays(request, at)
        else:
            order_step(locked, "hand_over", actor=actor, at=at, text=words, changes=_LEAVES)
            _gives_way(request, locked, actor, at)
            lead_open(request, organisation, actor=actor, at=at, instruction=words)
        publish_of_order(events.DISPUTE_DECIDED, request, locked, actor, at, decided_organisation_id=organisation.pk)
    return dispute


def turn_expire(*, clock_id: int, at: datetime) -> bool:
    """Let what nobody decided in time end: the order stays with its office, the date stays. Whether it did."""
    with transaction.atomic():
        found = Clock.objects.filter(pk=clock_id, order__isnull=False).values_list("order_id", flat=True).first()
        if found is None:
            return False
        request, order = order_lock(found)
        due = Clock.objects.filter(pk=clock_id, kind=ClockKind.DECIDE, stopped_at__isnull=True, due_at__lte=at).exists()
        if not due:
            return False
        words = _("到期没有人定夺，按首接负责由原单位承办。")
        if order.state == OrderState.RETURN_REQUESTED:
            _decided(order, False, words, SYSTEM, at)
            order_step(order, "refuse_return", actor=SYSTEM, at=at, text=words, changes={"is_designated": True})
            _publish_return(request, order, False, SYSTEM, at)
        elif order.state == OrderState.DISPUTED:
            Dispute.objects.filter(order=order, decided_at__isnull=True).update(
                organisation=order.organisation, decision=words, decided_at=at
            )
            order_step(order, "keep", actor=SYSTEM, at=at, text=words, changes={"is_designated": True})
        elif request.waiting_for == Waiting.EXTENSION:
            extension_expire(request, at=at)
            return True
        elif request.waiting_for in LEDGER_WAITS:
            ledger_expire(request, at=at)
            return True
        else:
            return False
        _stays(request, at)
    return True


# A lead order that left: another one takes its place.
_LEAVES = {"is_current": False}


def _waits(request: ServiceRequest, waiting: Waiting, at: datetime, since: str) -> None:
    request.waiting_for = waiting
    request_refreshed(request, at=at, fields={"waiting_for", since})


def _stays(request: ServiceRequest, at: datetime) -> None:
    request.waiting_for, request.is_designated = "", True
    request_refreshed(request, at=at, fields={"waiting_for", "is_designated"})


def _gives_way(request: ServiceRequest, order: WorkOrder, actor: Viewer, at: datetime) -> None:
    """The request goes back to the desk, without office and handler; those who help go on helping."""
    request_step(
        request,
        "returned",
        actor=actor,
        at=at,
        order=order,
        organisation=order.organisation,
        changes={"waiting_for": "", "is_designated": True, "organisation": None, "handler": None},
    )


def _decided(order: WorkOrder, is_upheld: bool, text: str, actor: Viewer, at: datetime) -> None:
    OrderReturn.objects.filter(order=order).update(
        is_upheld=is_upheld, decision=clean_text(text)[:REASON_MAX], decided_by=actor.user, decided_at=at
    )


def _publish_return(request: ServiceRequest, order: WorkOrder, is_upheld: bool, actor: Viewer, at: datetime) -> None:
    publish_of_order(events.RETURN_DECIDED, request, order, actor, at, is_upheld=is_upheld)
