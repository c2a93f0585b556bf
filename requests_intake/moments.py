"""Dates as people type them into the search box, as windows `[start, end)` of local days."""

import re
from datetime import date, datetime, timedelta

from django.utils import timezone

from governance.worktime.days import midnight

_RANGE = re.compile(r"\.\.+|~|至|到")
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_YEAR = re.compile(r"(\d{4})年?")

Days = tuple[date, date]  # first day, day after the last


def window(text: str, at: datetime) -> tuple[datetime | None, datetime | None] | None:
    """Return the moments between which 今天, 2026-01, 1-5..1-9 or 2026-03.. lies; None for what is no date."""
    today = timezone.localdate(at)
    parts = [part.strip() for part in _RANGE.split(text.strip(), maxsplit=1)]
    if not any(parts):
        return None
    read = [_days(part, today) if part else None for part in parts]
    if any(part and days is None for part, days in zip(parts, read, strict=True)):
        return None
    first, last = read[0], read[-1]
    return (midnight(first[0]) if first else None, midnight(last[1]) if last else None)


def _days(text: str, today: date) -> Days | None:
    word = text.casefold()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    named = {
        ("今天", "today"): (today, today + timedelta(days=1)),
        ("昨天", "yesterday"): (today - timedelta(days=1), today),
        ("明天", "tomorrow"): (today + timedelta(days=1), today + timedelta(days=2)),
        ("本周", "这周", "week"): (monday, monday + timedelta(days=7)),
        ("上周", "lastweek"): (monday - timedelta(days=7), monday),
        ("本月", "month"): (first, _next_month(first)),
    }
    for names, days in named.items():
        if word in names:
            return days
    return _numbered(word, today)


def _numbered(text: str, today: date) -> Days | None:
    try:
        if found := _MONTH.fullmatch(text):
            first = date(int(found[1]), int(found[2]), 1)
            return first, _next_month(first)
        if found := _DAY.fullmatch(text):
            day = date(int(found[1] or today.year), int(found[2]), int(found[3]))
            return day, day + timedelta(days=1)
        if found := _YEAR.fullmatch(text):
            return date(int(found[1]), 1, 1), date(int(found[1]) + 1, 1, 1)
    except (ValueError, OverflowError):
        return None  # the 31st of February, the year 0
    return None


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
