"""New outlines from old ones: cut along a line, joined, drawn anew while the neighbours follow. Pure geometry.

Everything is in degrees WGS-84 and snapped to `GRID_DEGREES` (about a centimetre), so that pieces that meet share
their vertices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

GRID_DEGREES = 1e-7
REACH_DEGREES = 2e-4  # a cut whose ends stop so short of the edge (some 20 m) is carried on over it
TOUCH_DEGREES = 2e-6


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Outlines after one was drawn anew: its own and those of the neighbours that changed; who was covered wholly."""

    outlines: dict[str, BaseGeometry]
    swallowed: tuple[str, ...]


def cut(polygon: BaseGeometry, line: Sequence[tuple[float, float]]) -> list[BaseGeometry]:
    """Pieces of a polygon along a line of at least two points, from west to east; one piece where it misses."""
    knife = _carried_on(line)
    whole: list[BaseGeometry] = []
    pieces: list[BaseGeometry] = []
    for part in getattr(polygon, "geoms", [polygon]):
        found = [piece for piece in split(part, knife).geoms if piece.area > 0]
        (pieces if len(found) > 1 else whole).extend(found)
    if not pieces:
        return [polygon]
    for part in whole:  # islands that the line does not cross stay with the piece that is nearest
        nearest = min(range(len(pieces)), key=lambda number: pieces[number].distance(part))
        pieces[nearest] = joined([pieces[nearest], part])
    return sorted((tidy(piece) for piece in pieces), key=lambda piece: (piece.centroid.x, -piece.centroid.y))


def joined(polygons: Sequence[BaseGeometry]) -> BaseGeometry:
    """One polygon (or several, where they do not touch) in place of these."""
    return tidy(shapely.union_all(list(polygons), grid_size=GRID_DEGREES))


def redrawn(code: str, outline: BaseGeometry, before: Mapping[str, BaseGeometry]) -> Redrawn:
    """Draw one area anew: what it takes its neighbours lose, what it gives up goes to whom it touches most.

    `before` holds the outlines of the area and of its neighbours under the same parent. What it gives up at the outer
    edge, where nobody is beside it, belongs to nobody afterwards.
    """
    outline = tidy(outline)
    after: dict[str, BaseGeometry] = {}
    swallowed = []
    for other, polygon in before.items():
        if other == code or not _share_ground(polygon, outline):
            continue
        rest = tidy(shapely.difference(polygon, outline, grid_size=GRID_DEGREES))
        if rest.is_empty:
            swallowed.append(other)
        else:
            after[other] = rest
    given_up = shapely.difference(before[code], outline, grid_size=GRID_DEGREES)
    for piece in getattr(given_up, "geoms", [given_up]):
        heir = _touched_most(piece, {other: after.get(other, old) for other, old in before.items() if other != code})
        if heir and heir not in swallowed:
            after[heir] = joined([after.get(heir, before[heir]), piece])
    return Redrawn({code: outline, **after}, tuple(swallowed))


def tidy(geometry: BaseGeometry) -> BaseGeometry:
    """The areal part of a geometry, without lines and points that operations leave behind."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = [part for part in getattr(geometry, "geoms", []) if part.geom_type in {"Polygon", "MultiPolygon"}]
    flat = [one for part in parts for one in getattr(part, "geoms", [part])]
    return flat[0] if len(flat) == 1 else MultiPolygon(flat) if flat else Polygon()


def _share_ground(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shapely.intersects(one, other)) and shapely.intersection(one, other, grid_size=GRID_DEGREES).area > 0


def _touched_most(piece: BaseGeometry, others: Mapping[str, BaseGeometry]) -> str:
    wide = shapely.buffer(piece, TOUCH_DEGREES)
    shares = {code: shapely.intersection(wide, polygon).area for code, polygon in others.items()}
    code = max(sorted(shares), key=lambda one: shares[one], default="")
    return code if code and shares[code] > 0 else ""


def _carried_on(line: Sequence[tuple[float, float]]) -> LineString:
    points = [(float(x), float(y)) for x, y in line]
    return LineString([_beyond(points[1], points[0]), *points, _beyond(points[-2], points[-1])])


def _beyond(inner: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    length = shapely.Point(inner).distance(shapely.Point(end)) or 1.0
    share = REACH_DEGREES / length
    return end[0] + (end[0] - inner[0]) * share, end[1] + (end[1] - inner[1]) * share
