"""Many points on a map: what lies in a box, gathered on a grid of cells."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Max, Min, QuerySet
from django.db.models.functions import Floor

CELL_PIXELS = 72
COLUMNS_MAX = 64
ZOOM_MAX = 19


@dataclass(frozen=True, slots=True)
class Box:
    """Part of the world in degrees WGS-84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Points that lie close together. `area` names the grid when all of them lie in one."""

    lng: float
    lat: float
    count: int
    area: str


def box_of(text: str) -> Box | None:
    """The box that an address names as "west,south,east,north"; None for anything else."""
    parts = text.split(",")
    if len(text) > 200 or len(parts) != 4:
        return None
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        return None
    if not all(isfinite(value) for value in (west, south, east, north)) or west >= east or south >= north:
        return None
    return Box(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))


def zoom_of(text: str) -> int:
    """The zoom that an address names, kept within what maps have."""
    try:
        return min(max(int(float(text[:10])), 0), ZOOM_MAX)
    except (ValueError, OverflowError):
        return ZOOM_MAX


def cell_size(box: Box, zoom: int) -> float:
    """Degrees of longitude that a cell measures: 72 px at this zoom, and never more than 64 cells across the box."""
    by_zoom = 360 * CELL_PIXELS / (256 * 2**zoom)
    return max(by_zoom, (box.east - box.west) / COLUMNS_MAX, (box.north - box.south) / COLUMNS_MAX, 1e-5)


def gathered(rows: "QuerySet[Any]", box: Box, zoom: int, *, areas_from: int = 0) -> list[Cluster]:
    """Rows with `lng`, `lat` and `area_code` inside the box, gathered: 1 SQL, at most 65 x 65 clusters.

    Comparing the areas of all points costs more than all the rest: with hundreds of thousands of them, name areas only
    from a zoom on that shows a few thousand (`areas_from`).
    """
    size = cell_size(box, zoom)
    with_areas = zoom >= areas_from
    ends = {"first": Min("area_code"), "last": Max("area_code")} if with_areas else {}
    found = (
        rows.filter(lng__gte=box.west, lng__lte=box.east, lat__gte=box.south, lat__lte=box.north)
        .annotate(
            column=Floor(F("lng") / size, output_field=FloatField()),
            row=Floor(F("lat") / size, output_field=FloatField()),
        )
        .values("column", "row")
        .annotate(count=Count("*"), x=Avg("lng"), y=Avg("lat"), **ends)
        .order_by()  # sorted here: the database would sort the points instead of hashing them
    )
    if not with_areas:
        return [Cluster(x, y, count, "") for x, y, count in sorted(found.values_list("x", "y", "count"))]
    whole = sorted(found.values_list("x", "y", "count", "first", "last"))
    return [Cluster(x, y, count, first if first == last else "") for x, y, count, first, last in whole]


def answered(clusters: list[Cluster], box: Box, zoom: int) -> dict[str, Any]:
    """What the map is told."""
    return {
        "cell": cell_size(box, zoom),
        "clusters": [[round(one.lng, 6), round(one.lat, 6), one.count, one.area] for one in clusters],
    }
