"""The fictional district 澄湾区: codes, polygons, streets and estates, the same on every machine.

Code: 990105. No province of China has a code that begins with 99 (GB/T 2260 ends at 82), so nothing here can be taken
for a real place, while the shape (6 + 3 + 3 + 3 digits) is the real one. Communities use 001-199 for residents'
committees and 200-399 for villagers' committees. Grids are numbered from west to east, then from north to south,
inside their community (GB/T unit grid code).

The district lies on an invented coast near 121.9 E, 30.9 N. Boundaries are cut as streets, so neighbours share their
vertices exactly: no gap, no overlap.
"""

import math
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from demo import geometry
from demo.geometry import Partition, Point
from demo.land import SEED, build_partition, load_places, to_lonlat


@dataclass(frozen=True, slots=True)
class Estate:
    """A housing estate (小区), an old lane or a hamlet inside one grid."""

    key: str
    name: str
    name_en: str
    kind: str
    buildings: int
    grid_code: str
    street: str
    number: int
    point: tuple[float, float]

    @property
    def has_lifts(self) -> bool:
        """Only the newer towers have lifts."""
        return self.kind in {"gated", "moved", "flats"}

    @property
    def floors(self) -> int:
        """Storeys of an ordinary building here."""
        return {"old": 6, "gated": 18, "moved": 11, "lane": 2, "flats": 12, "hamlet": 2}[self.kind]

    @property
    def entrances(self) -> int:
        """Entrances (单元) of an ordinary building here; 0 where houses have no such thing."""
        return {"old": 4, "gated": 2, "moved": 3, "flats": 1}.get(self.kind, 0)

    @property
    def site(self) -> str:
        """Street and door number with the name: 槐安路26号槐安里; lanes carry their own street."""
        if "弄" in self.name:
            return self.name.replace(" ", "")
        return self.name if self.kind == "hamlet" else f"{self.street}{self.number}号{self.name}"


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the territory. `ring` is closed lon/lat, counter-clockwise; `label_point` lies inside."""

    code: str
    name: str
    name_en: str
    parent: str
    ring: tuple[tuple[float, float], ...]
    label_point: tuple[float, float]
    area_m2: int
    streets: tuple[str, ...] = ()
    estates: tuple[Estate, ...] = ()
    landmarks: tuple[str, ...] = ()
    is_village: bool = False

    @property
    def level(self) -> str:
        """district, subdistrict, community or grid, from the length of the code."""
        return {6: "district", 9: "subdistrict", 12: "community", 15: "grid"}[len(self.code)]

    @property
    def geojson(self) -> dict[str, Any]:
        """GeoJSON geometry, WGS-84."""
        return {"type": "Polygon", "coordinates": [[list(p) for p in self.ring]]}


@dataclass(frozen=True, slots=True)
class Street:
    """A street with its English name and the grids along it."""

    name: str
    name_en: str
    line: tuple[tuple[float, float], ...]
    grid_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Territory:
    """Everything about places, by code; `areas` runs district, sub-districts, communities, grids."""

    areas: tuple[Area, ...]
    streets: tuple[Street, ...]
    by_code: dict[str, Area] = field(compare=False, repr=False)

    @property
    def grids(self) -> tuple[Area, ...]:
        """The sixty grids."""
        return tuple(a for a in self.areas if len(a.code) == 15)

    @property
    def communities(self) -> tuple[Area, ...]:
        """The twelve communities."""
        return tuple(a for a in self.areas if len(a.code) == 12)

    @property
    def estates(self) -> tuple[Estate, ...]:
        """All estates, in the order of the grids."""
        return tuple(e for g in self.grids for e in g.estates)


def points_inside(grid: Area, rng: Random, *, margin: float = 0.00015) -> tuple[float, float]:
    """A random lon/lat inside a grid, about `margin` degrees off its boundary."""
    lons, lats = [p[0] for p in grid.ring], [p[1] for p in grid.ring]
    ring = grid.ring[:-1]
    for attempt in range(400):
        point = (rng.uniform(min(lons), max(lons)), rng.uniform(min(lats), max(lats)))
        if not geometry.contains(ring, point):
            continue
        if attempt > 200 or geometry.distance_to_ring(ring, point) > margin:
            return round(point[0], 6), round(point[1], 6)
    return grid.label_point


def _numbered(partition: Partition, code: str) -> dict[str, str]:
    """Face key to grid code: rows from north to south, west to east within a row."""
    keys = [k for k in partition.faces if k.startswith(code + "/")]
    centres = {k: geometry.centroid(partition.ring(k)) for k in keys}
    size = math.sqrt(sum(geometry.signed_area(partition.ring(k)) for k in keys) / len(keys))
    waiting = sorted(keys, key=lambda k: -centres[k][1])
    ordered: list[str] = []
    while waiting:
        top = centres[waiting[0]][1]
        row = [k for k in waiting if top - centres[k][1] < size / 2]
        ordered.extend(sorted(row, key=lambda k: centres[k][0]))
        waiting = [k for k in waiting if k not in row]
    return {key: f"{code}{i:03d}" for i, key in enumerate(ordered, 1)}


def _union_ring(partition: Partition, keys: list[str]) -> list[int]:
    """Outer ring of several faces: their directed edges without the opposite pairs, walked once round."""
    edges = {edge for key in keys for edge in partition.edges(key)}
    follow = {a: b for a, b in edges if (b, a) not in edges}
    start = min(follow)
    ring, at = [start], follow[start]
    while at != start:
        ring.append(at)
        at = follow[at]
    if len(ring) != len(follow):
        raise ValueError("the union has a hole or touches itself")
    return ring


def _label_point(points: list[Point]) -> Point:
    """A point well inside a ring: the best of a lattice."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    best, best_distance = geometry.centroid(points), -1.0
    for i in range(1, 16):
        for k in range(1, 16):
            p = (min(xs) + (max(xs) - min(xs)) * i / 16, min(ys) + (max(ys) - min(ys)) * k / 16)
            if geometry.contains(points, p) and (d := geometry.distance_to_ring(points, p)) > best_distance:
                best, best_distance = p, d
    return best


