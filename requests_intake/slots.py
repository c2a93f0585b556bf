"""Which times a window offers: its open hours cut into slots, within what may be booked ahead. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from governance.worktime import Calendar
from requests_intake.opening import Week, periods_on

Span = tuple[datetime, datetime]
Taken = tuple[datetime, datetime, int]  # from, to, which seat


@dataclass(frozen=True, slots=True)
class Offer:
    """How a window takes appointments: slots of so many minutes with so many seats, from and to days ahead of today.

    Nobody books or moves within `cutoff_hours` of the beginning.
    """

    minutes: int
    seats: int
    from_days: int
    until_days: int
    cutoff_hours: int
    open_on_holidays: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """One time with the number of its free seats."""

    start: datetime
    end: datetime
    free: int


def days_offered(offer: Offer, calendar: Calendar, at: datetime) -> list[date]:
    """Return the days on which somebody may come, whether open or not."""
    today = calendar.local(at).date()
    return [today + timedelta(days=ahead) for ahead in range(offer.from_days, offer.until_days + 1)]


def spans_on(day: date, offer: Offer, week: Week, calendar: Calendar) -> list[Span]:
    """Return the slots of a day; what is left of a stretch that is too short for one more is not offered."""
    length = timedelta(minutes=offer.minutes)
    spans = []
    for opens, closes in periods_on(day, week, calendar, open_on_holidays=offer.open_on_holidays):
        start = opens
        while start + length <= closes:
            spans.append((start, start + length))
            start += length
    return spans


def slots_on(
    day: date, offer: Offer, week: Week, calendar: Calendar, taken: Iterable[Taken], at: datetime
) -> list[Slot]:
    """Return the slots of a day that may still be booked, full ones too. `taken`: where somebody sits already."""
    if day not in days_offered(offer, calendar, at):
        return []
    busy = list(taken)
    first = at + timedelta(hours=offer.cutoff_hours)
    slots = []
    for start, end in spans_on(day, offer, week, calendar):
        seated = {seat for begins, until, seat in busy if begins < end and until > start}
        if start >= first:
            slots.append(Slot(start, end, max(0, offer.seats - len(seated))))
    return slots


def fits(start: datetime, end: datetime, week: Week, calendar: Calendar, *, open_on_holidays: bool) -> bool:
    """Whether the window is open all through a span that was promised to somebody."""
    day = calendar.local(start).date()
    return any(
        opens <= start and end <= closes
        for opens, closes in periods_on(day, week, calendar, open_on_holidays=open_on_holidays)
    )
