"""Appointments: seats are never given twice, people are told, offices keep them, and forget who came."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.worktime import calendar_forget
from governance.worktime.models import CalendarDay
from requests_intake.models import Appointment, AppointmentState, Draft, ServiceWindow
from requests_intake.opening import parse_special_days
from requests_intake.selectors.appointments import days_to_book, unfit
from requests_intake.services.appointments import (
    appointment_book,
    appointment_enter,
    appointment_mark,
    appointment_move,
    appointment_reveal,
    appointment_withdraw,
    appointments_cancel,
    appointments_forget,
    appointments_remind,
)
from requests_intake.services.windows import WindowDraft, window_change, window_create
from tests.factories.world import MORNING, add_person
from tests.sql import assert_sql
from tests.web.english import chinese_in

# MORNING is Tuesday 17 November 2026, 10:00. Slots of half an hour, two seats, from tomorrow to a week ahead.
USUAL = [(510, 720), (810, 1050)]


def local(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


NINE = local("2026-11-18 09:00")


def draft(world, **changes):
    values = {
        "organisation": world.organisations["east"],
        "name": "接待室",
        "name_en": "Reception",
        "address": "槐安里 3 号楼",
        "address_en": "Block 3, Huai'an Li",
        "hours": dict.fromkeys(range(5), USUAL),
        "slot_minutes": 30,
        "slot_seats": 2,
        "book_from_days": 1,
        "book_until_days": 7,
        "cutoff_hours": 2,
        "subjects": [["开居住证明", "Proof of residence"], ["别的", "Something else"]],
    }
    return WindowDraft(**values | changes)


def open_window(world, **changes) -> ServiceWindow:
    return window_create(draft=draft(world, **changes), actor=world.viewer("head"), at=MORNING)


def book(window, starts_at=NINE, at=MORNING, **changes) -> Appointment:
    values = {
        "subject": "别的",
        "name": "周梅",
        "phone": "13912342046",
        "email": "",
        "language": "zh-hans",
        "submission_key": uuid4(),
    }
    return appointment_book(window=window, starts_at=starts_at, at=at, **values | changes)


@pytest.fixture
def window(world) -> ServiceWindow:
    return open_window(world)


def phone(number: int) -> str:
    return f"1391234{number:04}"


def test_what_can_be_booked(world, window):
    """Slots lie in the hours, on days that are open, ahead of the cut-off; a number has one open appointment here."""
    offered = days_to_book(window, at=MORNING)
    assert [one.day.day for one in offered] == [18, 19, 20, 23, 24]  # no week-end
    times = [timezone.localtime(slot.start).strftime("%H:%M") for slot in offered[0].slots]
    assert (times[0], times[6], times[7], times[-1], len(times)) == ("08:30", "11:30", "13:30", "17:00", 15)
    first = book(window)
    assert book(window, submission_key=first.submission_key) == first  # a double click
    refusals = [
        ({"phone": "139-1234-2046"}, NINE + timedelta(hours=1), "phone"),
        ({"phone": phone(1)}, NINE + timedelta(minutes=10), "starts_at"),  # no slot begins then
        ({"phone": phone(1)}, local("2026-11-17 15:00"), "starts_at"),  # today is too soon
        ({"phone": phone(1)}, local("2026-11-21 09:00"), "starts_at"),  # Saturday
        ({"phone": phone(1)}, local("2026-11-18 12:00"), "starts_at"),  # lunch
        ({"phone": phone(1), "subject": "什么都行"}, NINE, "subject"),
        ({"phone": "12"}, NINE, "phone"),
        ({"name": " "}, NINE, "name"),
    ]
    for changes, starts_at, field in refusals:
        with pytest.raises(DomainError) as caught:
            book(window, starts_at, **changes)
        assert caught.value.field == field
    book(window, phone=phone(2))
    with pytest.raises(DomainError, match="约满"):
        book(window, phone=phone(3))
    assert days_to_book(window, at=MORNING)[0].slots[1].free == 0
    with pytest.raises(DomainError):  # two hours before is the end of booking
        book(window, at=NINE - timedelta(minutes=110), phone=phone(4))
    # the time of the first one is over: the number may book again, and whether anybody came is not known
    book(window, local("2026-11-19 09:00"), at=local("2026-11-18 10:00"))
    first.refresh_from_db()
    assert first.state == AppointmentState.LAPSED


def test_moving_and_cancelling_by_the_link(world, window):
    made = book(window)
    moved = appointment_move(appointment=made, starts_at=NINE + timedelta(days=1), at=MORNING)
    assert timezone.localtime(moved.starts_at).day == 19
    with pytest.raises(DomainError, match="太近"):
        appointment_move(
            appointment=made, starts_at=NINE + timedelta(days=2), at=moved.starts_at - timedelta(minutes=90)
        )
    appointment_withdraw(appointment=made, at=moved.starts_at - timedelta(minutes=1))
    for again in (
        lambda: appointment_withdraw(appointment=made, at=MORNING),
        lambda: appointment_move(appointment=made, starts_at=NINE, at=MORNING),
    ):
        with pytest.raises(StaleState):
            again()
    book(window)  # the seat and the number are free


def test_what_the_office_does(world, window):
    """Come or not, read in full with a reason, entered at the counter, cancelled with a reason; each in its scope."""
    head, clerk, supervisor = (world.viewer(name) for name in ("head", "clerk", "supervisor"))
    add_person(world, "west", "community_head", "", world.organisations["west"])
    made = book(window)
    with pytest.raises(DomainError, match="还没到"):
        appointment_mark(appointment=made, state="arrived", actor=clerk, at=MORNING)
    with pytest.raises(Forbidden):
        appointment_mark(appointment=made, state="arrived", actor=world.viewer("west"), at=NINE)
    appointment_mark(appointment=made, state="no_show", actor=clerk, at=NINE + timedelta(minutes=20))
    noted = appointment_mark(appointment=made, state="arrived", actor=clerk, at=NINE + timedelta(minutes=25))
    assert noted.state == AppointmentState.ARRIVED
    with pytest.raises(StaleState):
        appointment_mark(appointment=made, state="no_show", actor=clerk, at=NINE + timedelta(days=1))
    with pytest.raises(Forbidden):  # a clerk works with the masked number
        appointment_reveal(appointment=made, purpose="appointment_contact", actor=clerk, at=NINE)
    key = appointment_enter(appointment=made, actor=clerk, at=NINE)
    raw = Draft.objects.get(clerk=world.people["clerk"]).data["raw"]
    assert key
    assert (raw["name"], raw["phone"], raw["channel"], raw["body"]) == ("周梅", "13912342046", "counter", "别的")
    log = AccessLog.objects.get()
    assert (log.user_id, log.fields, log.purpose) == (clerk.user_id, ["name", "phone"], "appointment_entry")
    with pytest.raises(DomainError):
        appointments_cancel(appointments=[book(window, phone=phone(5))], reason=" ", actor=head, at=MORNING)
    with pytest.raises(StaleState):
        appointments_cancel(appointments=[made], reason="停电", actor=supervisor, at=MORNING)


def test_one_day_unlike_the_week(world, window):
    """Closed for a day, or open for part of it: nobody can book then, and who had booked is found."""
    kept, lost = book(window), book(window, local("2026-11-19 14:00"), phone=phone(6))
    closed = parse_special_days("2026-11-20 盘点 | stocktaking\n2026年11月19日 8:30-11:30 下午开会", field="x")
    head = world.viewer("head")
    changed = draft(world, special_days=closed)
    window_change(window=window, draft=changed, reason="年底", seen=MORNING, actor=head, at=MORNING)
    window.refresh_from_db()
    assert {one.day.day: len(one.slots) for one in days_to_book(window, at=MORNING)} == {18: 15, 19: 6, 23: 15, 24: 15}
    assert unfit(head, at=MORNING) == [lost]
    assert kept.state == AppointmentState.BOOKED
    event = DomainEvent.objects.get(name="requests_intake.window_changed")
    assert event.payload["fields"] == ["special_days"]


def test_a_day_off_or_other_hours_leave_people_in_the_cold(world, window):
    """What no longer fits is listed; cancelled by the office it is told with the reason."""
    kept, lost, early = book(window), book(window, NINE + timedelta(days=1), phone=phone(6)), None
    early = book(window, local("2026-11-20 08:30"), phone=phone(7))
    head = world.viewer("head")
    assert unfit(head, at=MORNING) == []
    CalendarDay.objects.filter(date="2026-11-19").update(is_workday=False)
    calendar_forget()
    later = dict.fromkeys(range(5), ((540, 720), (810, 1050)))
    window_change(window=window, draft=draft(world, hours=later), reason="冬季", seen=MORNING, actor=head, at=MORNING)
    assert unfit(head, at=MORNING) == [lost, early]
    with assert_sql(2):
        unfit(head, at=MORNING)
    relay.drain(MORNING)
    Message.objects.all().delete()
    appointments_cancel(appointments=[lost, early], reason="那天不开门", actor=head, at=MORNING)
    relay.drain(MORNING)
    told = Message.objects.filter(kind="requests_intake.appointment_cancelled")
    assert {one.recipient_ref for one in told} == {f"requests_intake.appointment:{one.pk}" for one in (lost, early)}
    assert unfit(head, at=MORNING) == []
    assert Appointment.objects.get(pk=kept.pk).state == AppointmentState.BOOKED
    calendar_forget()


def test_reminded_once_and_forgotten_in_time(world, window):
    """The day before, who booked earlier; after the office's days nothing of the person is left."""
    made = book(window, NINE + timedelta(days=1))  # Thursday, booked on Tuesday
    book(window, NINE + timedelta(days=1), at=MORNING + timedelta(days=1), phone=phone(8))  # booked on the day before
    wednesday = local("2026-11-18 09:30")
    assert (appointments_remind(at=MORNING), appointments_remind(at=wednesday), appointments_remind(at=wednesday)) == (
        0,
        1,
        0,
    )
    assert appointments_forget(at=made.ends_at + timedelta(days=29)) == 0
    made.refresh_from_db()
    assert (made.state, made.name) == (AppointmentState.LAPSED, "周梅")
    assert appointments_forget(at=made.ends_at + timedelta(days=31)) == 2
    made.refresh_from_db()
    assert (made.name, made.phone, made.phone_index, made.email, made.token) == ("", "", "", "", "")
    with pytest.raises(StaleState):
        appointment_enter(appointment=made, actor=world.viewer("clerk"), at=NINE)


