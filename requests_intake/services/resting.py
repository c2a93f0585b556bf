"""Pauses: a question to the resident, suspending until a date, and how each of them ends."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, constraint_errors
from governance.text import clean_text
from governance.worktime import add, calendar_current
from requests_intake import events
from requests_intake.models import Pause, PauseKind, ServiceRequest, WorkOrder
from requests_intake.services.clocks import turn_limit
from requests_intake.services.pausing import pause_begin, pause_end
from requests_intake.services.stepping import (
    check_step,
    note,
    order_lock,
    order_step,
    orders_refreshed,
    publish_of_request,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import (
    RESTING_STATES,
    Waiting,
)

QUESTION_MAX = 500
REASON_MAX = 500


def request_ask(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> Pause:
    """Ask the resident something, from the desk: the clocks stand still until the answer, or the limit "question"."""
    words = checked_question(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "ask", actor, text=words)
        return _ask(locked, words, actor, at)


def order_ask_resident(*, order: WorkOrder, text: str, actor: Viewer, at: datetime) -> Pause:
    """Ask the resident something, from the office that leads; the clocks stand still as above."""
    words = checked_question(text)
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "ask_resident", actor, text=words)
        order_step(locked, "ask_resident", actor=actor, at=at, text=words)
        return _ask(request, words, actor, at)


def checked_question(text: str) -> str:
    """Return the cleaned question. Raises `DomainError` on "text" for none, or one that is too long."""
    words = clean_text(text)
    if not words:
        raise DomainError("text_required", _("请写要问居民什么"), field="text")
    if len(words) > QUESTION_MAX:
        raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
    return words


def _ask(request: ServiceRequest, words: str, actor: Viewer, at: datetime) -> Pause:
    until = add(at, turn_limit("question"), calendar_current())
    asked = pause_begin(request, kind=PauseKind.QUESTION, text=words, until=until, actor=actor, at=at)
    request_step(
        request,
        "ask",
        actor=actor,
        at=at,
        organisation=actor.user.organisation if actor.user else None,
        text=words,
        changes={"waiting_for": Waiting.QUESTION, "paused_until": until},
    )
    orders_refreshed(request)
    publish_of_request(
        events.QUESTION_ASKED, request, actor, at, organisation_id=request.organisation_id, until=until.isoformat()
    )
    return asked


def request_suspend(
    *, request: ServiceRequest, text: str, until: date | None, actor: Viewer, at: datetime
) -> ServiceRequest:
    """Let a request rest until the office opens on a day, at most the limit "suspend_max" ahead [GK].

    The resident reads the reason. Raises `DomainError` on "text" or "until".
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "suspend", actor, text=words, until=until)
        assert until is not None  # noqa: S101 - `check_step` has refused None
        if len(words) > REASON_MAX:
            raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
        moment = opening(until)
        latest = add(at, turn_limit("suspend_max"), calendar_current())
        if moment <= at:
            raise DomainError("until_past", _("请选以后的日期"), field="until")
        if moment > latest:
            raise DomainError(
                "until_too_far",
                _("最多暂停到 %(day)s。更久才能解决的，请承办单位申请长期挂账。")
                % {"day": calendar_current().local(latest).date().isoformat()},
                field="until",
            )
        rest(locked, "suspend", PauseKind.SUSPENDED, words, moment, actor, at)
        publish_of_request(
            events.SUSPENDED, locked, actor, at, organisation_id=locked.organisation_id, until=moment.isoformat()
        )
    return locked


def rest(
    request: ServiceRequest, name: str, kind: PauseKind, words: str, until: datetime, actor: Viewer, at: datetime
) -> None:
    """Move a locked, checked request into a state in which nobody works on it, until `until`."""
    pause_begin(request, kind=kind, text=words, until=until, actor=actor, at=at)
    request_step(
        request,
        name,
        actor=actor,
        at=at,
        organisation=actor.user.organisation if actor.user else None,
        text=words,
        changes={
            "waiting_for": "",
            "paused_until": until,
            **({"ledgered_at": at} if kind == PauseKind.LEDGERED else {}),
        },
    )
    orders_refreshed(request)


def opening(day: date) -> datetime:
    """The moment at which the office opens on a day, were it a working day."""
    return calendar_current().periods(day)[0][0]


def request_resume(*, request: ServiceRequest, actor: Viewer, at: datetime) -> ServiceRequest:
    """Take up a suspended or ledgered request again: the clocks go on with what was left of them."""
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "resume", actor)
        _go_on(locked, actor, at)
    return locked


def _go_on(request: ServiceRequest, actor: Viewer, at: datetime) -> None:
    fields = pause_end(request, at=at)
    request_step(
        request,
        "resume",
        actor=actor,
        at=at,
        organisation=request.organisation,
        changes={field: getattr(request, field) for field in fields},
    )
    orders_refreshed(request)
    publish_of_request(events.RESUMED, request, actor, at, organisation_id=request.organisation_id)


def question_end(request: ServiceRequest, *, at: datetime) -> None:
    """End the question that a locked request waits for, without an answer on the page: the clocks go on."""
    fields = pause_end(request, at=at)
    request.waiting_for = ""
    request_refreshed(request, at=at, fields={*fields, "waiting_for"})
    orders_refreshed(request)


def pauses_due(*, at: datetime, limit: int) -> list[int]:
    """Return the requests whose pause ends by itself, the longest overdue first: 1 SQL."""
    due = ServiceRequest.objects.filter(paused_until__lte=at).values_list("pk", flat=True)
    return list(due.order_by("paused_until", "pk")[:limit])


def pause_expire(*, request_id: int, at: datetime) -> bool:
    """End a pause whose time is over. Whether it was still to be ended: running it twice does nothing more."""
    with transaction.atomic():
        locked = request_lock(request_id)
        if locked.paused_until is None or locked.paused_until > at:
            return False
        if locked.state in RESTING_STATES:
            _go_on(locked, SYSTEM, at)
        else:
            question_end(locked, at=at)
            note(locked, "unanswered", actor=SYSTEM, at=at)
            publish_of_request(events.QUESTION_LAPSED, locked, SYSTEM, at, organisation_id=locked.organisation_id)
    return True
