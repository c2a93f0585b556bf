"""A planar partition whose faces share their vertices, so that cutting one face can never leave a gap or an overlap.

Plane coordinates are metres east and north of the district's south-west corner. Everything is deterministic: the
caller passes the seeded random generator.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

Point = tuple[float, float]
Edge = frozenset[int]

SNAP_METRES = 45.0
CLEARANCE_METRES = 25.0
BEND_EVERY_METRES = 260.0


def signed_area(points: Sequence[Point]) -> float:
    """Area in square metres, positive for a counter-clockwise ring."""
    total = 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        total += x1 * y2 - x2 * y1
    return total / 2


def centroid(points: Sequence[Point]) -> Point:
    """Centre of gravity of a ring; may lie outside a strongly bent one."""
    area = signed_area(points)
    cx = cy = 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        cx += (x1 + x2) * cross
        cy += (y1 + y2) * cross
    return cx / (6 * area), cy / (6 * area)


def compactness(points: Sequence[Point]) -> float:
    """1 for a circle, 0.785 for a square, near 0 for a sliver."""
    perimeter = sum(math.dist(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True))
    return 4 * math.pi * abs(signed_area(points)) / perimeter**2


def contains(points: Sequence[Point], point: Point) -> bool:
    """Even-odd test; a point on the edge may fall either way."""
    x, y = point
    inside = False
    x1, y1 = points[-1]
    for x2, y2 in points:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


def distance_to_segment(point: Point, start: Point, end: Point) -> float:
    """Metres from a point to a segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length
    t = min(1.0, max(0.0, t))
    return math.dist(point, (start[0] + t * dx, start[1] + t * dy))


def distance_to_ring(points: Sequence[Point], point: Point) -> float:
    """Metres from a point to the nearest edge of a ring."""
    return min(distance_to_segment(point, a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True))


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two segments cross in their inside."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a line enters and leaves a ring: index of the edge and the point on it, twice."""

    entry: tuple[int, Point]
    exit: tuple[int, Point]
    path: tuple[Point, ...]


@dataclass(slots=True)
class Partition:
    """Faces as rings of shared vertex numbers, counter-clockwise; `labels` names the line an edge belongs to."""

    points: list[Point] = field(default_factory=list)
    faces: dict[str, list[int]] = field(default_factory=dict)
    labels: dict[Edge, str] = field(default_factory=dict)

    def ring(self, key: str) -> list[Point]:
        """Coordinates of a face."""
        return [self.points[i] for i in self.faces[key]]

    def edges(self, key: str) -> Iterator[tuple[int, int]]:
        """Edges of a face as pairs of vertex numbers."""
        ring = self.faces[key]
        yield from zip(ring, [*ring[1:], ring[0]], strict=True)

    def add_outline(self, key: str, points: Sequence[Point], labels: Sequence[str]) -> None:
        """Start with one face; labels[i] names the edge from point i to the next."""
        self.points.extend(points)
        self.faces[key] = list(range(len(points)))
        for (a, b), label in zip(self.edges(key), labels, strict=True):
            self.labels[frozenset((a, b))] = label

    def _vertex_on(self, a: int, b: int, point: Point) -> int:
        """Number of a vertex at `point` on the edge a-b, new in every face that has this edge, or a near old one."""
        for old in (a, b):
            if math.dist(self.points[old], point) < SNAP_METRES:
                return old
        self.points.append(point)
        new = len(self.points) - 1
        for ring in self.faces.values():
            for i, start in enumerate(ring):
                if {start, ring[(i + 1) % len(ring)]} == {a, b}:
                    ring.insert(i + 1, new)
                    break
        label = self.labels.pop(frozenset((a, b)))
        self.labels[frozenset((a, new))] = label
        self.labels[frozenset((new, b))] = label
        return new

    def split(self, key: str, cut: Cut, label: str, left_key: str, right_key: str) -> None:
        """Replace a face by the two sides of a cut, seen in the direction from entry to exit."""
        ring = self.faces[key]
        (i, start), (j, end) = cut.entry, cut.exit
        edges = [(ring[k], ring[(k + 1) % len(ring)]) for k in (i, j)]
        first = self._vertex_on(*edges[0], start)
        last = self._vertex_on(*edges[1], end)
        inner = []
        for point in cut.path:
            self.points.append(point)
            inner.append(len(self.points) - 1)
        ring = self.faces.pop(key)
        at_first, at_last = ring.index(first), ring.index(last)
        turned = ring[at_last:] + ring[:at_last]
        left = [*turned[: turned.index(first)], first, *inner]
        turned = ring[at_first:] + ring[:at_first]
        right = [*turned[: turned.index(last)], last, *reversed(inner)]
        self.faces[left_key], self.faces[right_key] = left, right
        line = [first, *inner, last]
        for a, b in itertools.pairwise(line):
            self.labels[frozenset((a, b))] = label


