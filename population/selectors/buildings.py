"""A building as its residents' floors and doors: what stands in each cell of the table, with the counts beside it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from governance.access.viewer import Viewer
from grid.models import Post, PostKind
from population.models import (
    Building,
    Dwelling,
    DwellingUse,
    Entrance,
    LegalEntity,
    Occupancy,
    Residency,
    UndergroundSpace,
    due_before,
    registry_settings,
)

ENTITIES_SHOWN = 50


class CellState(StrEnum):
    """What one sees of a dwelling at a glance; of several that are true, the one that asks for most."""

    DISPUTED = "disputed"
    DUE = "due"
    EMPTY = "empty"
    LET = "let"
    TRADE = "trade"
    CHECKED = "checked"

    @property
    def label(self) -> str | Promise:
        """The word in the cell."""
        return _WORDS[self][0]

    @property
    def icon(self) -> str:
        """The sign beside the door."""
        return _WORDS[self][1]


_WORDS: dict[CellState, tuple[str | Promise, str]] = {
    CellState.DISPUTED: (pgettext_lazy("dwelling", "有争议"), "warn"),
    CellState.DUE: (pgettext_lazy("dwelling", "该核对"), "clock"),
    CellState.EMPTY: (pgettext_lazy("dwelling", "空置"), "minus"),
    CellState.LET: (pgettext_lazy("dwelling", "出租"), "key"),
    CellState.TRADE: (pgettext_lazy("dwelling", "经营"), "star"),
    CellState.CHECKED: (pgettext_lazy("dwelling", "已核对"), "check"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One dwelling in the table. `people`: who live there today."""

    dwelling: Dwelling
    state: CellState
    people: int
    is_due: bool

    @property
    def says_occupancy(self) -> bool:
        """Whether the state leaves open how the dwelling is used, and somebody knows."""
        is_known = self.dwelling.occupancy != Occupancy.UNKNOWN
        return is_known and self.state in (CellState.DISPUTED, CellState.DUE, CellState.CHECKED)


@dataclass(frozen=True, slots=True)
class Row:
    """One floor of an entrance: its cells from left to right, None where there is no such door."""

    floor: int
    cells: Sequence[Cell | None]

    @property
    def found(self) -> list[Cell]:
        """Those that are there."""
        return [cell for cell in self.cells if cell is not None]


@dataclass(frozen=True, slots=True)
class EntranceTable:
    """An entrance with its floors, the highest first; `width` is the number of columns."""

    entrance: Entrance
    rows: Sequence[Row]
    width: int
    count: int


@dataclass(frozen=True, slots=True)
class BuildingTable:
    """All of it: tables of the entrances, and (state, dwellings) of the legend."""

    entrances: Sequence[EntranceTable]
    legend: Sequence[tuple[CellState, int]]
    dwellings: int
    people: int
    due: int


def building_table(building: Building, at: datetime) -> BuildingTable:
    """Every standing dwelling of a building with its state and how many live there. 3 SQL, however large it is."""
    entrances = list(building.entrances.order_by("position", "id"))
    border = due_before(at, registry_settings().dwelling_months)
    dwellings = Dwelling.objects.standing().filter(building=building).order_by("entrance", "floor", "door", "id")
    people = people_in(building)
    cells: dict[int, list[Cell]] = defaultdict(list)
    for dwelling in dwellings:
        cells[dwelling.entrance_id].append(_cell(dwelling, people.get(dwelling.pk, 0), border))
    every = [cell for group in cells.values() for cell in group]
    counts = Counter(cell.state for cell in every)
    return BuildingTable(
        entrances=[_entrance(entrance, cells[entrance.pk], building) for entrance in entrances],
        legend=[(state, counts[state]) for state in reversed(CellState) if counts[state]],
        dwellings=len(every),
        people=sum(cell.people for cell in every),
        due=sum(cell.is_due for cell in every),
    )


def people_in(building: Building) -> dict[int, int]:
    """How many live in each dwelling of a building today, by dwelling. 1 SQL."""
    living = Residency.objects.current().filter(dwelling__building=building, is_main=True)
    return dict(living.order_by().values_list("dwelling").annotate(Count("pk")))


def state_of(dwelling: Dwelling, border: datetime) -> CellState:
    """The state of a dwelling; due for a check is what was confirmed before the border."""
    if dwelling.dispute:
        return CellState.DISPUTED
    if dwelling.confirmed_at < border:
        return CellState.DUE
    if dwelling.occupancy == Occupancy.EMPTY:
        return CellState.EMPTY
    if dwelling.occupancy == Occupancy.LET:
        return CellState.LET
    return CellState.CHECKED if dwelling.use == DwellingUse.HOME else CellState.TRADE


def _cell(dwelling: Dwelling, people: int, border: datetime) -> Cell:
    return Cell(dwelling, state_of(dwelling, border), people, dwelling.confirmed_at < border)


def _entrance(entrance: Entrance, cells: Sequence[Cell], building: Building) -> EntranceTable:
    by_floor: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_floor[cell.dwelling.floor].append(cell)
    floors = sorted({floor for floor in building.floors if floor > 0} | by_floor.keys(), reverse=True)
    columns = _columns(by_floor.values())
    rows = [Row(floor, _placed(by_floor[floor], columns)) for floor in floors]
    return EntranceTable(entrance, rows, max((len(row.cells) for row in rows), default=0), len(cells))


def _columns(floors: Iterable[Sequence[Cell]]) -> list[str]:
    """What stands in the doors after the floor ("01" of 501), from left to right; [] where doors follow no pattern."""
    widest, stems = 0, set()
    for cells in floors:
        widest = max(widest, len(cells))
        stems |= {_stem(cell) for cell in cells}
    return sorted(stems, key=door_order) if len(stems) <= widest + 2 else []


def _placed(cells: Sequence[Cell], columns: Sequence[str]) -> list[Cell | None]:
    ordered = sorted(cells, key=lambda cell: door_order(cell.dwelling.door))
    at_column = {_stem(cell): cell for cell in ordered}
    if not columns or len(at_column) < len(ordered):
        return list(ordered)
    return [at_column.get(column) for column in columns]


def _stem(cell: Cell) -> str:
    return cell.dwelling.door.removeprefix(str(cell.dwelling.floor)) or cell.dwelling.door


def door_order(door: str) -> list[tuple[int, str]]:
    """Sort key under which door 2 stands before door 12."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", door) if part]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What else is in a building, as far as the viewer may know; the captain where a post names one."""

    entities: Sequence[LegalEntity]
    has_more_entities: bool
    spaces: Sequence[UndergroundSpace]
    captains: Sequence[Post]


def neighbourhood_of(building: Building, viewer: Viewer, at: datetime) -> Neighbourhood:
    """Entities, underground spaces, captains of the grid's buildings. 3 SQL."""
    entities: Any = LegalEntity.objects.visible_to(viewer).filter(building=building, closed_on__isnull=True)
    spaces: Any = UndergroundSpace.objects.visible_to(viewer).filter(building=building, ended_on__isnull=True)
    posts: Any = Post.objects.visible_to(viewer).live(at)
    captains = posts.filter(kind=PostKind.BUILDING, area_code=building.area_code).select_related("user")
    found = list(entities.order_by("id")[: ENTITIES_SHOWN + 1])
    return Neighbourhood(
        entities=found[:ENTITIES_SHOWN],
        has_more_entities=len(found) > ENTITIES_SHOWN,
        spaces=list(spaces.order_by("level", "id")[:ENTITIES_SHOWN]),
        captains=list(captains.order_by("id")[:5]),
    )
