"""The working calendar as a value: office hours, days that differ from the usual week, and where knowledge ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.worktime.dates import date_text

WARN_DAYS = 60


class HorizonPassed(DomainError):
    """A working-time limit would need a day that the working calendar does not know yet."""

    def __init__(self, horizon: date) -> None:
        super().__init__("worktime_horizon_passed", _horizon_text(horizon))


@dataclass(frozen=True)
class Calendar:
    """Everything deadline arithmetic knows.

    `hours` are the office hours of a working day in local time, in order. `days` says of single dates whether they are
    working days; dates not in it follow the week, Monday to Friday. No date after `horizon` may be asked for.
    `confirmed` is the last date of the published calendar where later ones are estimates, `names` the (Chinese,
    English) names of holidays.
    """

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]
    days: Mapping[date, bool]
    horizon: date
    confirmed: date | None = None
    names: Mapping[date, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        edges = [edge for period in self.hours for edge in period]
        if not edges or any(earlier >= later for earlier, later in pairwise(edges)):
            raise ValueError("Office hours must be one or more periods in order that do not touch.")

    def is_workday(self, day: date) -> bool:
        """Tell whether the office works on a date; raise `HorizonPassed` for a date after the horizon."""
        if day > self.horizon:
            raise HorizonPassed(self.horizon)
        return self.days.get(day, day.weekday() < 5)

    def local(self, moment: datetime) -> datetime:
        """Return the moment in the calendar's zone; refuse a naive one."""
        if moment.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return moment.astimezone(self.zone)

    def closing(self, day: date) -> datetime:
        """Return the moment (UTC) at which the office closes on a date, were it a working day."""
        return self._moment(day, self.hours[-1][1])

    def periods(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the office hours of a date as moments (UTC), were it a working day."""
        return [(self._moment(day, opens), self._moment(day, closes)) for opens, closes in self.hours]

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def horizon_warning(calendar: Calendar, at: datetime) -> str | Promise | None:
    """Return a sentence for administrators when the calendar is about to run out (under 60 days), or None.

    It also speaks when under 60 days remain of the published part and the rest are estimates without make-up days.
    """
    soon = calendar.local(at).date() + timedelta(days=WARN_DAYS)
    if calendar.horizon < soon:
        return _horizon_text(calendar.horizon)
    if calendar.confirmed is not None and calendar.confirmed < soon:
        return format_lazy(
            _("{date}以后的节假日是推算的，没有调休安排；放假通知公布后请更新工作日历。"),
            date=date_text(calendar.confirmed, with_year=True),
        )
    return None


def _horizon_text(horizon: date) -> str | Promise:
    if horizon == date.min:
        return _("工作日历是空的，算不出按工作时间计算的期限；请管理员填写工作日历。")
    return format_lazy(
        _("工作日历只填到{date}，再往后的期限算不出来；请管理员补充工作日历。"), date=date_text(horizon, with_year=True)
    )
