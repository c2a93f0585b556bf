"""The working calendar's pages: a day with a reason, a year by button, the end told in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.administration.services import day_change, day_reset, horizon_check, year_fill
from governance.errors import DomainError, Forbidden
from governance.notifications.models import Message
from governance.outbox import relay
from governance.worktime import calendar_current, calendar_forget
from governance.worktime.models import CalendarDay, Source
from requests_intake.models import PolicyClock
from tests.factories import world as worlds
from tests.factories.world import MORNING, STREET, add_person
from tests.sql import assert_sql

THURSDAY = date(2026, 11, 19)


@pytest.fixture
def world(db):
    yield worlds.build()
    worlds.forget()


@pytest.fixture
def open_as(world, time_machine):
    time_machine.move_to(MORNING, tick=False)

    def opened(name):
        client = Client()
        client.force_login(world.people[name])
        return client

    return opened


def change(world, day=THURSDAY, actor="operations", **changes):
    values = {"is_workday": False, "name": "台风停工", "name_en": "Typhoon", "reason": "区防指通知"} | changes
    return day_change(day=day, actor=world.viewer(actor), at=MORNING, **values)


def test_a_changed_day_moves_new_deadlines_and_no_promise(world):
    PolicyClock.objects.filter(policy__key="general", kind="answer").update(amount=2, unit="working_day")
    worlds.forget()
    before = world.submit().request
    assert before.due_at.date() == THURSDAY
    change(world)
    after = world.submit().request
    assert after.due_at.date() == date(2026, 11, 20)
    before.refresh_from_db()
    assert before.due_at.date() == THURSDAY
    assert before.clocks.get(kind="answer").due_at == before.due_at


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"name_en": ""}, "name_en"),
        ({"name": ""}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"day": date(2026, 11, 16)}, None),
    ],
)
def test_what_a_change_must_say(world, changes, field):
    with pytest.raises(DomainError) as refused:
        change(world, **changes)
    assert refused.value.field == field


def test_who_keeps_the_calendar(world):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    for name in ("administrator", "dispatcher", "street_admin"):
        with pytest.raises(Forbidden):
            change(world, actor=name)
    assert change(world).source == Source.MANUAL


def test_filling_a_year_keeps_what_was_decided_by_hand(world):
    change(world)
    written, kept = year_fill(year=2026, actor=world.viewer("operations"), at=MORNING)
    assert (written, kept) == (364, 1)
    assert not CalendarDay.objects.get(date=THURSDAY).is_workday
    row = day_reset(day=THURSDAY, actor=world.viewer("operations"), at=MORNING)
    assert (row.is_workday, row.source, row.reason) == (True, Source.PUBLISHED, "")
    with pytest.raises(DomainError):
        year_fill(year=2040, actor=world.viewer("operations"), at=MORNING)


def ends_on(day: date) -> None:
    """Two years of which the later one is cut off: a calendar of less than a year counts as empty."""
    before = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    CalendarDay.objects.bulk_create(
        CalendarDay(date=one, is_workday=one.weekday() < 5, source=Source.PUBLISHED) for one in before
    )
    CalendarDay.objects.filter(date__gt=day).delete()
    calendar_forget()


def told() -> int:
    relay.drain(MORNING + timedelta(minutes=1))
    return Message.objects.filter(kind="administration.calendar_ending", channel="in_app").count()


def test_a_calendar_that_ends_tomorrow_is_loud(world, open_as):
    ends_on(date(2026, 11, 18))
    assert horizon_check(at=MORNING) is not None
    assert horizon_check(at=MORNING + timedelta(hours=6)) is None  # told once
    assert told() == 1
    page = open_as("operations").get(reverse("access:calendar")).content.decode()
    assert "工作日历只填到2026年11月18日" in page
    assert "工作日历只填到" not in open_as("dispatcher").get(reverse("intake:queue")).content.decode()
    # a request with a limit in working days says why it cannot be filed, and nothing is half written
    PolicyClock.objects.filter(policy__key="general", kind="answer").update(amount=5, unit="working_day")
    worlds.forget()
    with pytest.raises(DomainError, match="工作日历"):
        world.submit()


def test_the_end_is_told_again_at_each_stage(world):
    ends_on(date(2026, 12, 31))
    assert [
        horizon_check(at=MORNING + timedelta(days=n)) is not None for n in (0, 1, 14, 15, 30, 37, 41, 43, 44, 45)
    ] == [
        True,  # 44 days left
        False,
        True,  # 30
        False,
        True,  # 14
        True,  # 7
        True,  # 3
        True,  # 1
        True,  # the last day
        False,
    ]


def test_a_calendar_that_reaches_far_enough_is_quiet(world):
    assert horizon_check(at=MORNING) is None
    CalendarDay.objects.all().delete()
    calendar_forget()
    assert calendar_current().horizon == date.min
    assert horizon_check(at=MORNING) is not None


def test_the_pages(world, open_as):
    client = open_as("operations")
    page = client.get(reverse("access:calendar"), {"year": "2026"})
    assert page.status_code == 200
    html = page.content.decode()
    assert "国庆节" in html
    assert "08:30–12:00" in html
    assert client.get(reverse("access:calendar"), {"year": "9999"}).context["year"] == 2026
    address = reverse("access:calendar-day", args=["2026-11-19"])
    refused = client.post(address, {"is_workday": "rest", "name": "台风停工", "name_en": "Typhoon", "reason": ""})
    assert refused.status_code == 422
    assert "台风停工" in refused.content.decode()
    posted = {"is_workday": "rest", "name": "台风停工", "name_en": "Typhoon", "reason": "区防指通知"}
    assert client.post(address, posted).status_code == 302
    history = client.get(reverse("access:calendar")).content.decode()
    assert "区防指通知" in history
    assert world.people["operations"].display_name in history
    assert client.post(address, {"reset": "1"}).status_code == 302
    assert CalendarDay.objects.get(date=THURSDAY).is_workday
    assert client.get(reverse("access:calendar-day", args=["2026-02-31"])).status_code == 404
    assert client.post(reverse("access:calendar-year"), {"year": "2028"}).status_code == 302
    assert CalendarDay.objects.filter(date__year=2028).count() == 366
    assert client.post(reverse("access:calendar-year"), {"year": "x"}, follow=True).status_code == 200


def test_who_opens_the_pages(world, open_as):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    day = reverse("access:calendar-day", args=["2026-11-19"])
    assert open_as("dispatcher").get(reverse("access:calendar")).status_code == 403
    assert open_as("street_admin").get(reverse("access:calendar")).status_code == 200
    assert open_as("street_admin").get(day).status_code == 403
    assert open_as("street_admin").post(reverse("access:calendar-year"), {"year": "2027"}).status_code == 403


def test_the_year_asks_the_database_little(world, open_as):
    client = open_as("operations")
    client.get(reverse("access:calendar"))
    calendar_forget()
    with assert_sql(9, at_most=True):  # session, person, viewer, calendar; days, changes and reasons; the district
        client.get(reverse("access:calendar"))


def test_the_clock_is_an_argument(world):
    """Days are those of the office, not of UTC: late in the evening it is still yesterday elsewhere."""
    late = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)  # 01:00 on the 19th in Shanghai
    with pytest.raises(DomainError):
        day_change(
            day=date(2026, 11, 18),
            is_workday=False,
            name="",
            name_en="",
            reason="x",
            actor=world.viewer("operations"),
            at=late,
        )
