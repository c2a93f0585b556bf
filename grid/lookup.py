"""The process's copy of the grid polygons, and when it is read again.

Rule: a process asks for the geometry version at most once every `CHECK_SECONDS` (one SQL), and loads the polygons
again (a second SQL) only when the version or the date has changed. A change made by this process is seen by its next
question after the commit; other processes see it within `CHECK_SECONDS`.
"""

import threading
import time
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import Point, shape

from grid.index import AreaIndex
from grid.models import Area, GeometryVersion, Level

CHECK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Copy:
    stamp: UUID | None
    day: date
    index: AreaIndex
    checked: float  # time.monotonic()


_lock = threading.Lock()
_copy: _Copy | None = None


def grid_at(lng: float, lat: float) -> str | None:
    """Code of the grid at a point in degrees WGS-84, None outside the territory.

    On an edge the lowest code wins. No SQL, except every `CHECK_SECONDS` (see the module).
    """
    return current_index().code_at(lng, lat)


def grids_at(lng: ArrayLike, lat: ArrayLike) -> NDArray[Any]:
    """Codes of the grids at arrays of points, None outside: for imports and re-coding, a million points in seconds."""
    return current_index().codes_at(lng, lat)


def district_contains(lng: float, lat: float) -> bool:
    """Whether the point lies in the district: in one of its grids, else inside a district's own outline. At most 1 SQL.

    False while no polygon is loaded: then every pin goes to the desk.
    """
    if grid_at(lng, lat) is not None:
        return True
    outlines = (
        Area.objects.valid_on(timezone.localdate())
        .filter(level=Level.DISTRICT, min_lng__lte=lng, max_lng__gte=lng, min_lat__lte=lat, max_lat__gte=lat)
        .values_list("geometry", flat=True)
    )
    point = Point(lng, lat)
    return any(shape(outline).intersects(point) for outline in outlines)


def geometry_stamp() -> UUID | None:
    """Stamp of the present territory, None before any was loaded. 1 SQL."""
    return GeometryVersion.objects.values_list("stamp", flat=True).first()


def current_index() -> AreaIndex:
    """Index of the grids valid today, read again by the rule of this module."""
    global _copy
    copy = _copy
    if copy is not None and time.monotonic() - copy.checked < CHECK_SECONDS:
        return copy.index
    with _lock:
        copy = _copy
        now = time.monotonic()
        if copy is not None and now - copy.checked < CHECK_SECONDS:
            return copy.index
        # The stamp is read before the polygons: if they change in between, the next check loads them again.
        stamp, day = geometry_stamp(), timezone.localdate()
        if copy is not None and (copy.stamp, copy.day) == (stamp, day):
            copy = replace(copy, checked=now)
        else:
            copy = _Copy(stamp, day, _load(day), now)
        _copy = copy
        return copy.index


def forget() -> None:
    """Drop this process's copy; the next question reads the territory again."""
    global _copy
    _copy = None


def _load(day: date) -> AreaIndex:
    rows = (
        Area.objects.valid_on(day)
        .filter(level=Level.GRID, geometry__isnull=False)
        .values_list("code", "geometry")
        .order_by("code")
    )
    return AreaIndex((code, shape(geometry)) for code, geometry in rows)
