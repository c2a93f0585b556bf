"""When a window is open: its week, changed by the working calendar's holidays and make-up workdays. Pure.

Hours of a week are {weekday: [(opens, closes)]} in minutes since midnight, local time, each day in order. A date among
the keys is a day of its own: its hours count, whatever week and calendar say; none is a day closed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from governance.errors import DomainError
from governance.web.words import day_words
from governance.worktime import Calendar, HorizonPassed

Stretch = tuple[int, int]
Week = Mapping[int | date, Sequence[Stretch]]
DAY = 24 * 60
LOOK_AHEAD = 21  # days: longer than any holiday
WEEKDAYS = (
    gettext_noop("星期一"),
    gettext_noop("星期二"),
    gettext_noop("星期三"),
    gettext_noop("星期四"),
    gettext_noop("星期五"),
    gettext_noop("星期六"),
    gettext_noop("星期日"),
)
_STRETCH = re.compile(r"(\d{1,2})[:\uff1a.](\d{2})\s*[-\u2013\u2014~\uff5e\u81f3\u5230]\s*(\d{1,2})[:\uff1a.](\d{2})")

_SPECIAL_DAY = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?(?:\s+(.*)|)")


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open now. `until`: when it closes; None while open: never. `opens_at`: when it opens; None: not
    within three weeks.
    """

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


def day_off(day: date, calendar: Calendar) -> bool:
    """Whether a date is a public holiday, or a weekday on which the offices rest; never beyond what is known."""
    try:
        works = calendar.is_workday(day)
    except HorizonPassed:
        return False
    return not works and (day.weekday() < 5 or day in calendar.names)


def hours_on(day: date, week: Week, calendar: Calendar, *, open_on_holidays: bool) -> Sequence[Stretch]:
    """Return the stretches in which a window with this week is open on a date."""
    if day in week:
        return week[day]
    if day_off(day, calendar):
        return week.get(day.weekday(), ()) if open_on_holidays else ()
    if day.weekday() >= 5 and calendar.days.get(day):  # a make-up workday has the hours of a weekday
        return next((week[weekday] for weekday in range(5) if week.get(weekday)), week.get(day.weekday(), ()))
    return week.get(day.weekday(), ())


def periods_on(day: date, week: Week, calendar: Calendar, *, open_on_holidays: bool) -> list[tuple[datetime, datetime]]:
    """Return the same as moments in the calendar's zone."""
    midnight = datetime.combine(day, time.min, tzinfo=calendar.zone)
    return [
        (midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes))
        for opens, closes in hours_on(day, week, calendar, open_on_holidays=open_on_holidays)
    ]


def opening(week: Week, calendar: Calendar, at: datetime, *, open_on_holidays: bool) -> Opening:
    """Return whether a window is open at a moment, and until or from when."""
    now = calendar.local(at)
    days = [now.date() + timedelta(days=ahead) for ahead in range(LOOK_AHEAD)]
    spans: list[tuple[datetime, datetime]] = []
    for start, end in (
        period for day in days for period in periods_on(day, week, calendar, open_on_holidays=open_on_holidays)
    ):
        if spans and start <= spans[-1][1]:  # open through midnight
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    current = next((span for span in spans if span[1] > now), None)
    if current is None:
        return Opening(is_open=False)
    start, end = current
    if start > now:
        return Opening(is_open=False, opens_at=start)
    return Opening(is_open=True, until=end if end.date() <= days[-1] else None)


def opening_text(found: Opening, calendar: Calendar, at: datetime) -> str:
    """Return "Open now until 17:30", "Opens Monday at 9:00"."""
    now = calendar.local(at)
    if found.is_open:
        if found.until is None:
            return _("昼夜都开")
        if found.until.date() == now.date() or found.until.time() == time.min:
            return _("现在开着，到 %(time)s") % {"time": _clock(found.until, now)}
        return _("现在开着，到%(day)s %(time)s") % {"day": _near(found.until, now), "time": f"{found.until:%-H:%M}"}
    if found.opens_at is None:
        return _("去之前请先打电话问")
    days, when = (found.opens_at.date() - now.date()).days, {"time": f"{found.opens_at:%-H:%M}"}
    if days < 2:
        return (_("明天 %(time)s 开") if days else _("今天 %(time)s 开")) % when
    return _("%(day)s %(time)s 开") % {"day": _near(found.opens_at, now), **when}


