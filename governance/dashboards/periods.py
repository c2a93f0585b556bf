"""Periods of the overview: whole local days, `[start, end)`, and the window before to compare with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import DomainError
from governance.worktime.days import midnight

DEFAULT = "7"
CHOICES: Sequence[tuple[str, int, str | Promise, str | Promise]] = (
    ("today", 1, gettext_lazy("今天"), gettext_lazy("昨天这个时候")),
    ("7", 7, gettext_lazy("近 7 天"), gettext_lazy("前 7 天")),
    ("30", 30, gettext_lazy("近 30 天"), gettext_lazy("前 30 天")),
    ("90", 90, gettext_lazy("近 90 天"), gettext_lazy("前 90 天")),
)
MONTH, YEAR, RANGE = "month", "year", "range"
LONGEST = 3660  # days of a range: what is longer is a slip of the keyboard
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time; `end` is not part of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days as seen at the moment `at`.

    `before` is what it is compared with: as many days earlier (the same days of the month or year before, for a month
    or year); where the period is not over, it ends at the same time of day, so that a day half over is compared with
    half a day. `label` names the period, `than` what it is compared with, `query` gives it in an address.
    """

    key: str
    days: int
    start: datetime
    end: datetime
    before: Window
    at: datetime
    label: str | Promise
    than: str | Promise
    query: tuple[tuple[str, str], ...] = ()

    @property
    def last_day(self) -> datetime:
        """The beginning of the last day, for showing."""
        return self.end - timedelta(days=1)


def period_at(key: str, at: datetime) -> Period:
    """Return one of the periods that end today, as seen at `at`; an unknown key gives the default one."""
    known = {choice[0]: choice for choice in CHOICES}
    name, days, label, than = known.get(key) or known[DEFAULT]
    after = _today(at) + timedelta(days=1)
    return _period(name, after - timedelta(days=days), after, timedelta(days=days), at, label, than)


def period_of(values: dict[str, str], at: datetime) -> Period:
    """Return the period that an address or form names: `period`, with `month`, `year`, or `from` and `to`.

    Raises `DomainError` on "from" or "to" for dates that are none, in the wrong order, to come, or too far apart.
    """
    key = values.get("period", "")
    if key == MONTH:
        return _month(values.get("month", ""), at)
    if key == YEAR:
        return _year(values.get("year", ""), at)
    if key == RANGE:
        return _range(values.get("from", ""), values.get("to", ""), at)
    return period_at(key, at)


def _today(at: datetime) -> date:
    return timezone.localtime(at).date()


def _period(
    key: str,
    first: date,
    after: date,
    shift: timedelta,
    at: datetime,
    label: str | Promise,
    than: str | Promise,
    query: tuple[tuple[str, str], ...] = (),
    before: tuple[date, date] | None = None,
) -> Period:
    """`shift` leads to the days before; `before` names them where they are not as many."""
    begun, ended = before or (first - shift, after - shift)
    over = after <= _today(at)
    if over:
        stop = midnight(ended)
    else:  # as far into those days as these days have come
        gone = timezone.localtime(at).replace(tzinfo=None) - datetime.combine(first, time.min)
        stop = min(
            (datetime.combine(begun, time.min) + gone).replace(tzinfo=timezone.get_current_timezone()), midnight(ended)
        )
    return Period(
        key=key,
        days=(after - first).days,
        start=midnight(first),
        end=midnight(after),
        before=Window(midnight(begun), stop),
        at=at,
        label=label,
        than=than,
        query=(("period", key), *query),
    )


def _month(text: str, at: datetime) -> Period:
    """The calendar month `2026-11`; this one where the text is none or still to come."""
    first = _today(at).replace(day=1)
    if found := _MONTH.fullmatch(text):
        first = min(first, date(int(found[1]) or 1, int(found[2]), 1))
    after = (first + timedelta(days=32)).replace(day=1)
    earlier = (first - timedelta(days=1)).replace(day=1)
    label = _("%(year)s 年 %(month)s 月") % {"year": first.year, "month": first.month}
    return _period(
        MONTH, first, after, first - earlier, at, label, _("上个月同期"), (("month", f"{first:%Y-%m}"),),
        before=(earlier, first),
    )  # fmt: skip


def _year(text: str, at: datetime) -> Period:
    """The calendar year; this one where the text is none or still to come."""
    this = _today(at).year
    year = min(this, int(text)) if re.fullmatch(r"\d{4}", text) and int(text) > 1 else this
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    earlier = date(year - 1, 1, 1)
    label = _("%(year)s 年") % {"year": year}
    return _period(
        YEAR, first, after, first - earlier, at, label, _("上一年同期"), (("year", str(year)),), before=(earlier, first)
    )


def _range(first_text: str, last_text: str, at: datetime) -> Period:
    first, last = _day(first_text, "from"), _day(last_text, "to")
    if last < first:
        raise DomainError("range_backwards", _("结束的日期在开始的日期之前，请改一下"), field="to")
    if first > _today(at):
        raise DomainError("range_to_come", _("这些日子还没有到"), field="from")
    if (last - first).days > LONGEST:
        raise DomainError("range_too_long", _("最多看十年"), field="to")
    after = last + timedelta(days=1)
    label = _("%(first)s 到 %(last)s") % {"first": first.isoformat(), "last": last.isoformat()}
    than = _("之前的 %(days)s 天") % {"days": (after - first).days}
    query = (("from", first.isoformat()), ("to", last.isoformat()))
    return _period(RANGE, first, after, after - first, at, label, than, query)


def _day(text: str, name: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise DomainError("date_unknown", _("请写日期，比如 2026-11-01"), field=name) from None
    if not 1990 <= day.year <= 2200:
        raise DomainError("date_unknown", _("请写日期，比如 2026-11-01"), field=name)
    return day