def _area_below(points: Sequence[Point], normal: Point, offset: float) -> float:
    """Area of the part of a ring on the low side of the line normal * p = offset."""
    kept: list[Point] = []
    previous = points[-1]
    before = previous[0] * normal[0] + previous[1] * normal[1] - offset
    for current in points:
        now = current[0] * normal[0] + current[1] * normal[1] - offset
        if (before < 0) != (now < 0):
            t = before / (before - now)
            kept.append((previous[0] + t * (current[0] - previous[0]), previous[1] + t * (current[1] - previous[1])))
        if now < 0:
            kept.append(current)
        previous, before = current, now
    return signed_area(kept) if len(kept) > 2 else 0.0


def straight_cut(points: Sequence[Point], angle: float, share: float) -> Cut | None:
    """The straight cut in the given direction that leaves `share` of the area on its right; None if not simple."""
    normal = (-math.sin(angle), math.cos(angle))
    heights = [p[0] * normal[0] + p[1] * normal[1] for p in points]
    low, high = min(heights), max(heights)
    total = signed_area(points)
    for _ in range(26):
        middle = (low + high) / 2
        if _area_below(points, normal, middle) < share * total:
            low = middle
        else:
            high = middle
    crossings = []
    for i, p in enumerate(points):
        q = points[(i + 1) % len(points)]
        a, b = heights[i] - low, heights[(i + 1) % len(points)] - low
        if (a < 0) != (b < 0):
            t = a / (a - b)
            crossings.append((i, (p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]))))
    if len(crossings) != 2:
        return None
    along = (math.cos(angle), math.sin(angle))
    crossings.sort(key=lambda c: c[1][0] * along[0] + c[1][1] * along[1])
    return Cut(crossings[0], crossings[1], ())


def bent(points: Sequence[Point], cut: Cut, rng: Random, strength: float) -> Cut | None:
    """The same cut with the gentle bends of a grown street; None if it would touch another edge."""
    start, end = cut.entry[1], cut.exit[1]
    length = math.dist(start, end)
    steps = max(2, round(length / BEND_EVERY_METRES))
    across = (-(end[1] - start[1]) / length, (end[0] - start[0]) / length)
    sway, phase = rng.uniform(0.3, 1.0) * strength * length, rng.uniform(0.7, 1.6)
    path = []
    for k in range(1, steps):
        t = k / steps + rng.uniform(-0.12, 0.12) / steps
        shift = sway * math.sin(math.pi * t * phase) * (1 - t) * 2 + rng.uniform(-0.12, 0.12) * strength * length
        path.append((start[0] + t * (end[0] - start[0]) + shift * across[0],
                     start[1] + t * (end[1] - start[1]) + shift * across[1]))  # fmt: skip
    line = [start, *path, end]
    for p in path:
        if not contains(points, p) or distance_to_ring(points, p) < CLEARANCE_METRES:
            return None
    for a, b in itertools.pairwise(line):
        for k, c in enumerate(points):
            d = points[(k + 1) % len(points)]
            if k not in (cut.entry[0], cut.exit[0]) and segments_cross(a, b, c, d):
                return None
    return Cut(cut.entry, cut.exit, tuple(path))


def best_cut(points: Sequence[Point], share: float, rng: Random, *, strength: float = 0.05, tries: int = 14) -> Cut:
    """The most compact of many random bent cuts that leave `share` of the area on the right of the line."""
    best: tuple[float, Cut] | None = None
    for attempt in range(tries * 4):
        if attempt >= tries and best is not None:
            break
        angle = rng.uniform(-0.25, 0.75) * math.pi  # so that the right of the line is its south or east
        straight = straight_cut(points, angle, share)
        cut = bent(points, straight, rng, strength if attempt < tries else strength / 4) if straight else None
        if cut is None:
            continue
        (i, start), (j, end) = cut.entry, cut.exit
        right = [start, *_between(points, i, j), end, *reversed(cut.path)]
        left = [end, *_between(points, j, i), start, *cut.path]
        score = min(compactness(right), compactness(left)) + rng.uniform(0, 0.06)
        if best is None or score > best[0]:
            best = (score, cut)
    if best is None:
        raise ValueError("no simple cut found for this face")
    return best[1]


def _between(points: Sequence[Point], i: int, j: int) -> list[Point]:
    """Ring points after edge i up to the start of edge j."""
    count = len(points)
    steps = (j - i) % count
    return [points[(i + 1 + k) % count] for k in range(steps)]
