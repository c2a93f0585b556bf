"""Urging (催办), supervising (督办), instructing (批示): a leader presses, the office keeps the order and its dates."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.text import clean_text
from governance.worktime import calendar_current
from requests_intake import events
from requests_intake.models import Intervention, ServiceRequest, WorkOrder
from requests_intake.services.stepping import (
    check_step,
    order_lock,
    order_step,
    publish_of_request,
    request_lock,
    request_step,
)

TEXT_MAX = 500
ANSWER_MAX = 1000
TOLD_A_RUN = 500
URGE, SUPERVISE, INSTRUCT = Intervention.Kind.URGE, Intervention.Kind.SUPERVISE, Intervention.Kind.INSTRUCT


def request_urge(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> Intervention:
    """Urge whoever has the request, with words (催办). Nothing moves; they are told at once."""
    return _press(request, URGE, text, None, actor, at)


def request_instruct(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> Intervention:
    """Write a leader's instruction (批示) into the course; whoever has the request is told at once."""
    return _press(request, INSTRUCT, text, None, actor, at)


def request_supervise(
    *, request: ServiceRequest, text: str, until: date | None, actor: Viewer, at: datetime
) -> Intervention:
    """Demand an answer from the office that leads by the end of a working day (督办), by a numbered sheet.

    One at a time. Raises `DomainError` on "text" or "until".
    """
    return _press(request, SUPERVISE, text, until, actor, at)


def _press(
    request: ServiceRequest, kind: Intervention.Kind, text: str, until: date | None, actor: Viewer, at: datetime
) -> Intervention:
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, kind, actor, text=words, until=until)
        if len(words) > TEXT_MAX:
            raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
        changes = {}
        due = None
        if kind == SUPERVISE:
            assert until is not None  # noqa: S101 - `check_step` has refused None
            if locked.supervised_until is not None:
                raise DomainError("supervised_already", _("这件已经在督办，等承办单位回复"))
            due = end_of(until)
            if due <= at:
                raise DomainError("until_past", _("请选以后的日期"), field="until")
            changes["supervised_until"] = due
        made = Intervention.objects.create(
            request=locked,
            kind=kind,
            organisation_id=locked.organisation_id,
            area_code=locked.area_code,
            number=_number(locked) if kind == SUPERVISE else "",
            text=words,
            due_at=due,
            by=actor.user,
            at=at,
        )
        request_step(
            locked,
            kind,
            actor=actor,
            at=at,
            organisation=actor.user.organisation if actor.user else None,
            text=words,
            changes=changes,
        )
        publish_of_request(
            events.INTERVENED[kind], locked, actor, at, organisation_id=locked.organisation_id, intervention_id=made.pk
        )
    return made


def end_of(day: date) -> datetime:
    """The moment at which the office closes on a day, were it a working day."""
    return calendar_current().periods(day)[-1][1]


def _number(request: ServiceRequest) -> str:
    made = Intervention.objects.filter(request=request, kind=SUPERVISE).count()
    return f"{request.number}-D{made + 1}"


def supervision_answer(*, order: WorkOrder, text: str, actor: Viewer, at: datetime) -> Intervention:
    """Answer the open supervision of a request, by the office that leads it. The resident is answered separately.

    Raises `DomainError` on "text", `StaleState` where nobody supervises it (any more).
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "answer_supervision", actor, text=words)
        if len(words) > ANSWER_MAX:
            raise DomainError("text_too_long", _("最多写 1000 字，请写短一些"), field="text")
        found = Intervention.objects.filter(request=request, kind=SUPERVISE, answered_at__isnull=True).first()
        if found is None:
            raise StaleState("not_supervised", _("现在没有要回复的督办"))
        found.answer, found.answered_by, found.answered_at = words, actor.user, at
        found.save(update_fields=["answer", "answered_by", "answered_at"])
        order_step(locked, "answer_supervision", actor=actor, at=at, text=words)
        request.supervised_until = None
        request.save(update_fields=["supervised_until"])
        publish_of_request(
            events.SUPERVISION_ANSWERED,
            request,
            actor,
            at,
            organisation_id=locked.organisation_id,
            intervention_id=found.pk,
        )
    return found


def supervisions_late(*, at: datetime) -> int:
    """Tell both sides of supervisions whose date has passed without an answer, once; return how many."""
    due = Intervention.objects.filter(kind=SUPERVISE, answered_at__isnull=True, late_told=False, due_at__lt=at)
    with transaction.atomic():
        rows = list(
            due.select_related("request")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("due_at", "pk")[:TOLD_A_RUN]
        )
        for one in rows:
            publish_of_request(
                events.SUPERVISION_LATE,
                one.request,
                SYSTEM,
                at,
                organisation_id=one.organisation_id,
                intervention_id=one.pk,
            )
        Intervention.objects.filter(pk__in=[one.pk for one in rows]).update(late_told=True)
    return len(rows)