def _closed(points: list[Point]) -> tuple[tuple[float, float], ...]:
    degrees = [to_lonlat(p) for p in points]
    return (*degrees, degrees[0])


def _streets_of(partition: Partition, key: str, river: str, bank: str) -> tuple[str, ...]:
    """Names of the streets round a face, the longest first; the river counts as its bank road."""
    lengths: dict[str, float] = {}
    for a, b in partition.edges(key):
        name = partition.labels[frozenset((a, b))]
        name = bank if name == river else name
        lengths[name] = lengths.get(name, 0.0) + math.dist(partition.points[a], partition.points[b])
    return tuple(sorted((n for n, length in lengths.items() if length > 90), key=lambda n: -lengths[n]))


def _door_number(point: Point) -> int:
    """A door number that grows from west to east and south to north, as along a real street."""
    return 2 + int((point[0] * 0.62 + point[1] * 0.45) / 23) % 298


def _estates(face: list[Point], streets: tuple[str, ...], lines: list[str], code: str, rng: Random) -> list[Estate]:
    """Estates of a grid at points apart from each other."""
    xs, ys = [p[0] for p in face], [p[1] for p in face]
    chosen: list[Point] = []
    estates = []
    for i, line in enumerate(lines):
        name, name_en, kind, buildings = (part.strip() for part in line.split("|"))
        candidates = []
        while len(candidates) < 30:
            p = (rng.uniform(min(xs), max(xs)), rng.uniform(min(ys), max(ys)))
            if geometry.contains(face, p):
                room = min([geometry.distance_to_ring(face, p) * 1.4, *(math.dist(p, c) for c in chosen)])
                candidates.append((room, p))
        point = max(candidates)[1]
        chosen.append(point)
        street = streets[i % min(2, len(streets))]
        number = 26 if name == "槐安里" else _door_number(point)
        street = "槐安路" if name == "槐安里" else street
        estates.append(
            Estate(f"{code}-{i + 1}", name, name_en, kind, int(buildings), code, street, number, to_lonlat(point))
        )
    return estates


_NUMERALS = "一二三四五六七八九十"