def _clock(moment: datetime, now: datetime) -> str:
    return "24:00" if moment.date() > now.date() else f"{moment:%-H:%M}"


def _near(moment: datetime, now: datetime) -> str:
    return _(WEEKDAYS[moment.weekday()]) if (moment.date() - now.date()).days < 7 else day_words(moment.date(), now)


def clock_text(minutes: int) -> str:
    """8:30, 24:00."""
    return f"{minutes // 60}:{minutes % 60:02}"


def stretches_text(stretches: Sequence[Stretch], *, joint: str = ", ") -> str:
    """8:30-12:00, 13:30-17:30: as it is typed and read back."""
    return joint.join(f"{clock_text(opens)}-{clock_text(closes)}" for opens, closes in stretches)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day unlike its week: its hours, none for closed, and why in both languages, "" for nothing said."""

    day: date
    stretches: Sequence[Stretch]
    why: str = ""
    why_en: str = ""

    @property
    def text(self) -> str:
        """As it is typed and read back."""
        why = " | ".join(filter(None, (self.why, self.why_en)))
        return " ".join(filter(None, (self.day.isoformat(), stretches_text(self.stretches), why)))


def parse_special_days(text: str, *, field: str) -> list[SpecialDay]:
    """Read days unlike their week, one a line: the date, the hours or none for closed, why, and why in English.

    Raises `DomainError` on the field for a line that does not begin with a date, a day named twice, or bad hours.
    """
    found: dict[date, SpecialDay] = {}
    for line in filter(None, map(str.strip, text.replace("\uff5c", "|").splitlines())):
        match = _SPECIAL_DAY.fullmatch(line)
        try:
            day = date(*map(int, match.groups()[:3])) if match is not None else None
        except ValueError:
            day = None
        if match is None or day is None:
            message = _("“%(line)s”没有看懂，请以日期开头，写成 2026-01-05 9:00-11:30 上午开会")
            raise DomainError("special_day_unread", message % {"line": line[:40]}, field=field)
        if day in found:
            raise DomainError("special_day_twice", _("%(day)s 写了两次") % {"day": day.isoformat()}, field=field)
        rest = match.group(4) or ""
        hours = " ".join(one.group(0) for one in _STRETCH.finditer(rest))
        why, _bar, why_en = _STRETCH.sub(" ", rest).strip(" ,;，；、").partition("|")
        found[day] = SpecialDay(day, parse_stretches(hours, field=field), why.strip(), why_en.strip())
    return [found[day] for day in sorted(found)]


def parse_stretches(text: str, *, field: str) -> list[Stretch]:
    """Read what somebody typed for a weekday; nothing means closed.

    Raises `DomainError` on the field for what cannot be read, ends before it begins, or overlaps.
    """
    found = [tuple(map(int, match)) for match in _STRETCH.findall(text)]
    if _STRETCH.sub("", text).strip(" ,;，；、\u3000\t\r\n"):
        raise DomainError("hours_unread", _("时间没有看懂，请写成 8:30-12:00, 13:30-17:30 这样"), field=field)
    stretches = sorted((hour * 60 + minute, later * 60 + rest) for hour, minute, later, rest in found)
    if any(minute > 59 or rest > 59 for _hour, minute, _later, rest in found):
        raise DomainError("hours_unread", _("时间没有看懂，请写成 8:30-12:00, 13:30-17:30 这样"), field=field)
    if any(closes <= opens or closes > DAY for opens, closes in stretches):
        raise DomainError("window_hours_in_order", _("关门要晚于开门，而且在同一天"), field=field)
    if any(later[0] < earlier[1] for earlier, later in pairwise(stretches)):
        raise DomainError("window_hours_apart", _("同一天的几段时间不能重叠"), field=field)
    return stretches
