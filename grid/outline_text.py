"""Outlines and lines as text that a person can read and write: one "longitude, latitude" a line, or GeoJSON."""

import json
import re
from typing import Any

from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from governance.errors import DomainError
from grid.features import DECIMALS, polygon_of

POINTS_MAX = 20_000
CHARACTERS_MAX = 1_000_000
_BETWEEN = re.compile(r"[\s,，;；]+")


def outline_text(geometry: dict[str, Any] | None) -> str:
    """A simple outline as lines of coordinates, without the last that repeats the first; any other as GeoJSON."""
    if geometry is None:
        return ""
    rings = geometry["coordinates"]
    if geometry["type"] != "Polygon" or len(rings) != 1:
        return json.dumps(geometry, separators=(",", ":"))
    return points_text(rings[0][:-1])


def points_text(points: Any) -> str:
    """One "longitude, latitude" a line."""
    return "\n".join(f"{lng:.{DECIMALS}f}, {lat:.{DECIMALS}f}" for lng, lat, *_height in points)


def outline_of(text: str, which: str) -> BaseGeometry:
    """Polygon in degrees WGS-84 from text; `which` names the area in messages. Raises `DomainError` for "outline"."""
    if text.lstrip().startswith("{"):
        geometry = _geojson(text)
    else:
        points = points_of(text, field="outline")
        if len(points) < 3:
            raise DomainError("outline_points", _("边界至少要三个点，一行一个：经度, 纬度"), field="outline")
        geometry = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
    try:
        polygon = polygon_of(geometry, "wgs84", which)
    except DomainError as error:
        raise DomainError(error.code, error.message, field="outline") from error
    if polygon is None:
        raise DomainError("outline_points", _("边界至少要三个点，一行一个：经度, 纬度"), field="outline")
    return polygon


def points_of(text: str, *, field: str) -> list[tuple[float, float]]:
    """Points from lines of text. Raises `DomainError` naming the line that was not understood."""
    _check_length(text, field)
    points = []
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            lng, lat = (float(part) for part in _BETWEEN.split(line) if part)
        except ValueError as error:
            message = _("第 %(number)s 行没有看懂，请写成：114.3012, 22.7034") % {"number": number}
            raise DomainError("point_unreadable", message, field=field) from error
        if not (abs(lng) <= 180 and abs(lat) <= 90):
            message = _("第 %(number)s 行的坐标超出范围：应先经度后纬度，单位是度") % {"number": number}
            raise DomainError("coordinates_out_of_range", message, field=field)
        points.append((lng, lat))
    if len(points) > POINTS_MAX:
        raise DomainError("too_many_points", _too_long(), field=field)
    return points


def _geojson(text: str) -> Any:
    _check_length(text, "outline")
    try:
        read = json.loads(text)
    except ValueError as error:
        raise DomainError(
            "geojson_unreadable", _("这段 GeoJSON 读不出来，请检查括号和引号"), field="outline"
        ) from error
    geometry = read.get("geometry") if isinstance(read, dict) and read.get("type") == "Feature" else read
    if _count(geometry) > POINTS_MAX:
        raise DomainError("too_many_points", _too_long(), field="outline")
    return geometry


def _count(part: Any) -> int:
    """How many positions a geometry has, without recursion deeper than a geometry is."""
    level = [part.get("coordinates")] if isinstance(part, dict) else []
    for _depth in range(5):
        if any(isinstance(one, list) and one and not isinstance(one[0], list) for one in level):
            break
        level = [inner for one in level if isinstance(one, list) for inner in one]
    return len(level)


def _check_length(text: str, field: str) -> None:
    if len(text) > CHARACTERS_MAX:
        raise DomainError("too_many_points", _too_long(), field=field)


def _too_long() -> str:
    return _("边界的点太多，最多 %(most)s 个，请先简化再画") % {"most": f"{POINTS_MAX:,}"}
