"""The year of the working calendar as its page draws it."""

import calendar as weeks
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.administration import events
from governance.outbox.models import DomainEvent
from governance.outbox.selectors import events_about
from governance.worktime.models import CalendarDay, Source

SHOWN_CHANGES = 20


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day: `look` are the classes that say with the words what sort of day it is."""

    date: date
    look: str
    words: str | Promise
    name: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month as rows of seven, Monday first; None where the week belongs to another month."""

    first: date
    weeks: list[list[DayCell | None]]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the calendar's history."""

    event: DomainEvent
    text: str | Promise
    day: date | None
    reason: str


def months_of(year: int, today: date) -> list[Month]:
    """Return the twelve months of a year. 1 SQL."""
    rows = {row.date: row for row in CalendarDay.objects.filter(date__year=year)}
    return [
        Month(
            date(year, month, 1),
            [
                [_cell(date(year, month, day), rows, today) if day else None for day in week]
                for week in weeks.monthcalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def _cell(day: date, rows: Mapping[date, CalendarDay], today: date) -> DayCell:
    row = rows.get(day)
    if row is None:
        look, words = "is-unknown", _("还没有填")
    elif row.is_workday:
        look, words = ("is-made-up", _("调休上班")) if day.weekday() >= 5 else ("", _("上班"))
    else:
        look, words = ("is-holiday", _("放假")) if row.name else ("is-rest", _("休息"))
    by_hand = row is not None and row.source == Source.MANUAL
    classes = [look, "is-by-hand" if by_hand else "", "is-today" if day == today else ""]
    return DayCell(day, " ".join(filter(None, classes)), words, row.label if row else "", by_hand)


_TEXTS = {
    events.DAY_CHANGED.name: {True: _("改为上班"), False: _("改为休息")},
    events.DAY_RESET.name: {True: _("按通知恢复：上班"), False: _("按通知恢复：休息")},
}


def changes() -> list[Change]:
    """Return the latest changes, newest first, with who made them. 2 SQL."""
    names = [events.DAY_CHANGED.name, events.DAY_RESET.name, events.YEAR_FILLED.name]
    found = list(
        events_about(events.CALENDAR).filter(name__in=names).select_related("actor").order_by("-pk")[:SHOWN_CHANGES]
    )
    days = {date.fromisoformat(event.payload["date"]) for event in found if "date" in event.payload}
    reasons = dict(CalendarDay.objects.filter(date__in=days).values_list("date", "reason"))
    return [_change(event, reasons) for event in found]


def _change(event: DomainEvent, reasons: Mapping[date, str]) -> Change:
    payload: dict[str, Any] = event.payload
    if event.name == events.YEAR_FILLED.name:
        text = _("按放假通知填写了 %(year)s 年：%(written)s 天，手工改过的 %(kept)s 天没动") % payload
        return Change(event, text, None, "")
    day = date.fromisoformat(payload["date"])
    return Change(event, _TEXTS[event.name][payload["is_workday"]], day, reasons.get(day, ""))


def as_day(text: str) -> date | None:
    """Return the date of an address, None where it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a date has no zone
    except ValueError:
        return None
