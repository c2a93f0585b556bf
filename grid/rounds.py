"""When the next round of a repeated task goes out."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from governance.worktime import Calendar
from grid.models import Repeat, Task

_MONTHS = {Repeat.MONTH: 1, Repeat.QUARTER: 3}


def next_round(task: Task, calendar: Calendar) -> datetime | None:
    """Opening time of the first working day from the day of the next round on; None where the series ends before it.

    Rounds are counted from the day of the first, so that the 31st does not wander. `task` was sent, with its series.
    """
    if not task.repeat or task.repeat_until is None:
        return None
    first = task.series or task
    assert first.sent_at is not None  # noqa: S101 - a round follows one that was sent
    day = shifted(calendar.local(first.sent_at).date(), task.repeat, task.round)
    if day > task.repeat_until:
        return None
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    return calendar.periods(day)[0][0]


def shifted(day: date, repeat: str, times: int) -> date:
    """The same day so many weeks, months or quarters later; the last of a shorter month."""
    if repeat == Repeat.WEEK:
        return day + timedelta(weeks=times)
    months = day.month - 1 + times * _MONTHS[Repeat(repeat)]
    year, month = day.year + months // 12, months % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
