"""Changing the working calendar as somebody, with a reason and a trace; the rows themselves are `worktime`'s."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.checks import require
from governance.access.viewer import SYSTEM, Scope, Viewer
from governance.administration import events
from governance.errors import DomainError
from governance.outbox.models import DomainEvent
from governance.outbox.selectors import events_about
from governance.outbox.services import publish
from governance.text import clean_text
from governance.worktime import calendar_current
from governance.worktime.calendar import WARN_DAYS
from governance.worktime.models import CalendarDay
from governance.worktime.permissions import Capability
from governance.worktime.services import calendar_day_reset, calendar_day_set, calendar_fill

YEARS_BACK, YEARS_AHEAD = 1, 3
# How many days before the end people hear of it, each once.
STAGES = (WARN_DAYS, 30, 14, 7, 3, 1, 0)


def may_edit_calendar(viewer: Viewer) -> bool:
    """Whether the viewer keeps the calendar of the whole district; before there is a territory, of anything."""
    districts = [code for code, _name in areas.children("")]
    if not districts:
        return viewer.can(Capability.EDIT_CALENDAR)
    return all(viewer.holds(Capability.EDIT_CALENDAR, Scope(code)) for code in districts)


def day_change(
    *, day: date, is_workday: bool, name: str, name_en: str, reason: str, actor: Viewer, at: datetime
) -> CalendarDay:
    """Decide about one day by hand. What was promised before keeps its date: promises are stored, never recomputed.

    Raises `Forbidden`, and `DomainError` with the field for a day that is over, a name in one language only, a text
    too long, or no reason.
    """
    _require(actor)
    if day < timezone.localdate(at):
        raise DomainError("day_over", _("过去的日子不改"))
    names = _line(name, 40, "name"), _line(name_en, 60, "name_en")
    if bool(names[0]) != bool(names[1]):
        field = "name_en" if names[0] else "name"
        raise DomainError("name_in_both", _("名称要写中文和英文两种，或者都空着"), field=field)
    why = _reason(reason)
    with transaction.atomic():
        row = calendar_day_set(day=day, is_workday=is_workday, name=names[0], name_en=names[1], reason=why)
        payload = {"date": day, "is_workday": is_workday}
        publish(events.DAY_CHANGED, subject=events.CALENDAR, actor=actor, payload=payload, at=at)
    return row


def day_reset(*, day: date, actor: Viewer, at: datetime) -> CalendarDay:
    """Give one day back to the notice. Raises as `day_change` does."""
    _require(actor)
    if day < timezone.localdate(at):
        raise DomainError("day_over", _("过去的日子不改"))
    with transaction.atomic():
        row = calendar_day_reset(day=day)
        payload = {"date": day, "is_workday": row.is_workday}
        publish(events.DAY_RESET, subject=events.CALENDAR, actor=actor, payload=payload, at=at)
    return row


def year_fill(*, year: int, actor: Viewer, at: datetime) -> tuple[int, int]:
    """Fill a year from the published notices; return how many days were written and how many kept as edited by hand.

    Raises `Forbidden`, and `DomainError` for a year further away than last year or three years ahead.
    """
    _require(actor)
    this_year = timezone.localdate(at).year
    if not this_year - YEARS_BACK <= year <= this_year + YEARS_AHEAD:
        raise DomainError("year_far", _("只能填写去年到三年后的日历"))
    with transaction.atomic():
        written, kept = calendar_fill(year=year)
        payload = {"year": year, "written": written, "kept": kept}
        publish(events.YEAR_FILLED, subject=events.CALENDAR, actor=actor, payload=payload, at=at)
    return written, kept


def horizon_check(*, at: datetime) -> DomainEvent | None:
    """Tell once at each stage that the calendar ends within 60 days; return the event, or None if nothing is new."""
    horizon = calendar_current().horizon
    left = (horizon - timezone.localdate(at)).days
    if left > WARN_DAYS:
        return None
    stage = min((stage for stage in STAGES if stage >= left), default=0)
    payload = {"horizon": horizon.isoformat(), "stage": stage}
    with transaction.atomic():
        told = events_about(events.CALENDAR).filter(name=events.CALENDAR_ENDING.name, payload=payload)
        if told.exists():
            return None
        return publish(events.CALENDAR_ENDING, subject=events.CALENDAR, actor=SYSTEM, payload=payload, at=at)


def _require(actor: Viewer) -> None:
    if not may_edit_calendar(actor):
        require(actor, Capability.EDIT_CALENDAR, Scope())


def _line(text: str, limit: int, field: str) -> str:
    line = clean_text(text, multiline=False)
    if len(line) > limit:
        raise DomainError("too_long", _("太长了，请写短一些"), field=field)
    return line


def _reason(text: str) -> str:
    reason = _line(text, 200, "reason")
    if not reason:
        raise DomainError("reason_required", _("请写明为什么改，例如放假通知的文号"), field="reason")
    return reason
