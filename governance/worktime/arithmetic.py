"""From a start and a time limit to the moment it ends.

Limits in hours end to the minute; limits in days end when the office closes on the last day, and the day of the start
is never counted. Natural units run day and night and never need the working calendar; working hours run only while
the office is open; working days are the days it works.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from governance.worktime.calendar import Calendar
from governance.worktime.durations import Duration, Unit


def add(start: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """Return the moment (UTC) at which a limit that runs from `start` (aware) ends.

    A limit of working hours that is used up exactly at closing time ends then, not at the next opening. Raises
    `HorizonPassed` when a working unit needs a day the calendar does not know.
    """
    today = calendar.local(start).date()
    match duration.unit:
        case Unit.NATURAL_HOUR:
            return start.astimezone(UTC) + timedelta(hours=duration.amount)
        case Unit.NATURAL_DAY:
            return calendar.closing(today + timedelta(days=duration.amount))
        case Unit.WORKING_HOUR:
            return _add_open_time(start, timedelta(hours=duration.amount), calendar)
        case Unit.WORKING_DAY:
            working = workdays_after(today, calendar)
            return calendar.closing([next(working) for _ in range(duration.amount)][-1])


def at_fraction(start: datetime, duration: Duration, fraction: Fraction | float, calendar: Calendar) -> datetime:
    """Return the moment (UTC) at which a share (0 to 1) of a limit is used up, for warnings.

    Hours are shared by the arithmetic they are counted with; days by the plain span between start and end.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"A share lies between 0 and 1, not at {fraction}.")
    if duration.unit is Unit.WORKING_HOUR:
        return _add_open_time(start, timedelta(hours=duration.amount) * float(fraction), calendar)
    begun = start.astimezone(UTC)
    return begun + (add(start, duration, calendar) - begun) * float(fraction)


def counting_from(start: datetime, calendar: Calendar) -> datetime:
    """Return the first moment (UTC) from `start` on at which the office is open, when working hours begin to run."""
    return next(opens for opens, _ in _open_spans(start, calendar))


def open_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return for how long the office is open between two moments (aware); nothing where `end` is not after `start`.

    Raises `HorizonPassed` where the span reaches days that the calendar does not know.
    """
    day, last = calendar.local(start).date(), calendar.local(end).date()
    total = timedelta()
    while day <= last:
        if calendar.is_workday(day):
            for opens, closes in calendar.periods(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return total


def postponed(due: datetime, *, paused: datetime, resumed: datetime, is_working: bool, calendar: Calendar) -> datetime:
    """Return the moment (UTC) at which a limit ends that stood still from `paused` to `resumed` (aware).

    What was left when it was paused is left when it goes on: natural limits move by the time that passed, working
    limits by the office hours that passed meanwhile. A limit that was over when it was paused stays where it was.
    """
    if due <= paused or resumed <= paused:
        return due.astimezone(UTC)
    if not is_working:
        return due.astimezone(UTC) + (resumed - paused)
    passed = open_between(paused, resumed, calendar)
    return _add_open_time(due, passed, calendar) if passed else due.astimezone(UTC)


def workdays_after(day: date, calendar: Calendar) -> Iterator[date]:
    """Yield the working days after a date, until the calendar's horizon raises."""
    while True:
        day += timedelta(days=1)
        if calendar.is_workday(day):
            yield day


def _add_open_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    for opens, closes in _open_spans(start, calendar):
        if amount <= closes - opens:
            return opens + amount
        amount -= closes - opens
    raise AssertionError("spans end only by raising HorizonPassed")


def _open_spans(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield what remains of today's office hours from `start` on, then those of the working days that follow."""
    day = calendar.local(start).date()
    while True:
        if calendar.is_workday(day):
            for opens, closes in calendar.periods(day):
                if closes > start:
                    yield max(opens, start.astimezone(UTC)), closes
        day += timedelta(days=1)
