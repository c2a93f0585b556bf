"""Appointments: booked, moved and cancelled by the person, kept by the office, reminded of and forgotten by tasks.

Whoever takes a seat locks the window first, so that two people who press at once wait for each other; the table's
own rule (`appointment_seat_once`) holds whatever else goes wrong.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.reasons import checked_reason
from governance.access.viewer import ANONYMOUS, SYSTEM, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import NewEvent, publish_many
from governance.privacy.services import log_read
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import calendar_current
from requests_intake import events
from requests_intake.models import Appointment, AppointmentState, Channel, ServiceWindow
from requests_intake.models.appointments import SEATED
from requests_intake.numbers import number_for
from requests_intake.permissions import Capability
from requests_intake.services.clocks import turn_limit
from requests_intake.services.entry import entry_keep
from requests_intake.services.filing import phone_index, phone_indexes
from requests_intake.services.submission_data import token_digest
from requests_intake.services.windows import week_of
from requests_intake.slots import Span, days_offered, spans_on

KEEP_LIMIT = "appointment_keep"
LAPSES_AFTER = timedelta(hours=12)  # so long staff can still note in the evening who came
BATCH = 500
SHORTEST_PHONE = 7
_FIELDS = {"appointment_one_open": "phone", "appointment_seat_once": "starts_at"}


def appointment_book(
    *,
    window: ServiceWindow,
    starts_at: datetime | None,
    subject: str,
    name: str,
    phone: str,
    email: str,
    language: str,
    submission_key: UUID,
    at: datetime,
) -> Appointment:
    """Give somebody a seat at a time. The same key again returns the first appointment.

    Raises `DomainError` with the field: "starts_at" for a time that is not offered, too near or full, "name", "phone"
    (also for a second open appointment of this number at this window), "subject" where the window asks for one.
    """
    name, phone = clean_text(name, multiline=False)[:40], phone.strip()
    if not name:
        raise DomainError("name_required", _("请写称呼，窗口好叫您"), field="name")
    if len(phone) < SHORTEST_PHONE:
        raise DomainError("phone_required", _("请写电话：预约有变动，我们好告诉您"), field="phone")
    token, index = secrets.token_urlsafe(16), phone_index(phone)
    with _beside_fields(), transaction.atomic():
        locked = _locked_window(window)
        earlier = Appointment.objects.filter(submission_key=submission_key).first()
        if earlier is not None:
            return earlier
        _lapse(Appointment.objects.filter(window=locked, phone_index__in=phone_indexes(phone), ends_at__lte=at))
        span = _checked_span(locked, starts_at, at)
        said = _checked_subject(locked, subject)
        appointment = Appointment.objects.create(
            window=locked,
            number=_number(at),
            token_digest=token_digest(token),
            token=token,
            submission_key=submission_key,
            starts_at=span[0],
            ends_at=span[1],
            seat=_free_seat(locked, span),
            subject=said[0],
            subject_en=said[1],
            name=name,
            phone=phone,
            phone_index=index,
            email=email.strip(),
            language=language,
            booked_at=at,
        )
        _publish(events.APPOINTMENT_BOOKED, appointment, ANONYMOUS, at, starts_at=appointment.starts_at)
    return appointment


def appointment_move(*, appointment: Appointment, starts_at: datetime | None, at: datetime) -> Appointment:
    """Come at another time instead. Whoever holds the link may, until the cut-off of the time that was booked.

    Raises `StaleState` when it is over or cancelled, `DomainError` on "starts_at" as `appointment_book` does.
    """
    with _beside_fields(), transaction.atomic():
        window = _locked_window(appointment.window)
        locked = _locked(appointment)
        if at + timedelta(hours=window.cutoff_hours) > locked.starts_at:
            message = _("离预约的时间太近，不能改期了；来不了请取消，或打电话给窗口")
            raise DomainError("too_late", message, field="starts_at")
        if starts_at == locked.starts_at:
            raise DomainError("same_time", _("您约的就是这个时间，请换一个"), field="starts_at")
        span = _checked_span(window, starts_at, at)
        locked.starts_at, locked.ends_at = span
        locked.seat = _free_seat(window, span, besides=locked)
        # the message of the move is reminder enough for tomorrow
        near = timezone.localdate(span[0]) <= timezone.localdate(at) + timedelta(days=1)
        locked.reminded_at = at if near else None
        locked.save(update_fields=["starts_at", "ends_at", "seat", "reminded_at"])
        _publish(events.APPOINTMENT_MOVED, locked, ANONYMOUS, at, starts_at=locked.starts_at)
    return locked


def appointment_withdraw(*, appointment: Appointment, at: datetime) -> Appointment:
    """The person does not come: up to the last minute, the seat is free for somebody else. Raises `StaleState`."""
    with transaction.atomic():
        locked = _locked(appointment)
        if at >= locked.starts_at:
            raise StaleState("appointment_begun", _("约好的时间已经到了，不用再取消"))
        _end(locked, AppointmentState.WITHDRAWN, at)
        _publish(events.APPOINTMENT_WITHDRAWN, locked, ANONYMOUS, at)
    return locked


def appointment_mark(*, appointment: Appointment, state: str, actor: Viewer, at: datetime) -> Appointment:
    """Note that somebody came, or did not; what was noted wrongly is noted anew until the day ends.

    Raises `DomainError` before the day (arrived) or the time (no show), and for any other state; `StaleState` for one
    that was cancelled or is long over.
    """
    with transaction.atomic():
        locked = _locked(appointment, states=(AppointmentState.BOOKED, AppointmentState.ARRIVED,
                                              AppointmentState.NO_SHOW))  # fmt: skip
        require(actor, Capability.KEEP_APPOINTMENTS, locked)
        if state not in {AppointmentState.ARRIVED, AppointmentState.NO_SHOW}:
            raise DomainError("state_unknown", _("只能记来了或没来"))
        today, day = timezone.localdate(at), timezone.localdate(locked.starts_at)
        if today < day or (state == AppointmentState.NO_SHOW and at < locked.starts_at):
            raise DomainError("too_early", _("还没到约好的时间"))
        if locked.state != AppointmentState.BOOKED and today > day:
            raise StaleState("appointment_over", _("过了当天，记录就不再改"))
        if locked.state != state:
            _end(locked, AppointmentState(state), at)
            _publish(events.APPOINTMENT_MARKED, locked, actor, at, state=str(state))
    return locked


def appointments_cancel(
    *, appointments: Sequence[Appointment], reason: str, actor: Viewer, at: datetime
) -> list[Appointment]:
    """Cancel for the office: each person is told, with the reason. All or none.

    Raises `DomainError` on "reason", `Forbidden`, and `StaleState` when one of them is over or cancelled already.
    """
    why = checked_reason(reason)
    if not appointments:
        raise DomainError("none_chosen", _("请先勾要取消的预约"))
    with transaction.atomic():
        found = [_locked(one) for one in sorted(appointments, key=lambda one: one.pk)]
        for locked in found:
            require(actor, Capability.KEEP_APPOINTMENTS, locked)
            locked.reason = why
            _end(locked, AppointmentState.CANCELLED, at)
            _publish(events.APPOINTMENT_CANCELLED, locked, actor, at)
    return found


def appointment_reveal(*, appointment: Appointment, purpose: str, actor: Viewer, at: datetime) -> Appointment:
    """Return it to be shown in full, and log who read which of name, telephone and e-mail, and why."""
    if not purpose.strip():
        raise DomainError("purpose_required", _("请写为什么要看号码"), field="purpose")
    require(actor, Capability.KEEP_APPOINTMENTS, appointment)
    require(actor, Capability.REVEAL_CONTACT, appointment)
    with transaction.atomic():
        _log(appointment, purpose.strip(), actor, at)
        _publish(events.APPOINTMENT_REVEALED, appointment, actor, at)
    return appointment


def appointment_enter(*, appointment: Appointment, actor: Viewer, at: datetime) -> str:
    """Begin a counter entry with what the person left, and return its key. The clerk reads it there: it is logged.

    Raises `Forbidden` without the right to enter requests, `StaleState` when the person's details are gone.
    """
    require(actor, Capability.KEEP_APPOINTMENTS, appointment)
    if appointment.forgotten_at is not None:
        raise StaleState("appointment_forgotten", _("过了保存期，姓名和电话已经删掉了"))
    key = secrets.token_hex(16)
    said = {
        "channel": Channel.COUNTER.value,
        "name": str(appointment.name),
        "phone": str(appointment.phone),
        "email": str(appointment.email),
        "language": appointment.language,
        "body": appointment.subject,
    }
    with transaction.atomic():
        entry_keep(key=key, changes={"raw": said}, actor=actor, at=at)
        _log(appointment, "appointment_entry", actor, at)
        _publish(events.APPOINTMENT_REVEALED, appointment, actor, at)
    return key


def appointments_remind(*, at: datetime) -> int:
    """Tell those who come tomorrow and did not book or move only today; once, whatever runs twice. Returns how many."""
    tomorrow = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    told = 0
    while True:
        with transaction.atomic():
            due = list(
                Appointment.objects.filter(
                    state=AppointmentState.BOOKED,
                    reminded_at__isnull=True,
                    starts_at__gte=tomorrow,
                    starts_at__lt=tomorrow + timedelta(days=1),
                    booked_at__lt=tomorrow - timedelta(days=1),
                )
                .select_related("window")
                .select_for_update(of=("self",), skip_locked=True, no_key=True)
                .order_by("starts_at", "pk")[:BATCH]
            )
            if not due:
                return told
            publish_many(_event(events.APPOINTMENT_NEAR, one, SYSTEM, at, {"starts_at": one.starts_at}) for one in due)
            Appointment.objects.filter(pk__in=[one.pk for one in due]).update(reminded_at=at)
            told += len(due)


def appointments_forget(*, at: datetime) -> int:
    """Close what nobody noted, and remove names, telephones and e-mails once the office's days of keeping are over.

    The rows stay, without the person: how many came is counted from them. Returns how many were forgotten.
    """
    _lapse(Appointment.objects.filter(ends_at__lte=at - LAPSES_AFTER))
    over = at - timedelta(days=turn_limit(KEEP_LIMIT).amount)
    old = Appointment.objects.filter(forgotten_at__isnull=True, ends_at__lte=over)
    total = 0
    while pks := list(old.order_by("ends_at").values_list("pk", flat=True)[:BATCH]):
        total += Appointment.objects.filter(pk__in=pks).update(
            name="", phone="", phone_index="", email="", token="", forgotten_at=at
        )
    return total


@contextmanager
def _beside_fields() -> Iterator[None]:
    """Name the field that a violated rule of the table speaks of."""
    try:
        with constraint_errors():
            yield
    except DomainError as error:
        error.field = _FIELDS.get(error.code, error.field)
        raise


def _locked_window(window: ServiceWindow) -> ServiceWindow:
    return ServiceWindow.objects.select_for_update(of=("self",), no_key=True).get(pk=window.pk)


def _locked(appointment: Appointment, states: Sequence[AppointmentState] = (AppointmentState.BOOKED,)) -> Appointment:
    found = Appointment.objects.select_related("window").select_for_update(of=("self",), no_key=True)
    locked: Appointment = found.get(pk=appointment.pk)
    if locked.state not in states:
        message = _("这个预约已经是“%(state)s”，不用再动") % {"state": locked.get_state_display()}
        raise StaleState("appointment_over", message)
    return locked


def _checked_span(window: ServiceWindow, starts_at: datetime | None, at: datetime) -> Span:
    """Return the slot that begins at this moment; raises `DomainError` on "starts_at" where none is offered."""
    offer, calendar = window.offer, calendar_current()
    if starts_at is None:
        raise DomainError("slot_required", _("请选一个时间"), field="starts_at")
    day = calendar.local(starts_at).date()
    if offer is not None and window.is_active and day in days_offered(offer, calendar, at):
        for span in spans_on(day, offer, week_of(window), calendar):
            if span[0] == starts_at and at + timedelta(hours=offer.cutoff_hours) <= starts_at:
                return span
    raise DomainError("slot_gone", _("这个时间约不了了，请换一个"), field="starts_at")


def _free_seat(window: ServiceWindow, span: Span, *, besides: Appointment | None = None) -> int:
    seated = Appointment.objects.filter(window=window, state__in=SEATED, starts_at__lt=span[1], ends_at__gt=span[0])
    if besides is not None:
        seated = seated.exclude(pk=besides.pk)
    taken = set(seated.values_list("seat", flat=True))
    if len(taken) >= window.slot_seats:
        raise DomainError("slot_full", _("这个时间刚刚约满，请换一个"), field="starts_at")
    return min(set(range(window.slot_seats)) - taken)


def _checked_subject(window: ServiceWindow, subject: str) -> tuple[str, str]:
    """Return what was chosen, in both languages; a window without a list asks nothing."""
    if not window.subjects:
        return "", ""
    chosen = next((pair for pair in window.subjects if pair[0] == subject), None)
    if chosen is None:
        raise DomainError("subject_required", _("请选来办什么"), field="subject")
    return chosen[0], chosen[1]


def _number(at: datetime) -> str:
    """A number of the same sequence as requests have: one kind of number for whoever reads it out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_intake_number_seq')")
        return number_for(timezone.localdate(at), cursor.fetchone()[0])


def _end(appointment: Appointment, state: AppointmentState, at: datetime) -> None:
    appointment.state, appointment.ended_at = state, at
    appointment.save(update_fields=["state", "ended_at", "reason"])


def _lapse(appointments: Any) -> int:
    booked = appointments.filter(state=AppointmentState.BOOKED)
    return int(booked.update(state=AppointmentState.LAPSED, ended_at=F("ends_at")))


def _log(appointment: Appointment, purpose: str, actor: Viewer, at: datetime) -> None:
    fields = [name for name in ("name", "phone", "email") if getattr(appointment, name)]
    if fields:
        log_read(user_id=actor.user_id, subject=ref_of(appointment), fields=fields, purpose=purpose, at=at)


def _event(kind: EventType, appointment: Appointment, actor: Viewer, at: datetime, payload: Any) -> NewEvent:
    return NewEvent(
        event_type=kind,
        subject=appointment,
        actor=actor,
        at=at,
        area_code=appointment.window.area_code,
        payload={"window_id": appointment.window_id, **payload},
    )


def _publish(kind: EventType, appointment: Appointment, actor: Viewer, at: datetime, **payload: Any) -> None:
    publish_many([_event(kind, appointment, actor, at, payload)])
