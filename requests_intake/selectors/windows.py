"""The directory of service windows as residents and its editors read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.access import areas
from governance.access.models import User
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from governance.outbox.selectors import events_about
from governance.worktime import Calendar, calendar_current
from governance.worktime.dates import days_text
from requests_intake.models import ServiceWindow
from requests_intake.opening import (
    WEEKDAYS,
    Opening,
    Stretch,
    Week,
    hours_on,
    opening,
    opening_text,
    stretches_text,
)
from requests_intake.permissions import Capability
from requests_intake.services.windows import special_days_of, week_of

_SEARCHED = ("name", "name_en", "services", "services_en", "address", "address_en", "organisation__name",
             "organisation__name_en")  # fmt: skip
DAYS_AHEAD = 30
SHOWN_CHANGES = 20


@dataclass(frozen=True, slots=True)
class WindowLine:
    """One window of the list, with what its hours mean now."""

    window: ServiceWindow
    opening: Opening
    text: str


@dataclass(frozen=True, slots=True)
class WindowGroup:
    """The windows of one area, under its name."""

    area_code: str
    name: str
    lines: list[WindowLine]


def window_groups(*, area_code: str, words: str, at: datetime) -> list[WindowGroup]:
    """Return the windows by area, with the words in them: 3 SQL, and the calendar's once a minute.

    With an area: those inside it, then those of the areas around it, which serve it as well, the nearest first.
    A directory holds a few hundred rows at most and is read, printed and searched as a whole: it has no pages.
    """
    found = ServiceWindow.objects.public()
    if area_code:
        around = [area_code[:end] for end in (6, 9, 12, 15) if end < len(area_code)]
        found = found.filter(Q(area_code__startswith=area_code) | Q(area_code__in=around))
    for word in words.split():
        found = found.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in _SEARCHED)))
    rows = sorted(found, key=lambda row: (_distance(row, area_code), *_place(row)))
    names = areas.names({code for row in rows for code in _path(row.area_code)})
    calendar = calendar_current()
    return [
        WindowGroup(code, _area_name(code, names), [_line(row, calendar, at) for row in group])
        for code, group in groupby(rows, key=lambda row: row.area_code[:12])
    ]


def _distance(row: ServiceWindow, area_code: str) -> int:
    return 0 if row.area_code.startswith(area_code) else 20 - len(row.area_code)


def _place(row: ServiceWindow) -> tuple[Any, ...]:
    return (row.area_code[:12], row.position, row.name, row.pk)


def _path(code: str) -> list[str]:
    return [code[:end] for end in (6, 9, 12) if end <= len(code)]


def _area_name(code: str, names: dict[str, str]) -> str:
    """The sub-district before its community; a district's own windows under its name."""
    path = _path(code)
    return " · ".join(names.get(part, part) for part in (path[1:] or path))


def _line(window: ServiceWindow, calendar: Calendar, at: datetime) -> WindowLine:
    found = opening(week_of(window), calendar, at, open_on_holidays=window.open_on_holidays)
    return WindowLine(window, found, opening_text(found, calendar, at))


@dataclass(frozen=True, slots=True)
class WindowPage:
    """Everything that the page of a window says."""

    line: WindowLine
    area: str
    week: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]


def window_page(public_id: Any, *, at: datetime) -> WindowPage | None:
    """Return an active window with its week and the days of the next month that differ from it. 3 SQL."""
    window = ServiceWindow.objects.public().filter(public_id=public_id).first()
    if window is None:
        return None
    calendar = calendar_current()
    return WindowPage(
        line=_line(window, calendar, at),
        area=_area_name(window.area_code, areas.names(_path(window.area_code))),
        week=week_rows(week_of(window)),
        changes=_changed_days(window, calendar, calendar.local(at).date()),
    )


def week_rows(week: Week) -> list[tuple[str, str]]:
    """Return (days, hours) of a week, days that follow each other with the same hours in one row."""
    rows = []
    for stretches, days in groupby(range(7), key=lambda day: tuple(week.get(day, ()))):
        first, *rest = days
        name = _(WEEKDAYS[first])
        if rest:
            name = _("%(first)s至%(last)s") % {"first": name, "last": _(WEEKDAYS[rest[-1]])}
        rows.append((name, hours_text(stretches)))
    return rows


def hours_text(stretches: Sequence[Stretch]) -> str:
    """8:30–12:00, 13:30–17:30; or that it is closed, or open day and night."""
    if list(stretches) == [(0, 1440)]:
        return _("全天")
    return stretches_text(stretches, joint=_("，")).replace("-", "–") or _("不开")


def _changed_days(window: ServiceWindow, calendar: Calendar, today: date) -> list[tuple[str, str, str]]:
    """(days, why, hours) where holidays, make-up workdays and days of the window's own change the week."""
    week = week_of(window)
    named = {one.day: (one.why, one.why_en) for one in special_days_of(window)}
    found: list[tuple[date, tuple[str, str], str]] = []
    for ahead in range(DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        stretches = hours_on(day, week, calendar, open_on_holidays=window.open_on_holidays)
        if list(stretches) != list(week.get(day.weekday(), ())):
            found.append((day, named.get(day) or calendar.names.get(day, ("", "")), hours_text(stretches)))
    rows = []
    # days in a row share one line
    runs = groupby(enumerate(found), key=lambda one: (one[1][0].toordinal() - one[0], *one[1][1:]))
    for (_run, names, text), same in runs:
        days = [one[1][0] for one in same]
        rows.append((str(days_text(days, year=today.year)), _named(names), text))
    return rows


def _named(names: tuple[str, str]) -> str:
    chinese, english = names
    return english if english and get_language() == "en" else chinese


# ---------- editors ----------


def windows_to_edit(viewer: Viewer) -> Any:
    """Windows that this person may change, closed ones too, with their organisation: 1 SQL."""
    return ServiceWindow.objects.visible_to(viewer).select_related("organisation")


def organisations_with_windows(viewer: Viewer) -> list[Organisation]:
    """Organisations for whose windows this person may speak, by area. 1 SQL."""
    held = viewer.areas(Capability.EDIT_WINDOWS)
    conditions = [Q(pk__in=viewer.organisations(Capability.EDIT_WINDOWS))]
    conditions += [Q(area_code__startswith=code) for code in held]
    return list(Organisation.objects.filter(reduce(or_, conditions), is_active=True).order_by("area_code", "pk"))


def areas_for_windows(viewer: Viewer) -> list[tuple[str, str]]:
    """(code, name) of the areas down to communities in which this person may place a window."""
    found: dict[str, str] = {}
    for code in viewer.areas(Capability.EDIT_WINDOWS):
        found |= areas.names([code]) | {below: name for below, name in areas.below(code) if len(below) <= 12}
    return sorted(found.items())


@dataclass(frozen=True, slots=True)
class WindowChange:
    """One entry of a window's history: when, who, and which fields; none where it was made."""

    at: datetime
    by: User | None
    fields: list[str]


def window_changes(window: ServiceWindow) -> list[WindowChange]:
    """Return the latest changes, newest first. 1 SQL."""
    found: Iterable[Any] = events_about(window).select_related("actor").order_by("-pk")[:SHOWN_CHANGES]
    return [WindowChange(event.at, event.actor, list(event.payload.get("fields", []))) for event in found]
