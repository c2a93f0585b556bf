"""The working calendar of this moment, from the database."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings

from governance.worktime.calendar import Calendar

CACHE_SECONDS = 60
_YEAR = 365

_cached: tuple[float, Calendar] | None = None


def calendar_current() -> Calendar:
    """Return the calendar in force: 1 SQL, or none while this process read it less than a minute ago.

    Who changes days calls `calendar_forget`; other processes follow within a minute.
    """
    global _cached
    if _cached is None or monotonic() - _cached[0] > CACHE_SECONDS:
        _cached = monotonic(), _calendar_load()
    return _cached[1]


def calendar_forget() -> None:
    """Make the next `calendar_current` read the database."""
    global _cached
    _cached = None


def _calendar_load() -> Calendar:
    from governance.worktime.models import CalendarDay, Source  # the package is imported before models can be

    rows = list(CalendarDay.objects.order_by("date").values_list("date", "is_workday", "name", "name_en", "source"))
    horizon = horizon_of([row[0] for row in rows])
    estimates = [row[0] for row in rows if row[4] == Source.ESTIMATE and row[0] <= horizon]
    return Calendar(
        zone=ZoneInfo(settings.TIME_ZONE),
        hours=parse_hours(settings.OFFICE_HOURS),
        days={row[0]: row[1] for row in rows},
        horizon=horizon,
        confirmed=min(estimates) - timedelta(days=1) if estimates else None,
        names={row[0]: (row[2], row[3]) for row in rows if row[2]},
    )


def horizon_of(days: Sequence[date]) -> date:
    """Return the last day of the last unbroken run of at least a year, or `date.min`. `days` are in order.

    Single days entered far ahead must not pretend that the time before them is known.
    """
    horizon, run = date.min, 0
    for previous, day in zip([None, *days], days, strict=False):
        run = run + 1 if previous is not None and day - previous == timedelta(days=1) else 1
        if run >= _YEAR:
            horizon = day
    return horizon


def parse_hours(text: str) -> tuple[tuple[time, time], ...]:
    """Parse "08:30-12:00,13:30-18:00"."""

    def period(part: str) -> tuple[time, time]:
        opens, closes = part.split("-")
        return time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())

    return tuple(period(part) for part in text.split(","))
