"""Standard addresses: every house of the estates, and door numbers along the streets; about fifteen hundred."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from demo.geometry import contains
from demo.land import SEED
from demo.territory import Area, Estate, Territory, territory

HOUSES_PER_ESTATE = 3  # that the register has opened, where it has not opened all of them
NUMBERED = ("lane", "hamlet")  # whose houses have numbers like a street's
OPENED = "990105001002"  # the community whose every house is open
DOORS_PER_GRID = 4


@dataclass(frozen=True, slots=True)
class StandardAddress:
    """`text` is the full address, `short` begins at the street; building numbers are written N幢.

    `house` is the building or door number alone; `is_open`: the register knows its dwellings.
    """

    text: str
    short: str
    grid_code: str
    estate_key: str
    street: str
    point: tuple[float, float]  # lon, lat
    house: str
    is_open: bool


def house_name(estate: Estate, number: int) -> str:
    """How one house of an estate is written: 槐安里5幢, 渡口街15弄7号, 沈家埭12号."""
    return f"{estate.name.replace(' ', '')}{number}{_suffix(estate)}"


def house_site(estate: Estate, number: int) -> str:
    """The same with the street in front: 槐安路26号槐安里5幢."""
    return f"{estate.site}{number}{_suffix(estate)}"


def _suffix(estate: Estate) -> str:
    return "号" if estate.kind in NUMBERED else "幢"


def house_point(estate: Estate, number: int, grid: Area) -> tuple[float, float]:
    """Where a house of an estate stands: on a spiral round the estate's middle, never outside the grid."""
    turn = number * 2.399963  # golden angle: houses spread evenly
    for shrink in (1.0, 0.6, 0.3, 0.0):
        radius = (18 + 11 * math.sqrt(number)) * shrink
        lon = estate.point[0] + radius * math.cos(turn) / 95_500
        lat = estate.point[1] + radius * math.sin(turn) / 111_320
        if contains(grid.ring[:-1], (lon, lat)):
            break
    return round(lon, 6), round(lat, 6)


def _prefix(grid: Area, places: Territory) -> str:
    community = places.by_code[grid.parent]
    return f"澄湾区{places.by_code[community.parent].name}{community.name}"


def _along_street(grid: Area, street: str, places: Territory, rng: Random) -> tuple[float, float]:
    """A point some twenty metres inside the grid beside one of its streets."""
    line = next(s.line for s in places.streets if s.name == street)
    ring = set(grid.ring)
    pieces = [(a, b) for a, b in itertools.pairwise(line) if a in ring and b in ring]
    if not pieces:
        return grid.label_point
    a, b = pieces[rng.randrange(len(pieces))]
    t, inward = rng.uniform(0.15, 0.85), 0.12
    lon, lat = a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
    while inward < 0.9:
        point = (lon + (grid.label_point[0] - lon) * inward, lat + (grid.label_point[1] - lat) * inward)
        if contains(grid.ring[:-1], point):
            return round(point[0], 6), round(point[1], 6)
        inward += 0.1
    return grid.label_point


@cache
def standard_addresses() -> tuple[StandardAddress, ...]:
    """All of them, in the order of the grids: houses, then door numbers; texts are unique."""
    return tuple(_addresses(territory()))


def _addresses(places: Territory) -> Iterator[StandardAddress]:
    rng = Random(SEED + 2)
    seen: set[str] = set()
    for grid in places.grids:
        prefix = _prefix(grid, places)
        for estate in grid.estates:
            opened = set(rng.sample(range(1, estate.buildings + 1), min(HOUSES_PER_ESTATE, estate.buildings)))
            whole = estate.kind in NUMBERED or grid.parent == OPENED
            for number in range(1, estate.buildings + 1):
                site = house_site(estate, number)
                seen.add(site)
                yield StandardAddress(
                    text=prefix + site,
                    short=site,
                    grid_code=grid.code,
                    estate_key=estate.key,
                    street=estate.street,
                    point=house_point(estate, number, grid),
                    house=f"{number}{_suffix(estate)}",
                    is_open=whole or number in opened,
                )
        for i in range(DOORS_PER_GRID):
            street = grid.streets[i % len(grid.streets)]
            number = rng.randint(3, 320)
            while f"{street}{number}号" in seen:
                number += 2
            house = f"{number}号"
            seen.add(street + house)
            point = _along_street(grid, street, places, rng)
            yield StandardAddress(
                text=prefix + street + house,
                short=street + house,
                grid_code=grid.code,
                estate_key="",
                street=street,
                point=point,
                house=house,
                is_open=True,
            )
