"""Deadline arithmetic: a table written by hand, and a slow obvious reference that walks minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.worktime import (
    Calendar,
    Duration,
    HorizonPassed,
    Unit,
    add,
    at_fraction,
    explain,
    horizon_warning,
    open_between,
    postponed,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = ((time(8, 30), time(12)), (time(13, 30), time(18)))
NATIONAL_DAY = [date(2026, 10, day) for day in range(1, 8)]
CALENDAR = Calendar(
    zone=SHANGHAI,
    hours=HOURS,
    days={**dict.fromkeys(NATIONAL_DAY, False), date(2026, 10, 10): True, date(2026, 11, 26): False},
    names=dict.fromkeys(NATIONAL_DAY, ("国庆节", "National Day")),
    horizon=date(2026, 12, 31),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("11-12 20:41", 7, "natural_day", "11-19 18:00"),
        ("11-12 06:00", 1, "natural_day", "11-13 18:00"),
        ("09-30 11:00", 3, "natural_day", "10-03 18:00"),
        ("11-12 20:41", 24, "natural_hour", "11-13 20:41"),
        ("11-14 03:15", 2, "natural_hour", "11-14 05:15"),
        ("11-12 20:41", 5, "working_day", "11-19 18:00"),
        ("11-12 00:00", 1, "working_day", "11-13 18:00"),
        ("11-14 10:00", 1, "working_day", "11-16 18:00"),  # Saturday: Monday is the first day
        ("09-30 11:00", 1, "working_day", "10-08 18:00"),
        ("09-30 11:00", 3, "working_day", "10-10 18:00"),  # a make-up Saturday counts
        ("11-12 10:00", 2, "working_hour", "11-12 12:00"),  # used up at noon: noon, not half past one
        ("11-12 11:00", 2, "working_hour", "11-12 14:30"),
        ("11-12 12:30", 2, "working_hour", "11-12 15:30"),
        ("11-12 17:00", 2, "working_hour", "11-13 09:30"),
        ("11-12 18:00", 2, "working_hour", "11-13 10:30"),
        ("11-12 20:41", 2, "working_hour", "11-13 10:30"),
        ("11-12 07:00", 8, "working_hour", "11-12 18:00"),
        ("11-12 17:59", 8, "working_hour", "11-13 17:59"),
        ("11-13 17:00", 8, "working_hour", "11-16 17:00"),  # over a weekend
        ("09-30 17:00", 2, "working_hour", "10-08 09:30"),  # over the holiday
        ("10-09 17:30", 1, "working_hour", "10-10 09:00"),  # into the make-up Saturday
        ("11-25 17:00", 2, "working_hour", "11-27 09:30"),  # a Thursday off by hand
    ],
)
def test_due(start, amount, unit, due):
    result = add(local(start), Duration(amount, Unit(unit)), CALENDAR)
    assert result == local(due)
    assert result.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "amount", "unit", "at"),
    [
        ("11-12 20:41", 4, "natural_hour", "11-12 23:41"),
        ("11-12 17:00", 4, "working_hour", "11-13 10:30"),
        ("11-12 08:30", 8, "working_hour", "11-12 16:00"),
        ("11-12 18:00", 8, "natural_day", "11-18 18:00"),
        ("11-16 18:00", 4, "working_day", "11-19 18:00"),
    ],
)
def test_three_quarters(start, amount, unit, at):
    assert at_fraction(local(start), Duration(amount, Unit(unit)), Fraction(3, 4), CALENDAR) == local(at)


def test_shares_outside_zero_and_one_are_refused():
    duration = Duration(2, Unit.WORKING_HOUR)
    start = local("11-12 10:00")
    assert at_fraction(start, duration, 1, CALENDAR) == add(start, duration, CALENDAR)
    for share in (-0.1, 1.1):
        with pytest.raises(ValueError, match="share"):
            at_fraction(start, duration, share, CALENDAR)


@pytest.mark.parametrize("unit", [Unit.WORKING_DAY, Unit.WORKING_HOUR])
def test_working_units_refuse_to_pass_the_horizon(unit):
    last = local("12-30 10:00")
    assert add(last, Duration(1, unit), CALENDAR) <= local("12-31 18:00")
    with pytest.raises(HorizonPassed) as caught:
        add(last, Duration(40, unit), CALENDAR)
    assert caught.value.code == "worktime_horizon_passed"
    assert "2026年12月31日" in str(caught.value)


@pytest.mark.parametrize("unit", [Unit.NATURAL_DAY, Unit.NATURAL_HOUR])
def test_natural_units_never_need_the_table(unit):
    empty = Calendar(zone=SHANGHAI, hours=HOURS, days={}, horizon=date.min)
    assert add(local("12-30 10:00"), Duration(40, unit), empty) > local("12-31 18:00")
    with pytest.raises(HorizonPassed, match="空"):
        add(local("12-30 10:00"), Duration(1, Unit.WORKING_DAY), empty)


def test_naive_moments_and_odd_amounts_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        add(datetime(2026, 11, 12, 10), Duration(1, Unit.WORKING_DAY), CALENDAR)
    with pytest.raises(ValueError, match="at least 1"):
        Duration(0, Unit.WORKING_DAY)
    with pytest.raises(ValueError, match="fortnight"):
        Duration(1, "fortnight")
    for hours in ((), ((time(12), time(8)),), ((time(8), time(12)), (time(12), time(18)))):
        with pytest.raises(ValueError, match="hours"):
            Calendar(zone=SHANGHAI, hours=hours, days={}, horizon=date.max)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "sentences"),
    [
        (
            "11-12 20:41",
            5,
            "working_day",
            ["从 11月12日 20:41 起算", "11月14日、15日是周末，不算", "第 5 个工作日 11月19日 18:00 到期"],
        ),
        (
            "09-30 11:05",
            5,
            "working_day",
            [
                "从 9月30日 11:05 起算",
                "10月1日至7日是国庆节，不算",
                "10月10日虽是周末，但调休上班，要算",
                "10月11日是周末，不算",
                "第 5 个工作日 10月13日 18:00 到期",
            ],
        ),
        (
            "11-14 09:00",
            2,
            "working_hour",
            [
                "从 11月14日 9:00 起算，只算办公时间 8:30-12:00, 13:30-18:00",
                "11月14日、15日是周末，不算",
                "11月16日 8:30 上班后开始计时",
                "满 2 个工作小时，11月16日 10:30 到期",
            ],
        ),
        (
            "11-25 20:00",
            1,
            "working_day",
            ["从 11月25日 20:00 起算", "11月26日是休息日，不算", "第 1 个工作日 11月27日 18:00 到期"],
        ),
        (
            "11-12 20:41",
            7,
            "natural_day",
            ["从 11月12日 20:41 起算，夜间、周末和节假日都算在内", "第 7 天 11月19日 18:00 到期"],
        ),
        (
            "12-31 23:00",
            2,
            "natural_hour",
            ["从 12月31日 23:00 起算，夜间、周末和节假日都算在内", "满 2 小时，2027年1月1日 1:00 到期"],
        ),
    ],
)
def test_explanation_reads_like_people_write(start, amount, unit, sentences):
    assert [str(line.text) for line in explain(local(start), Duration(amount, Unit(unit)), CALENDAR)] == sentences


def test_runs_of_days_name_the_month_again_only_when_it_changes():
    year_end = Calendar(
        zone=SHANGHAI,
        hours=HOURS,
        days={date(2026, 12, 31): False, date(2027, 1, 1): False},
        horizon=date(2027, 12, 31),
        names={date(2026, 12, 31): ("元旦", "New Year"), date(2027, 1, 1): ("元旦", "New Year")},
    )
    lines = explain(local("12-30 10:00"), Duration(1, Unit.WORKING_DAY), year_end)
    assert str(lines[1].text) == "12月31日、2027年1月1日是元旦，不算"
    assert str(lines[2].text) == "2027年1月2日、3日是周末，不算"


def test_horizon_warning_speaks_sixty_days_before():
    assert horizon_warning(CALENDAR, local("11-01 10:00")) is None
    assert "2026年12月31日" in str(horizon_warning(CALENDAR, local("11-02 10:00")))
    estimated = Calendar(zone=SHANGHAI, hours=HOURS, days={}, horizon=date(2027, 12, 31), confirmed=date(2026, 12, 31))
    assert horizon_warning(estimated, local("11-01 10:00")) is None
    assert "推算" in str(horizon_warning(estimated, local("11-02 10:00")))


# --- the reference -------------------------------------------------------------------------------------------------

FIRST = date(2026, 3, 2)
OFFICE_HOURS = st.sampled_from(
    [HOURS, ((time(9), time(17)),), ((time(0), time(23, 59)),), ((time(8), time(9)), (time(10), time(10, 30)))]
)
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("America/New_York")])  # the second changes its clocks on 8 March


@st.composite
def calendars(draw):
    exceptions = draw(st.dictionaries(st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n)), st.booleans()))
    return Calendar(draw(ZONES), draw(OFFICE_HOURS), exceptions, FIRST + timedelta(days=2_000))


STARTS = st.integers(0, 14 * 24 * 60)
DURATIONS = st.builds(Duration, st.integers(1, 12), st.sampled_from(Unit))


def works(day, calendar):
    return calendar.days[day] if day in calendar.days else day.isoweekday() not in (6, 7)


def is_open(moment, calendar):
    there = moment.astimezone(calendar.zone)
    return works(there.date(), calendar) and any(a <= there.time() < b for a, b in calendar.hours)


def closing(day, calendar):
    return datetime.combine(day, calendar.hours[-1][1], calendar.zone)


def reference(start, duration, calendar):
    """Walk: a minute at a time for hours, a day at a time for days."""
    moment, left = start, duration.amount * 60
    if duration.unit is Unit.NATURAL_HOUR:
        return start + timedelta(minutes=left)
    if duration.unit is Unit.WORKING_HOUR:
        while left:
            left -= is_open(moment, calendar)
            moment += timedelta(minutes=1)
        return moment
    day, left = start.astimezone(calendar.zone).date(), duration.amount
    while left:
        day += timedelta(days=1)
        left -= duration.unit is Unit.NATURAL_DAY or works(day, calendar)
    return closing(day, calendar)


def start_of(minutes, calendar):
    return datetime.combine(FIRST, time(0), calendar.zone).astimezone(UTC) + timedelta(minutes=minutes)


@settings(max_examples=150, deadline=None)
@given(calendars(), STARTS, DURATIONS)
def test_add_agrees_with_the_reference(calendar, minutes, duration):
    start = start_of(minutes, calendar)
    assert add(start, duration, calendar) == reference(start, duration, calendar)


@settings(max_examples=100, deadline=None)
@given(calendars(), STARTS, DURATIONS)
def test_more_time_never_ends_earlier_and_shares_lie_between(calendar, minutes, duration):
    start = start_of(minutes, calendar)
    due = add(start, duration, calendar)
    assert start < due <= add(start, Duration(duration.amount + 1, duration.unit), calendar)
    assert due <= add(start + timedelta(hours=3), duration, calendar)
    warning = at_fraction(start, duration, Fraction(3, 4), calendar)
    assert start <= warning <= due


def open_minutes(start, end, calendar):
    minutes = int((end - start) / timedelta(minutes=1))
    return sum(is_open(start + timedelta(minutes=number), calendar) for number in range(minutes))


def walked(moment, minutes, calendar):
    while minutes:
        minutes -= is_open(moment, calendar)
        moment += timedelta(minutes=1)
    return moment


@settings(max_examples=80, deadline=None)
@given(calendars(), STARTS, st.integers(0, 6 * 24 * 60))
def test_open_time_agrees_with_counting_minutes(calendar, minutes, length):
    start = start_of(minutes, calendar)
    end = start + timedelta(minutes=length)
    assert open_between(start, end, calendar) == timedelta(minutes=open_minutes(start, end, calendar))
    assert open_between(end, start, calendar) == timedelta() or start == end


@settings(max_examples=80, deadline=None)
@given(calendars(), STARTS, DURATIONS, st.integers(0, 4 * 24 * 60), st.integers(0, 4 * 24 * 60))
def test_a_paused_limit_goes_on_with_what_was_left(calendar, minutes, duration, after, length):
    """A working limit moves by the open minutes that passed, others by all of them; one that was over stays."""
    start = start_of(minutes, calendar)
    due = reference(start, duration, calendar).astimezone(UTC)
    paused = start + timedelta(minutes=after)
    resumed = paused + timedelta(minutes=length)
    working = duration.unit.is_working
    moved = postponed(due, paused=paused, resumed=resumed, is_working=working, calendar=calendar)
    if due <= paused:
        assert moved == due
    elif working:
        assert moved == walked(due, open_minutes(paused, resumed, calendar), calendar)
        assert open_minutes(resumed, moved, calendar) == open_minutes(paused, due, calendar)
    else:
        assert moved - due == resumed - paused


@pytest.mark.parametrize(
    ("due", "paused", "resumed", "working", "moved"),
    [
        ("11-13 17:00", "11-12 15:00", "11-12 16:00", True, "11-13 18:00"),
        ("11-13 17:00", "11-13 16:00", "11-16 09:00", True, "11-16 10:00"),  # an hour was left, over a weekend
        ("11-13 18:00", "11-14 09:00", "11-17 09:00", True, "11-13 18:00"),  # late before it was paused
        ("11-16 10:00", "11-14 09:00", "11-15 20:00", True, "11-16 10:00"),  # nobody worked meanwhile
        ("11-16 10:00", "11-14 09:00", "11-15 20:00", False, "11-17 21:00"),
    ],
)
def test_pauses_by_hand(due, paused, resumed, working, moved):
    found = postponed(local(due), paused=local(paused), resumed=local(resumed), is_working=working, calendar=CALENDAR)
    assert found == local(moved)


@settings(max_examples=150, deadline=None)
@given(calendars(), STARTS, DURATIONS)
def test_explain_accounts_for_every_day(calendar, minutes, duration):
    start = start_of(minutes, calendar)
    lines = explain(start, duration, calendar)
    due = reference(start, duration, calendar)
    assert (lines[0].at, lines[-1].at) == (start, due)
    named = [day for line in lines for day in line.days]
    first, last = start.astimezone(calendar.zone).date(), due.astimezone(calendar.zone).date()
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if duration.unit is Unit.WORKING_DAY:
        span.remove(first)
    surprising = [
        day for day in span if works(day, calendar) == (day.isoweekday() in (6, 7)) or not works(day, calendar)
    ]
    assert named == (surprising if duration.unit.is_working else [])
    for line in lines:
        assert str(line.text)
        if line.days:
            assert ("不算" in str(line.text)) == (not works(line.days[0], calendar))
    starts_later = [line.at for line in lines[1:-1] if line.at]
    if duration.unit is Unit.WORKING_HOUR and not is_open(start, calendar):
        (begins,) = starts_later
        assert is_open(begins, calendar)
        assert not is_open(begins - timedelta(minutes=1), calendar)
    else:
        assert starts_later == []
