"""The roster: a week at once, from closing time to the next opening, with its gaps; and who is on duty now."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from governance.errors import DomainError, Forbidden
from governance.worktime import calendar_current
from requests_intake.models import DutyShift
from requests_intake.selectors.duty import Window, duty_week, duty_window, on_duty, uncovered
from requests_intake.services.duty import DutyEntry, duty_days_set
from tests.factories.world import DISTRICT, EAST_GRID, MORNING, STREET, add_person
from tests.sql import assert_sql
from tests.web.english import chinese_in

MONDAY = date(2026, 11, 16)
TUESDAY = MONDAY + timedelta(days=1)
HOUR = timedelta(hours=1)


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - 8 * HOUR


def plan(world, entries=None, *, by="supervisor", area=STREET, at=MORNING, **days) -> int:
    """Put people on the roster of the week: `plan(world, t17="dispatcher")`."""
    wanted = dict(entries or {})
    for key, name in days.items():
        person = world.people[name] if name else None
        wanted[date(2026, 11, int(key[1:]))] = DutyEntry(person, "139 1234 0017" if name else "")
    return duty_days_set(area_code=area, entries=wanted, actor=world.viewer(by, at), at=at)


def test_a_duty_day_lasts_from_closing_time_to_the_next_opening(world):
    calendar = calendar_current()
    assert duty_window(TUESDAY, calendar) == Window(shanghai(17, 18), shanghai(18, 8, 30))
    saturday = date(2026, 11, 21)
    assert duty_window(saturday, calendar) == Window(shanghai(21, 8, 30), shanghai(22, 8, 30))
    sunday = duty_window(saturday + timedelta(days=1), calendar)
    assert sunday == Window(shanghai(22, 8, 30), shanghai(23, 8, 30))


def test_a_week_is_planned_at_once_and_shows_its_gaps(world):
    assert plan(world, t17="dispatcher", t18="supervisor", t20="dispatcher") == 3
    with assert_sql(1):
        days = duty_week(STREET, MONDAY)
    assert [one.shift.person.display_name if one.shift else "" for one in days] == [
        "", "Dispatcher Person", "Supervisor Person", "", "Dispatcher Person", "", "",
    ]  # fmt: skip
    assert days[1].gaps == []
    assert days[3].gaps == [Window(shanghai(19, 18), shanghai(20, 8, 30))]
    assert plan(world, t17="dispatcher", t18="supervisor") == 0  # nothing new
    assert plan(world, t18="") == 1  # and somebody less
    assert duty_week(STREET, MONDAY)[2].shift is None


def test_who_falls_ill_is_replaced_while_the_shift_runs(world):
    plan(world, t17="dispatcher")
    night = shanghai(17, 23)
    plan(world, t17="supervisor", at=night)
    rows = list(DutyShift.objects.order_by("starts_at").values_list("person__staff_no", "starts_at", "ends_at"))
    assert rows == [("dispatcher", shanghai(17, 18), night), ("supervisor", night, shanghai(18, 8, 30))]
    assert on_duty(STREET, night).person == world.people["supervisor"]
    assert duty_week(STREET, MONDAY)[1].gaps == []


def test_the_smallest_area_around_a_place_answers(world):
    plan(world, t17="supervisor")
    plan(world, {TUESDAY: DutyEntry(world.people["district"], "021-1234")}, area=DISTRICT, by="chief")
    night = shanghai(17, 20)
    assert on_duty(EAST_GRID, night).person == world.people["supervisor"]
    assert on_duty(DISTRICT, night).person == world.people["district"]
    assert on_duty(EAST_GRID, MORNING) is None


@pytest.fixture(autouse=True)
def _chief(world):
    """A supervisor of the whole district."""
    add_person(world, "chief", "supervisor", DISTRICT, world.organisations["district"])


@pytest.mark.parametrize(
    ("entry", "day", "field"),
    [
        (lambda world: DutyEntry(world.people["dispatcher"], ""), TUESDAY, "2026-11-17_phone"),
        (lambda world: DutyEntry(world.people["dispatcher"], "call me"), TUESDAY, "2026-11-17_phone"),
        (lambda world: DutyEntry(world.people["handler"], "13912340017"), TUESDAY, "2026-11-17_person"),
        (lambda world: DutyEntry(world.people["stranger"], "13912340017"), TUESDAY, "2026-11-17_person"),
        (lambda world: DutyEntry(world.people["dispatcher"], "13912340017"), date(2026, 11, 14), "2026-11-14_person"),
    ],
)
def test_what_a_day_must_say(world, entry, day, field):
    with pytest.raises(DomainError) as refused:
        plan(world, {day: entry(world)})
    assert refused.value.field == field
    assert not DutyShift.objects.exists()


def test_only_who_may_plan_there(world):
    for person in ("dispatcher", "operations", "head"):
        with pytest.raises(Forbidden):
            plan(world, by=person, t17="dispatcher")
    with pytest.raises(Forbidden):
        plan(world, area=DISTRICT, t17="chief")


@how(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=6))
def test_gaps_agree_with_asking_every_hour(spans):
    start = MORNING
    window = Window(start, start + 24 * HOUR)
    shifts = [DutyShift(starts_at=start + (a - 4) * HOUR, ends_at=start + (a - 4 + n) * HOUR) for a, n in spans]
    gaps = uncovered(window, shifts)
    for hour in range(24):
        middle = start + hour * HOUR + HOUR / 2
        covered = any(shift.starts_at <= middle < shift.ends_at for shift in shifts)
        assert covered != any(gap.start <= middle < gap.end for gap in gaps)
    assert gaps == sorted(gaps, key=lambda gap: gap.start)


def test_the_page_plans_a_week_and_keeps_what_was_typed(world, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    client = client_of("supervisor")
    address = f"{reverse('intake:duty')}?area={STREET}&week=2026-11-16"
    page = client.get(address).content.decode()
    assert "这些时候没有人值班" in page
    pk = world.people["dispatcher"].pk
    wrong = client.post(address, {"2026-11-17_person": pk, "2026-11-17_phone": "找他"})
    assert wrong.status_code == 422
    assert 'value="找他"' in wrong.content.decode()
    right = {
        f"2026-11-{day}_{part}": value for day in range(16, 23) for part, value in (("person", pk), ("phone", "110"))
    }
    assert client.post(address, right).status_code == 302
    client.get(address)
    with assert_sql(9, at_most=True):
        page = client.get(address).content.decode()
    assert "这一周都有人值班" in page
    assert DutyShift.objects.count() == 6  # Monday's is over
    seen = client_of("dispatcher").get(address)
    assert (seen.status_code, "保存这一周" in seen.content.decode()) == (200, False)
    assert client_of("handler").get(address).status_code == 403
    assert client.get(f"{reverse('intake:duty')}?week=2030-01-07").status_code == 200  # no calendar so far ahead
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert chinese_in(client.get(address).content.decode()) == []
    assert chinese_in(client.post(address, {"2026-11-17_person": pk, "2026-11-17_phone": "x"}).content.decode()) == []


def test_the_rail_says_who_is_on_duty(world, client_of, time_machine):
    plan(world, t17="dispatcher")
    time_machine.move_to(shanghai(17, 20), tick=False)
    page = client_of("grid_worker").get(reverse("web:rail")).content.decode()
    assert "Dispatcher Person" in page
    assert "tel:13912340017" in page
