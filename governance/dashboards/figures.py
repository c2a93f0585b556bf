"""A figure as it is read: number, unit, change in words, and where its rows are."""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from governance.dashboards.periods import Period

Direction = Literal["up", "down", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """How a number moved, in words; the direction draws the arrow and judges nothing."""

    direction: Direction
    words: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the overview.

    `value` None means that there is no data: no denominator is never shown as 0 or 100 %. `late` marks a number of
    people who wait too long, the only one that is red (and only while it is not 0). `url` leads to exactly the rows
    that were counted. `note` is one short line below.
    """

    label: str | Promise
    value: int | float | None
    unit: str | Promise = ""
    change: Change | None = None
    note: str | Promise = ""
    url: str = ""
    late: bool = False

    @property
    def is_late(self) -> bool:
        """Whether the number is shown in red."""
        return self.late and bool(self.value)

    @property
    def shown(self) -> str:
        """The number with thousands separated; a rate keeps one decimal."""
        if self.value is None:
            return ""
        return f"{self.value:,.1f}" if isinstance(self.value, float) else f"{self.value:,}"


def rate(numerator: int, denominator: int) -> float | None:
    """Return a percentage, or None without a denominator. Both parts must come from one population."""
    return 100 * numerator / denominator if denominator else None


def count_change(now: int, before: int, period: Period, unit: str | Promise = "") -> Change:
    """Return the change of a count against the window before: "比前 7 天多 12 件"."""
    if now == before:
        return Change("same", _("和%(than)s一样多") % {"than": period.than})
    values = {"than": period.than, "number": f"{abs(now - before):,}", "unit": unit}
    if now > before:
        return Change("up", _("比%(than)s多 %(number)s %(unit)s") % values)
    return Change("down", _("比%(than)s少 %(number)s %(unit)s") % values)


def rate_change(now: float | None, before: float | None, period: Period) -> Change | None:
    """Return the change of a percentage in percentage points; None when either side has no data."""
    if now is None or before is None:
        return None
    points = round(now, 1) - round(before, 1)
    if abs(points) < 0.05:  # what is shown has one decimal
        return Change("same", _("和%(than)s一样") % {"than": period.than})
    values = {"than": period.than, "points": f"{abs(points):.1f}"}
    if points > 0:
        return Change("up", _("比%(than)s多 %(points)s 个百分点") % values)
    return Change("down", _("比%(than)s少 %(points)s 个百分点") % values)
