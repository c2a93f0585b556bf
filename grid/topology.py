"""Faults of a territory: invalid polygons, overlaps, holes, children outside their parent.

Measured in metres on a plane that touches the earth at the middle of the data: within a district it is true to a few
parts in a thousand. An overlap or a hole counts as a fault where it is wider than `TOLERANCE_METRES`; narrower ones
come from rounding, and `grid.index` gives their points to one cell all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import cos, radians

import numpy as np
import shapely
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

TOLERANCE_METRES = 0.5
NARROW_METRES = 20.0  # gaps and overlaps up to this width are slivers: they come from drawing, not from a dispute
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Shape:
    """An area as the checks see it: code, name, polygon in degrees WGS-84."""

    code: str
    name: str
    polygon: BaseGeometry

    def __str__(self) -> str:
        return _("%(name)s（%(code)s）") % {"name": self.name, "code": self.code}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault with the codes it concerns, where it is, and how large."""

    kind: str  # invalid | overlap | hole | outside
    codes: tuple[str, ...]
    message: str
    lng: float
    lat: float
    surface_m2: float = 0.0
    is_narrow: bool = False  # a sliver: nowhere wider than `NARROW_METRES`


@dataclass(frozen=True, slots=True)
class Plane:
    """Equirectangular plane in metres around a point in degrees."""

    lng: float
    lat: float

    @classmethod
    def around(cls, polygons: Sequence[BaseGeometry]) -> "Plane":
        """Plane that touches the earth at the middle of the polygons."""
        west, south, east, north = shapely.total_bounds(polygons)
        return cls((west + east) / 2, (south + north) / 2)

    @property
    def _scale(self) -> NDArray[np.float64]:
        return np.array([METRES_PER_DEGREE * cos(radians(self.lat)), METRES_PER_DEGREE])

    def flat(self, polygon: BaseGeometry) -> BaseGeometry:
        """Degrees -> metres."""
        return shapely.transform(polygon, lambda points: (points - (self.lng, self.lat)) * self._scale)

    def round_earth(self, polygon: BaseGeometry) -> BaseGeometry:
        """Metres -> degrees, to about a centimetre."""
        return shapely.transform(polygon, lambda points: np.round(points / self._scale + (self.lng, self.lat), 7))

    def degrees(self, point: shapely.Point) -> tuple[float, float]:
        """A point in metres -> (lng, lat), to five decimals."""
        lng, lat = np.array([point.x, point.y]) / self._scale + (self.lng, self.lat)
        return round(float(lng), 5), round(float(lat), 5)


def surface_m2(polygon: BaseGeometry) -> float:
    """Surface of a polygon in degrees, in square metres."""
    return float(Plane.around([polygon]).flat(polygon).area)


def faults_of_level(shapes: Sequence[Shape]) -> list[Fault]:
    """Faults among areas of one level: invalid polygons first and alone, else overlaps, then holes."""
    if not shapes:
        return []
    if invalid := [fault for shape in shapes if (fault := _invalid(shape))]:
        return invalid
    plane = Plane.around([shape.polygon for shape in shapes])
    flat = [plane.flat(shape.polygon) for shape in shapes]
    return [*_overlaps(shapes, flat, plane), *_holes(shapes, flat, plane)]


def faults_against_parents(children: Sequence[Shape], parents: Mapping[str, Shape]) -> list[Fault]:
    """Children that reach out of their parent; `parents` maps a child's code to the parent where that has a polygon."""
    found = []
    for child in children:
        if (parent := parents.get(child.code)) is None:
            continue
        plane = Plane.around([child.polygon])
        beyond = _thick(shapely.difference(plane.flat(child.polygon), plane.flat(parent.polygon)))
        if beyond is not None:
            lng, lat = plane.degrees(beyond.representative_point())
            message = _("%(child)s有约 %(surface)s 平方米在%(parent)s之外，在 %(place)s 附近") % {
                "child": child,
                "parent": parent,
                "surface": _rounded(beyond.area),
                "place": _place(lng, lat),
            }
            found.append(Fault("outside", (child.code, parent.code), message, lng, lat, beyond.area))
    return found


def _invalid(shape: Shape) -> Fault | None:
    polygon = shape.polygon
    if polygon.is_empty or polygon.area == 0:
        message = _("%(area)s的边界没有面积") % {"area": shape}
        return Fault("invalid", (shape.code,), message, 0.0, 0.0)
    if shapely.is_valid(polygon):
        return None
    spot = shapely.get_coordinates(polygon)[0]
    lng, lat = round(float(spot[0]), 5), round(float(spot[1]), 5)
    message = _("%(area)s的边界自己和自己相交，或有重复的环（%(reason)s）") % {
        "area": shape,
        "reason": shapely.is_valid_reason(polygon),
    }
    return Fault("invalid", (shape.code,), message, lng, lat)


def _overlaps(shapes: Sequence[Shape], flat: Sequence[BaseGeometry], plane: Plane) -> list[Fault]:
    first, second = shapely.STRtree(flat).query(flat, predicate="intersects")
    found = []
    for one, other in sorted((a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a < b):
        common = _thick(shapely.intersection(flat[one], flat[other]))
        if common is None:
            continue
        lng, lat = plane.degrees(common.representative_point())
        message = _("%(one)s和%(other)s重叠约 %(surface)s 平方米，在 %(place)s 附近") % {
            "one": shapes[one],
            "other": shapes[other],
            "surface": _rounded(common.area),
            "place": _place(lng, lat),
        }
        codes = (shapes[one].code, shapes[other].code)
        found.append(Fault("overlap", codes, message, lng, lat, common.area, _narrow(common)))
    return found


def _holes(shapes: Sequence[Shape], flat: Sequence[BaseGeometry], plane: Plane) -> list[Fault]:
    whole = shapely.union_all(flat)
    rings = chain.from_iterable(part.interiors for part in getattr(whole, "geoms", [whole]))
    tree = shapely.STRtree(flat)
    found = []
    for ring in rings:
        hole = _thick(shapely.Polygon(ring))
        if hole is None:
            continue
        around = [shapes[position] for position in sorted(tree.query(hole, predicate="intersects").tolist())]
        lng, lat = plane.degrees(hole.representative_point())
        message = _("%(areas)s之间空出约 %(surface)s 平方米，不属于任何一个，在 %(place)s 附近") % {
            "areas": _("、").join(str(shape) for shape in around[:4]),
            "surface": _rounded(hole.area),
            "place": _place(lng, lat),
        }
        found.append(Fault("hole", tuple(shape.code for shape in around), message, lng, lat, hole.area, _narrow(hole)))
    return found


def _thick(region: BaseGeometry) -> BaseGeometry | None:
    """The region, if anywhere wider than the tolerance; else None."""
    if region.is_empty or shapely.buffer(region, -TOLERANCE_METRES / 2).is_empty:
        return None
    return region


def _narrow(region: BaseGeometry) -> bool:
    return bool(shapely.buffer(region, -NARROW_METRES / 2).is_empty)


def _rounded(surface: float) -> str:
    return f"{surface:,.0f}" if surface >= 10 else f"{surface:.1f}"


def _place(lng: float, lat: float) -> str:
    return f"{lng:.5f}, {lat:.5f}"
