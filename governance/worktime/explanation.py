"""The working of a deadline in sentences, so that anybody can check it on a wall calendar."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.worktime.arithmetic import add, counting_from
from governance.worktime.calendar import Calendar
from governance.worktime.dates import days_text, moment_text
from governance.worktime.durations import Duration, Unit

Text = str | Promise
_Moment = Callable[[datetime], Text]


class Line(NamedTuple):
    """One sentence. `at` is the moment it speaks of (UTC), or None when it speaks of whole days (`days`)."""

    text: Text
    at: datetime | None = None
    days: tuple[date, ...] = ()


def explain(start: datetime, duration: Duration, calendar: Calendar) -> list[Line]:
    """Return the sentences from "counted from" to "due", whose last moment is what `add` returns.

    Years are named only where they are not the year of the start. Raises what `add` raises.
    """
    due = add(start, duration, calendar)
    year = calendar.local(start).year

    def moment(value: datetime) -> Text:
        local = calendar.local(value)
        return moment_text(local, with_year=local.year != year)

    middle = [*_opening_hours_line(start, duration, calendar, moment), *_day_lines(start, due, duration, calendar)]
    return [
        _start_line(start, duration, calendar, moment),
        *sorted(middle, key=lambda line: calendar.local(line.at).date() if line.at else line.days[0]),
        Line(format_lazy(_DUE[duration.unit], n=duration.amount, moment=moment(due)), due),
    ]


_START = {
    Unit.NATURAL_HOUR: _("从 {moment} 起算，夜间、周末和节假日都算在内"),
    Unit.NATURAL_DAY: _("从 {moment} 起算，夜间、周末和节假日都算在内"),
    Unit.WORKING_HOUR: _("从 {moment} 起算，只算办公时间 {hours}"),
    Unit.WORKING_DAY: _("从 {moment} 起算"),
}
_DUE = {
    Unit.NATURAL_HOUR: _("满 {n} 小时，{moment} 到期"),
    Unit.NATURAL_DAY: _("第 {n} 天 {moment} 到期"),
    Unit.WORKING_HOUR: _("满 {n} 个工作小时，{moment} 到期"),
    Unit.WORKING_DAY: _("第 {n} 个工作日 {moment} 到期"),
}


def _start_line(start: datetime, duration: Duration, calendar: Calendar, moment: _Moment) -> Line:
    hours = ", ".join(f"{opens.hour}:{opens:%M}-{closes.hour}:{closes:%M}" for opens, closes in calendar.hours)
    return Line(format_lazy(_START[duration.unit], moment=moment(start), hours=hours), start)


def _opening_hours_line(start: datetime, duration: Duration, calendar: Calendar, moment: _Moment) -> Iterator[Line]:
    """Say when working hours begin to run, if the office is closed at the start."""
    if duration.unit is Unit.WORKING_HOUR:
        begins = counting_from(start, calendar)
        if begins > start:
            yield Line(format_lazy(_("{moment} 上班后开始计时"), moment=moment(begins)), begins)


def _day_lines(start: datetime, due: datetime, duration: Duration, calendar: Calendar) -> Iterator[Line]:
    """Say which days were left out, and which weekend days count although one would not expect it."""
    if not duration.unit.is_working:
        return
    first, last = calendar.local(start).date(), calendar.local(due).date()
    if duration.unit is Unit.WORKING_DAY:
        first += timedelta(days=1)
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for pattern_and_name, group in groupby(span, lambda day: _verdict(day, calendar)):
        if pattern_and_name is None:
            continue
        pattern, name = pattern_and_name
        days = list(group)
        listed = days_text(days, year=calendar.local(start).year)
        yield Line(format_lazy(pattern, days=listed, name=_named(*name)), days=tuple(days))


_SKIPPED = _("{days}是{name}，不算")
_MADE_UP = _("{days}虽是周末，但调休上班，要算")
_WEEKEND = (_("周末"), None)
_REST = (_("休息日"), None)


def _verdict(day: date, calendar: Calendar) -> tuple[Any, tuple[Text, str | None]] | None:
    is_weekend = day.weekday() >= 5
    if calendar.is_workday(day):
        return (_MADE_UP, _WEEKEND) if is_weekend else None
    return _SKIPPED, calendar.names.get(day) or (_WEEKEND if is_weekend else _REST)


def _name_in_language(name: Text, name_en: str | None) -> str:
    return name_en if name_en and get_language() == "en" else str(name)


_named = lazy(_name_in_language, str)
