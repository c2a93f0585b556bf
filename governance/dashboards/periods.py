"""Periods of the overview: whole local days, `[start, end)`, and the window before to compare with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFAULT = "7"
CHOICES: Sequence[tuple[str, int, str | Promise, str | Promise]] = (
    ("today", 1, _("今天"), _("昨天这个时候")),
    ("7", 7, _("近 7 天"), _("前 7 天")),
    ("30", 30, _("近 30 天"), _("前 30 天")),
    ("90", 90, _("近 90 天"), _("前 90 天")),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time; `end` is not part of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The last N local days, today among them, as seen at the moment `at`.

    `before` is the same number of days earlier and ends at the same time of day, so that a day half over is compared
    with half a day. `label` names the period, `than` what it is compared with.
    """

    key: str
    days: int
    start: datetime
    end: datetime
    before: Window
    at: datetime
    label: str | Promise
    than: str | Promise

    @property
    def last_day(self) -> datetime:
        """The beginning of the last day, for showing."""
        return self.end - timedelta(days=1)


def period_at(key: str, at: datetime) -> Period:
    """Return the period with this key as seen at `at`; an unknown key gives the default one."""
    known = {choice[0]: choice for choice in CHOICES}
    name, days, label, than = known.get(key) or known[DEFAULT]
    zone = timezone.get_current_timezone()
    today = timezone.localtime(at, zone).date()
    first, after = today - timedelta(days=days - 1), today + timedelta(days=1)

    def midnight(day: object) -> datetime:
        return datetime.combine(day, time.min, tzinfo=zone)  # type: ignore[arg-type]

    start = midnight(first)
    shift = timedelta(days=days)
    return Period(
        key=name,
        days=days,
        start=start,
        end=midnight(after),
        before=Window(midnight(first - shift), timezone.localtime(at, zone) - shift),
        at=at,
        label=label,
        than=than,
    )