def test_pages(world, window, client_of, time_machine):
    """Booked, moved, cancelled without an account; kept at the window; in English as well."""
    time_machine.move_to(MORNING, tick=False)
    resident, clerk = client_of(), client_of("clerk")
    for one in (resident, clerk):
        one.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    booking = reverse("intake:book", args=[window.public_id])
    page = resident.get(booking)
    stamp = page.context["form"]["shown"].value() or page.context["form"]["shown"].field.widget.format_value("")
    typed = {"day": "2026-11-18", "name": "Mei", "phone": "", "subject": "别的", "shown": stamp}
    kept = resident.post(booking, typed | {"pick": "2026-11-20"}).content.decode()
    assert 'value="Mei"' in kept
    assert "2026-11-20T08:30:00" in kept
    time_machine.move_to(MORNING + timedelta(seconds=5), tick=False)
    refused = resident.post(booking, typed | {"starts_at": NINE.isoformat()})
    assert refused.status_code == 422
    assert "Mei" in refused.content.decode()
    made = resident.post(booking, typed | {"starts_at": NINE.isoformat(), "phone": "139 1234 2046"})
    assert made.status_code == 302, made.content.decode()
    appointment = Appointment.objects.get()
    mine, move, cancel = (
        reverse(f"intake:{name}", args=[appointment.token])
        for name in ("appointment", "appointment-move", "appointment-cancel")
    )
    assert made.url == mine
    day, one, off = (
        reverse("intake:appointments") + "?day=2026-11-18",
        reverse("intake:appointment-one", args=[appointment.number]),
        reverse("intake:appointments-cancel") + f"?one=1&n={appointment.number}",
    )
    for client, path in [
        (resident, booking), (resident, mine), (resident, move), (clerk, day), (clerk, one), (clerk, off),
        (clerk, reverse("intake:appointments-cancel")),
    ]:  # fmt: skip
        shown = client.get(path)
        assert shown.status_code == 200, path
        assert not chinese_in(shown.content.decode()), path
        assert "13912342046" not in shown.content.decode(), path
    assert "M***" in clerk.get(day).content.decode()
    with assert_sql(9, at_most=True):
        clerk.get(day)
    assert client_of("agent").get(one).status_code == 403
    assert clerk.post(reverse("intake:appointment-reveal", args=[appointment.number]), {}).status_code == 422
    dispatcher = client_of("supervisor")
    assert dispatcher.get(one).status_code == 200
    entered = clerk.post(reverse("intake:appointment-enter", args=[appointment.number]))
    assert "13912342046" in clerk.get(entered.url).content.decode()
    assert resident.post(move, {"day": "2026-11-19", "starts_at": (NINE + timedelta(days=1)).isoformat()}).url == mine
    found = resident.post(reverse("intake:lookup"), {
        "number": appointment.number, "contact": "13912342046", "shown": stamp,
    })  # fmt: skip
    assert found.url == mine
    assert resident.post(cancel).url == mine
    assert Appointment.objects.get().state == AppointmentState.WITHDRAWN
    assert resident.get(reverse("intake:appointment", args=["x" * 22])).status_code == 404


def test_the_day_at_the_counter_begins_with_who_comes_today(client_of):
    begins = {name: client_of(name).get(reverse("web:work"))["Location"] for name in ("clerk", "supervisor", "agent")}
    appointments, queue = reverse("intake:appointments"), reverse("intake:queue")
    assert begins == {"clerk": appointments, "supervisor": queue, "agent": queue}
    assert reverse("intake:entry-begin") in client_of("clerk").get(appointments).content.decode()