def _grids_of(partition: Partition, community: dict[str, Any], places: dict[str, Any], rng: Random) -> dict[str, Area]:
    """Face key to grid, for one community."""
    code = community["code"]
    river, bank = places["district"]["river"][0], places["district"]["banks"][code[:9]][0]
    grids = {}
    for key, grid_code in sorted(_numbered(partition, code).items(), key=lambda item: item[1]):
        face = partition.ring(key)
        number = int(grid_code[-3:])
        streets = _streets_of(partition, key, river, bank)[:4]
        grids[key] = Area(
            code=grid_code,
            name=f"第{_NUMERALS[number - 1]}网格",
            name_en=f"Grid {number}",
            parent=code,
            ring=_closed(face),
            label_point=to_lonlat(_label_point(face)),
            area_m2=round(geometry.signed_area(face)),
            streets=streets,
            estates=tuple(_estates(face, streets, community["grids"][number - 1], grid_code, rng)),
            landmarks=tuple(community["landmarks"]),
            is_village=code[9:] >= "200",
        )
    return grids


def _parent_area(partition: Partition, node: dict[str, Any], faces: list[str]) -> Area:
    """District, sub-district or community as the union of its grids."""
    code = node["code"]
    ring = [partition.points[i] for i in _union_ring(partition, faces)]
    return Area(
        code=code,
        name=node["name"],
        name_en=node["name_en"],
        parent={6: "", 9: code[:6], 12: code[:9]}[len(code)],
        ring=_closed(ring),
        label_point=to_lonlat(_label_point(ring)),
        area_m2=round(geometry.signed_area(ring)),
        landmarks=tuple(node.get("landmarks", ())),
        is_village=len(code) == 12 and code[9:] >= "200",
    )


@cache
def territory() -> Territory:
    """The whole district. Takes about a second the first time; the result never changes."""
    places = load_places()
    partition = build_partition(places)
    rng = Random(SEED + 1)
    grids: dict[str, Area] = {}
    for community in places["community"]:
        grids |= _grids_of(partition, community, places, rng)
    parents = [
        _parent_area(partition, node, [key for key, grid in grids.items() if grid.code.startswith(node["code"])])
        for node in [places["district"], *places["subdistrict"], *places["community"]]
    ]
    parents.sort(key=lambda a: (len(a.code), a.code))
    areas = (*parents, *sorted(grids.values(), key=lambda a: a.code))
    streets = _street_lines(partition, places, list(grids.values()))
    return Territory(areas, streets, {a.code: a for a in areas})


def _street_lines(partition: Partition, places: dict[str, Any], grids: list[Area]) -> tuple[Street, ...]:
    """Streets as one line each, from the labelled edges; the river's bank roads follow the river."""
    district = places["district"]
    river = district["river"][0]
    english: dict[str, str] = dict(
        [
            district["trunk"],
            *district["boundary"].values(),
            *district["banks"].values(),
            *(road for node in [*places["subdistrict"], *places["community"]] for road in node["roads"]),
        ]
    )
    banks = {name for name, _ in district["banks"].values()}
    users: dict[str, list[str]] = {}
    for grid in grids:
        for name in grid.streets:
            users.setdefault(name, []).append(grid.code)
    edges: dict[str, set[tuple[int, int]]] = {}
    for edge, label in partition.labels.items():
        a, b = sorted(edge)
        edges.setdefault(label, set()).add((a, b))
    streets = []
    for name in sorted(users):
        line = _chain(edges[river if name in banks else name])
        streets.append(
            Street(name, english[name], tuple(to_lonlat(partition.points[i]) for i in line), tuple(users[name]))
        )
    return tuple(streets)


def _chain(edges: set[tuple[int, int]]) -> list[int]:
    """Vertex numbers of connected edges from one end to the other."""
    near: dict[int, list[int]] = {}
    for a, b in edges:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    ends = sorted(v for v, others in near.items() if len(others) == 1) or [min(near)]
    line, previous, at = [ends[0]], -1, ends[0]
    while True:
        onward = [v for v in sorted(near[at]) if v != previous]
        if not onward or onward[0] == line[0]:
            return line
        previous, at = at, onward[0]
        line.append(at)
