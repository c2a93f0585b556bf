"""The one extension of a request's answer: asked for in time, decided by a supervisor, told with its reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, constraint_errors
from governance.text import clean_text
from governance.worktime import Duration, add, calendar_current
from requests_intake import events
from requests_intake.models import Clock, Extension, ServiceRequest, TurnLimit, WorkOrder
from requests_intake.selectors.policies import limit_text
from requests_intake.services.clocks import clock_build, ladder, next_rung, turn_limit
from requests_intake.services.stepping import (
    check_step,
    limits_for,
    order_lock,
    order_step,
    orders_refreshed,
    publish_of_order,
    publish_of_request,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import ClockKind, Waiting

TEXT_MAX = 500
EXTEND_MAX = "extend_max"


def promise_of(request: ServiceRequest) -> Duration:
    """The limit that was promised for the answer: an extension counts in its unit."""
    return limits_for(request).durations[ClockKind.ANSWER]


def most_of(promise: Duration) -> int:
    """By how many of its units a promise can be extended at most [GK]: 1 SQL."""
    times = TurnLimit.objects.filter(key=EXTEND_MAX).values_list("amount", flat=True).first() or 1
    return promise.amount * times


def order_ask_extension(*, order: WorkOrder, amount: int | None, text: str, actor: Viewer, at: datetime) -> Extension:
    """Ask for more time, once, before the answer is due. The resident will read the reason.

    Raises `DomainError` where the deadline has passed or it was asked for before; on "amount" for nothing or more than
    the limit "extend_max" times the promise; on "text" for no reason.
    """
    words = clean_text(text)[:TEXT_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "ask_extension", actor, amount=amount, text=words)
        assert amount is not None  # noqa: S101 - `check_step` has refused None
        if request.extension_asked:
            raise DomainError("extension_asked", _("延期只能申请一次，这件已经申请过了"))
        if request.due_at <= at:
            raise DomainError("extension_too_late", _("期限已经过了，不能再申请延期。请先联系居民说明，尽快办。"))
        promise = promise_of(request)
        most = most_of(promise)
        if not 1 <= amount <= most:
            raise DomainError(
                "extension_amount",
                _("最多延 %(most)s") % {"most": limit_text(Duration(most, promise.unit))},
                field="amount",
            )
        calendar = calendar_current()
        asked = Extension.objects.create(
            request=request,
            order=locked,
            amount=amount,
            unit=promise.unit,
            text=words,
            asked_by=actor.user,
            asked_at=at,
            due_before=request.due_at,
            due_after=add(request.due_at, Duration(amount, promise.unit), calendar),
        )
        # undecided when the answer is due, it is refused; the deciders are reminded long before
        clock_build(
            request=request,
            order=locked,
            kind=ClockKind.DECIDE,
            start=at,
            due=request.due_at,
            duration=turn_limit("decide"),
            calendar=calendar,
        ).save()
        order_step(locked, "ask_extension", actor=actor, at=at, text=words)
        request.waiting_for, request.extension_asked = Waiting.EXTENSION, True
        request_refreshed(request, at=at, fields={"waiting_for", "extension_asked"})
        publish_of_order(events.EXTENSION_ASKED, request, locked, actor, at)
    return asked


def extension_approve(*, request: ServiceRequest, actor: Viewer, at: datetime) -> Extension:
    """Move the answer's date; what was promised at first stays on record."""
    with transaction.atomic():
        locked, asked = _lock(request, "approve_extension", "", actor, at)
        asked.decided_by, asked.decided_at, asked.is_approved = actor.user, at, True
        asked.save(update_fields=["decided_by", "decided_at", "is_approved"])
        clock = Clock.objects.select_for_update(of=("self",), no_key=True).get(
            request=locked, kind=ClockKind.ANSWER, stopped_at__isnull=True
        )
        ahead = clock.due_at - clock.warn_at  # warned as long before the new date as before the old one
        clock.due_at = asked.due_after
        if clock.level == 0:
            clock.warn_at = asked.due_after - ahead
        clock.next_at = next_rung(clock, ladder())
        clock.save(update_fields=["due_at", "warn_at", "next_at"])
        locked.due_at = asked.due_after
        request_step(
            locked,
            "approve_extension",
            actor=actor,
            at=at,
            organisation=actor.user.organisation if actor.user else None,
            text=asked.text,
            changes={"waiting_for": "", "due_at": asked.due_after},
        )
        orders_refreshed(locked)
        publish_of_request(
            events.EXTENDED,
            locked,
            actor,
            at,
            order_id=asked.order_id,
            organisation_id=locked.organisation_id,
            due_before=asked.due_before.isoformat(),
            due_at=asked.due_after.isoformat(),
        )
    return asked


def extension_refuse(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> Extension:
    """Refuse, with the reason: the date stays. A second one cannot be asked for."""
    words = clean_text(text)[:TEXT_MAX]
    with transaction.atomic():
        locked, asked = _lock(request, "refuse_extension", words, actor, at)
        return _refuse(locked, asked, words, actor, at)


def extension_expire(request: ServiceRequest, *, at: datetime) -> None:
    """Refuse what nobody decided before the answer was due; the request is locked."""
    asked = Extension.objects.get(request=request)
    _refuse(request, asked, _("到期没有人定夺，按原来的期限办。"), SYSTEM, at)


def _lock(
    request: ServiceRequest, name: str, words: str, actor: Viewer, at: datetime
) -> tuple[ServiceRequest, Extension]:
    locked = request_lock(request.pk)
    check_step(locked, name, actor, text=words)
    asked = Extension.objects.get(request=locked)
    if locked.due_at <= at:
        raise DomainError("extension_decided_late", _("期限已经过了，延期申请自动作罢"))
    return locked, asked


def _refuse(request: ServiceRequest, asked: Extension, words: str, actor: Viewer, at: datetime) -> Extension:
    asked.decided_by, asked.decided_at, asked.is_approved, asked.decision = actor.user, at, False, words
    asked.save(update_fields=["decided_by", "decided_at", "is_approved", "decision"])
    request_step(request, "refuse_extension", actor=actor, at=at, text=words, changes={"waiting_for": ""})
    orders_refreshed(request)
    publish_of_request(
        events.EXTENSION_REFUSED, request, actor, at, order_id=asked.order_id, organisation_id=request.organisation_id
    )
    return asked
