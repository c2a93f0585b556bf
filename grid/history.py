"""The territory of another day, and what was done to an area."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from shapely.geometry import shape

from governance.impact.succession import successors
from grid.index import NEAR_DEGREES, AreaIndex
from grid.models import Area, AreaChange, AreaVersion, Level


@dataclass(frozen=True, slots=True)
class Then:
    """A grid as it was on a day: its code and the name it had."""

    code: str
    name: str


def grid_on(lng: float, lat: float, day: date) -> Then | None:
    """Return the grid in which a point (degrees WGS-84) lay on a day, by the rule of `grid.index`; None outside. 3 SQL.

    Of a day before the first outline was drawn nothing is known: None.
    """
    near = Q(
        min_lng__lte=lng + NEAR_DEGREES,
        max_lng__gte=lng - NEAR_DEGREES,
        min_lat__lte=lat + NEAR_DEGREES,
        max_lat__gte=lat - NEAR_DEGREES,
    )
    then = list(AreaVersion.objects.filter(near, code__regex=r"^.{15}$", valid_from__lte=day, valid_to__gt=day))
    now = list(Area.objects.valid_on(day).filter(near, level=Level.GRID))
    later = AreaVersion.objects.filter(code__in=[area.code for area in now], valid_to__gt=day).order_by()
    changed_since = set(later.values_list("code", flat=True))
    rows: list[Any] = [*then, *(area for area in now if area.code not in changed_since)]
    by_code = {row.code: row for row in rows}
    code = AreaIndex((row.code, shape(row.geometry)) for row in by_code.values()).code_at(lng, lat)
    return Then(code, by_code[code].label) if code else None


def heirs_of(code: str) -> list[Area]:
    """Return the areas of today that took the place of an ended one: one after a merge, several after a split. 2 SQL.

    What was printed or bookmarked with an old code goes on leading somewhere.
    """
    codes = [code]
    for line in AreaChange.objects.exclude(code_map=[]).order_by("at", "pk").values_list("code_map", flat=True):
        codes = [heir for one in codes for heir in (successors(one, line) or [one])]
    found = {area.code: area for area in Area.objects.valid_on(timezone.localdate()).filter(code__in=codes)}
    return [found[one] for one in dict.fromkeys(codes) if one in found]


def changes_of(code: str) -> list[AreaChange]:
    """Return what was done to the area with this code, the latest first, with who did it. 1 SQL."""
    return list(AreaChange.objects.filter(codes__contains=[code]).select_related("by"))


def versions_of(code: str) -> list[AreaVersion]:
    """Return how the area was before, the latest first, without outlines. 1 SQL."""
    return list(AreaVersion.objects.filter(code=code).defer("geometry"))
