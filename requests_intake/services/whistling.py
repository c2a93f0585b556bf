"""The whistle (吹哨报到, 条例 §16): departments are called in, report in, give results; then both sides rate."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.organisations.models import Organisation
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import Whistle, WhistleRating, WorkOrder
from requests_intake.models.requests import ServiceRequest
from requests_intake.selectors.whistles import may_whistle, rated_sides
from requests_intake.services.grants import grants_give
from requests_intake.services.stepping import (
    check_step,
    order_lock,
    order_step,
    publish_of_order,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.services.triage import helper_open
from requests_intake.workflow import OrderRole

ISSUE_MAX, COMMITMENT_MAX, WORD_MAX = 500, 500, 300


def request_whistle(
    *,
    request: ServiceRequest,
    organisations: Sequence[Organisation],
    issue: str,
    due_at: datetime | None,
    actor: Viewer,
    at: datetime,
    is_on_site: bool = False,
    meeting_at: datetime | None = None,
    place: str = "",
) -> Whistle:
    """Call organisations in: each gets an order, reports in within the limit "report_in" and gives its result in time.

    Their people may see the request until the limit "whistle_access" ends, or the call, or the request. Raises
    `Forbidden` where a department leads, `DomainError` on "organisations" for none, the lead or one that is in it
    already, on "due_at" for a time that is over, and where a meeting lacks its time or place.
    """
    words = clean_text(issue)[:ISSUE_MAX]
    chosen = sorted({one.pk: one for one in organisations}.values(), key=lambda one: one.pk)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "whistle", actor, organisations=chosen or None, issue=words, due_at=due_at)
        if not may_whistle(locked, actor):
            raise Forbidden("whistle_not_yours", _("由街道、社区牵头的，或受理台，才能吹哨"))
        assert due_at is not None  # noqa: S101 - `check_step` has refused None
        _check_called(locked, chosen)
        if due_at <= at:
            raise DomainError("whistle_due_past", _("要结果的时间得在现在以后"), field="due_at")
        where = clean_text(place)[:120]
        if is_on_site and (meeting_at is None or not where):
            raise DomainError(
                "whistle_meeting",
                _("要到现场的，请写什么时候、在哪里碰头"),
                field="place" if meeting_at else "meeting_at",
            )
        caller = actor.user.organisation
        whistle = Whistle.objects.create(
            request=locked,
            issue=words,
            by=actor.user,
            organisation=caller,
            at=at,
            due_at=due_at,
            is_on_site=is_on_site,
            meeting_at=meeting_at,
            place=where,
        )
        request_step(locked, "whistle", actor=actor, at=at, organisation=caller, text=words)
        for organisation in chosen:
            helper_open(
                locked,
                organisation,
                role=OrderRole.WHISTLE,
                actor=actor,
                at=at,
                instruction=words,
                due_at=due_at,
                whistle=whistle,
            )
            grants_give(request=locked, organisation=organisation, at=at)
    return whistle


def order_report_in(*, order: WorkOrder, commitment: str, actor: Viewer, at: datetime) -> WorkOrder:
    """Report in (报到) with what this organisation will do: it has a name now."""
    words = clean_text(commitment)[:COMMITMENT_MAX]
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "report_in", actor, commitment=words)
        changes = {"signed_at": at, "handler": actor.user, "commitment": words}
        order_step(locked, "report_in", actor=actor, at=at, text=words, changes=changes)
        request_refreshed(request, at=at)
        publish_of_order(events.REPORTED_IN, request, locked, actor, at)
    return locked


def whistle_rate_called(
    *, order: WorkOrder, grade: int | None, word: str, actor: Viewer, at: datetime
) -> WhistleRating:
    """The caller's mark for an organisation that was called in, once it has given its result."""
    return _rate("rate_called", WhistleRating.Side.CALLER, order, grade, word, actor, at)


def whistle_rate_call(*, order: WorkOrder, grade: int | None, word: str, actor: Viewer, at: datetime) -> WhistleRating:
    """The mark of an organisation that was called in for the call: was it needed, was it prepared?"""
    return _rate("rate_call", WhistleRating.Side.CALLED, order, grade, word, actor, at)


def _rate(
    name: str, side: WhistleRating.Side, order: WorkOrder, grade: int | None, word: str, actor: Viewer, at: datetime
) -> WhistleRating:
    words = clean_text(word)[:WORD_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, name, actor, grade=grade, word=words)
        if side in rated_sides(locked):
            raise StaleState("whistle_rated", _("已经评过了，不能再改"))
        assert grade is not None  # noqa: S101 - `check_step` has refused None
        rating = WhistleRating.objects.create(order=locked, side=side, grade=grade, word=words, by=actor.user, at=at)
        order_step(locked, name, actor=actor, at=at)
        publish_of_order(events.WHISTLE_RATED, request, locked, actor, at, side=side.value, grade=rating.grade)
    return rating


def _check_called(request: ServiceRequest, chosen: Sequence[Organisation]) -> None:
    inside = WorkOrder.objects.filter(request=request, is_current=True, organisation__in=chosen)
    names = _("、").join(order.organisation.short_label for order in inside.select_related("organisation"))
    if names:
        raise DomainError(
            "called_already", _("%(offices)s已经在这件诉求里了") % {"offices": names}, field="organisations"
        )
