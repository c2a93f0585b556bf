"""Who is on duty: now, next, and through a week with its gaps. A duty day lasts until the next day's opening time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from governance.access.models import Grant, User
from governance.worktime import Calendar, calendar_current
from requests_intake.models import DutyShift
from requests_intake.permissions import Capability


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time `[start, end)`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DutyDay:
    """A day of the roster: when its duty runs, whose shifts lie in it, what of it nobody covers."""

    day: date
    window: Window
    shifts: list[DutyShift]
    gaps: list[Window]

    @property
    def shift(self) -> DutyShift | None:
        """Whose shift it is at the end of the day."""
        return self.shifts[-1] if self.shifts else None


def duty_window(day: date, calendar: Calendar) -> Window:
    """Return when the duty of a day runs: from closing time, on a day off from opening time, until the next opening.

    Raises `HorizonPassed` where the calendar does not reach.
    """
    start = calendar.closing(day) if calendar.is_workday(day) else calendar.periods(day)[0][0]
    return Window(start, calendar.periods(day + timedelta(days=1))[0][0])


def uncovered(window: Window, shifts: Iterable[DutyShift]) -> list[Window]:
    """Return the parts of a window in which nobody is on duty, in order."""
    gaps, at = [], window.start
    for shift in sorted(shifts, key=lambda one: one.starts_at):
        if shift.starts_at >= window.end:
            break
        if at < shift.starts_at:
            gaps.append(Window(at, shift.starts_at))
        at = max(at, shift.ends_at)
    return [*gaps, Window(at, window.end)] if at < window.end else gaps


def duty_week(area_code: str, monday: date) -> list[DutyDay]:
    """Return the seven days of a week. 1 SQL. Raises as `duty_window` does."""
    calendar = calendar_current()
    windows = [(day, duty_window(day, calendar)) for day in (monday + timedelta(days=n) for n in range(7))]
    shifts = list(
        DutyShift.objects.filter(
            area_code=area_code, starts_at__lt=windows[-1][1].end, ends_at__gt=windows[0][1].start
        ).select_related("person")
    )
    days = []
    for day, window in windows:
        own = [shift for shift in shifts if shift.starts_at < window.end and shift.ends_at > window.start]
        days.append(DutyDay(day, window, own, uncovered(window, own)))
    return days


def on_duty(area_code: str, at: datetime) -> DutyShift | None:
    """Return the shift that runs now, of the smallest area around this one that has any; None where there is none."""
    return closest(area_code, shifts_around({area_code}, at), lambda shift: shift.starts_at <= at)


def shifts_around(area_codes: Iterable[str], at: datetime) -> list[DutyShift]:
    """Return the shifts that run or are to come in the areas around these, the earliest first. 1 SQL."""
    around = {code[:end] for code in area_codes for end in range(6, len(code) + 1)}
    found = DutyShift.objects.filter(area_code__in=around, ends_at__gt=at).select_related("person")
    return list(found.order_by("starts_at", "pk")[:500])


def closest(area_code: str, shifts: Sequence[DutyShift], fits: Callable[[DutyShift], bool]) -> DutyShift | None:
    """Return the earliest fitting shift of the smallest area that covers `area_code`."""
    around = [shift for shift in shifts if area_code.startswith(shift.area_code) and fits(shift)]
    return min(around, key=lambda shift: (-len(shift.area_code), shift.starts_at), default=None)


def people_for(area_code: str, at: datetime) -> list[User]:
    """Return whoever may answer alerts in an area, by name: those one can put on its roster. 1 SQL."""
    codename = Capability.ANSWER_ALERT.partition(".")[2]
    around = [area_code[:end] for end in range(6, len(area_code) + 1)]
    held = (
        Grant.objects.live(at)
        .people()
        .filter(Q(area_code__in=around), organisation__isnull=True, role__group__permissions__codename=codename)
    )
    return list(User.objects.filter(pk__in=held.values("user_id")).order_by("display_name", "pk"))
