"""The land under the fictional district: outline, river, roads, cut into one partition of shared vertices."""

import math
import tomllib
from pathlib import Path
from random import Random
from typing import Any

from demo import geometry
from demo.geometry import Cut, Partition, Point

SEED = 20261121
ORIGIN = (121.8660, 30.8790)  # south-west corner, WGS-84
METRES_PER_DEGREE = 111_320.0
TARGET_KM2 = 30.0

# Corner points of the district in metres, counter-clockwise, with the side that begins there.
_OUTLINE: tuple[tuple[float, float, str], ...] = (
    (0, 520, "south"), (820, 130, "south"), (1900, 10, "south"), (3050, 230, "south"), (4350, 30, "south"),
    (5600, 210, "south"), (6350, 420, "coast"), (6720, 900, "coast"), (6560, 1330, "coast"), (6780, 1760, "coast"),
    (7120, 2160, "coast"), (7010, 2640, "coast"), (7290, 3090, "coast"), (7080, 3560, "coast"), (6660, 3880, "coast"),
    (6210, 4330, "north"), (5300, 4560, "north"), (4280, 4690, "north"), (3050, 4480, "north"), (1560, 4610, "north"),
    (300, 4380, "west"), (-70, 3150, "west"), (120, 1900, "west"),
)  # fmt: skip
# The Cheng River from the western boundary to the bay, with its bend.
_RIVER: tuple[Point, ...] = (
    (600, 1930), (1180, 2060), (1760, 1950), (2230, 1600), (2680, 1330), (3220, 1290), (3740, 1520), (4180, 1830),
    (4720, 1950), (5300, 1800), (5820, 1560), (6240, 1450),
)  # fmt: skip


def load_places() -> dict[str, Any]:
    """Names of the district, read from data/places.toml."""
    path = Path(__file__).parent / "data" / "places.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def to_lonlat(point: Point) -> tuple[float, float]:
    """Metres from the district's corner to WGS-84 degrees, seven decimals (1 cm)."""
    x, y = point
    lat = ORIGIN[1] + y / METRES_PER_DEGREE
    return round(ORIGIN[0] + x / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[1]))), 7), round(lat, 7)


def _outline(rng: Random) -> tuple[list[Point], list[str]]:
    """The corner points with smaller bends between them, scaled to the target area."""
    points: list[Point] = []
    labels: list[str] = []
    for i, (x, y, side) in enumerate(_OUTLINE):
        x2, y2, _ = _OUTLINE[(i + 1) % len(_OUTLINE)]
        length = math.dist((x, y), (x2, y2))
        steps = max(1, round(length / (140 if side == "coast" else 420)))
        sway = 0.07 if side == "coast" else 0.018
        for k in range(steps):
            t = k / steps
            shift = rng.uniform(-sway, sway) * length if k else 0.0
            points.append((x + t * (x2 - x) - shift * (y2 - y) / length, y + t * (y2 - y) + shift * (x2 - x) / length))
            labels.append(side)
    scale = math.sqrt(TARGET_KM2 * 1e6 / geometry.signed_area(points))
    return [(x * scale, y * scale) for x, y in points], labels


def _smooth(points: list[Point]) -> list[Point]:
    """Two more points between every two, on a Catmull-Rom curve."""
    result = [points[0]]
    padded = [points[0], *points, points[-1]]
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for t in (1 / 3, 2 / 3, 1.0):
            x, y = (
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
            )
            result.append((x, y))
    return result


def _nearest_edge(points: list[Point], target: Point, side: str, labels: list[str]) -> tuple[int, Point]:
    """The middle of the boundary edge of one side that is nearest to a point."""
    best = min(
        (i for i, label in enumerate(labels) if label == side),
        key=lambda i: geometry.distance_to_segment(target, points[i], points[(i + 1) % len(points)]),
    )
    (x1, y1), (x2, y2) = points[best], points[(best + 1) % len(points)]
    return best, ((x1 + x2) / 2, (y1 + y2) / 2)


def _divide(partition: Partition, key: str, shares: dict[str, float], roads: list[str], rng: Random) -> None:
    """Cut a face into the given faces, first half of the names to the west or north, with a road for every cut."""
    names = list(shares)
    if len(names) == 1:
        partition.faces[names[0]] = partition.faces.pop(key)
        return
    middle = (len(names) + rng.randint(0, 1)) // 2
    first, second = names[:middle], names[middle:]
    total = sum(shares.values())
    cut = geometry.best_cut(partition.ring(key), sum(shares[n] for n in second) / total, rng)
    left_key, right_key = f"{key}/a", f"{key}/b"
    partition.split(key, cut, roads.pop(0), left_key, right_key)
    _divide(partition, left_key, {n: shares[n] for n in first}, roads, rng)
    _divide(partition, right_key, {n: shares[n] for n in second}, roads, rng)


def build_partition(places: dict[str, Any]) -> Partition:
    """Cut the district into its grids: river, trunk road, communities, grids; face keys are "<community>/<n>"."""
    rng = Random(SEED)
    points, labels = _outline(rng)
    scale = points[0][1] / _OUTLINE[0][1]
    river = _smooth([(x * scale, y * scale) for x, y in _RIVER])
    partition = Partition()
    partition.add_outline("district", points, [places["district"]["boundary"][side][0] for side in labels])
    entry = _nearest_edge(points, river[0], "west", labels)
    end = _nearest_edge(points, river[-1], "coast", labels)
    river_name = places["district"]["river"][0]
    partition.split("district", Cut(entry, end, tuple(river)), river_name, "north", "990105001")
    trunk = None
    while trunk is None:
        straight = geometry.straight_cut(partition.ring("north"), rng.uniform(-1.55, -1.30), 0.45)
        trunk = geometry.bent(partition.ring("north"), straight, rng, 0.05) if straight else None
    # The line runs southwards: its right is the west.
    partition.split("north", trunk, places["district"]["trunk"][0], "990105003", "990105002")
    for sub in places["subdistrict"]:
        members = [c for c in places["community"] if c["code"].startswith(sub["code"])]
        _divide(partition, sub["code"], {c["code"]: c["share"] for c in members}, [r[0] for r in sub["roads"]], rng)
    for community in places["community"]:
        shares = {f"{community['code']}/{i}": rng.uniform(0.65, 1.45) for i in range(len(community["grids"]))}
        _divide(partition, community["code"], shares, [r[0] for r in community["roads"]], rng)
    return partition
