"""Where the rows of a table say somebody lives: words to a door that the registry knows, or may make.

Buildings are looked up in a book that is made once for a job; entrances and doors are asked for a part at a time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from population.dwelling_words import Written, estate_key, floor_of_door, written
from population.models import Building, Dwelling, Entrance

# what -> column that it is said of
PLACE_FAULTS = {
    "place_missing": "address",
    "estate_missing": "estate",
    "door_missing": "door",
    "building_unknown": "building",
    "place_ambiguous": "estate",
    "outside": "address",
    "entrance_missing": "entrance",
    "entrance_unknown": "entrance",
    "floor_missing": "door",
    "floor_skipped": "door",
    "floor_beyond": "door",
    "dwelling_unknown": "door",
}


@dataclass(frozen=True, slots=True)
class KnownBuilding:
    """A building as rows are looked up in it."""

    pk: int
    area_code: str
    floors: frozenset[int]
    skipped: frozenset[int]


@dataclass(frozen=True, slots=True)
class Door:
    """A dwelling that is there (`pk`), or one that may be made (`pk` None)."""

    building: KnownBuilding
    entrance_id: int
    floor: int
    door: str
    pk: int | None = None

    @property
    def area_code(self) -> str:
        """Of the building."""
        return self.building.area_code

    @property
    def key(self) -> tuple[int, str]:
        """What tells doors apart."""
        return self.entrance_id, self.door


class BuildingBook:
    """All buildings that stand, by estate and number as `Written` has them, other names included."""

    def __init__(self, rows: Iterable[Building]) -> None:
        self._by_name: defaultdict[tuple[str, str], dict[int, KnownBuilding]] = defaultdict(dict)
        for row in rows:
            known = KnownBuilding(row.pk, row.area_code, frozenset(row.floors), frozenset(row.skipped_floors))
            address = row.address
            for text in (address.text, f"{address.estate}{address.building}", *address.aliases):
                words = written(text)
                self._by_name[words.estate, words.building][row.pk] = known
                self._by_name[words.estate, words.building_number][row.pk] = known

    def find(self, words: Written, areas: Collection[str]) -> list[KnownBuilding]:
        """The buildings that the words may mean: those in the areas if there are any, else all."""
        found = self._by_name.get((words.estate, words.building)) or self._by_name.get(
            (words.estate, words.building_number), {}
        )
        mine = [one for one in found.values() if one.area_code.startswith(tuple(areas))]
        return mine or list(found.values())


@lru_cache(maxsize=1)
def building_book(_job: tuple[object, ...]) -> BuildingBook:
    """The book for one job: made anew for the next one, so that it never grows old. 1 SQL."""
    rows = Building.objects.filter(ended_on__isnull=True).select_related("address").order_by("pk")
    return BuildingBook(rows.iterator(chunk_size=2000))


def words_of(values: Mapping[str, str]) -> Written:
    """What a row says of a place: from one cell, or from several."""
    if any(values.get(key) for key in ("estate", "building", "door")):
        return _pieced(*(values.get(key, "") for key in ("estate", "building", "entrance", "door")))
    return written(values.get("address", ""))


def _pieced(estate: str, building: str, entrance: str, door: str) -> Written:
    building = f"{building}幢" if _is_number(building) else building
    entrance = f"{entrance}单元" if _is_number(entrance) else entrance
    words = written(f"{building}{entrance}{door}" if building else f"1幢{entrance}{door}")
    named = written(building) if building else written(estate)
    place = estate_key(estate) if building else named.estate
    return Written(place, named.building, words.entrance, words.floor, words.door)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 4


@dataclass(slots=True)
class _Doors:
    """What stands in the buildings of a part."""

    entrances: dict[tuple[int, str], int]  # building, name -> pk
    of_building: dict[int, list[int]]
    doors: dict[tuple[int, str], Door]  # entrance, door


def doors_found(
    asked: Sequence[Written], *, book: BuildingBook, areas: Collection[str], makes: bool
) -> list[Door | str]:
    """For each of the words the door, or which of `PLACE_FAULTS` it has. `areas`: where the actor may write. 2 SQL."""
    buildings: list[KnownBuilding | str] = [_building(words, book, areas) for words in asked]
    known = {one.pk: one for one in buildings if isinstance(one, KnownBuilding)}
    inside = _inside(known, {words.door for words in asked})
    return [
        found if isinstance(found, str) else _door(words, found, inside, makes)
        for words, found in zip(asked, buildings, strict=True)
    ]


def _building(words: Written, book: BuildingBook, areas: Collection[str]) -> KnownBuilding | str:
    if not (words.estate or words.building or words.door):
        return "place_missing"
    if not words.estate:
        return "estate_missing"
    found = book.find(words, areas)
    if not found:
        return "building_unknown"
    if len(found) > 1:
        return "place_ambiguous"
    if not found[0].area_code.startswith(tuple(areas)):
        return "outside"
    return found[0] if words.door else "door_missing"


def _inside(known: Mapping[int, KnownBuilding], doors: Collection[str]) -> _Doors:
    inside = _Doors({}, defaultdict(list), {})
    if not known:
        return inside
    for pk, building, name in (
        Entrance.objects.filter(building__in=known).order_by("pk").values_list("pk", "building_id", "name")
    ):
        inside.entrances[building, entrance_key(name)] = pk
        inside.of_building[building].append(pk)
    rows = Dwelling.objects.standing().filter(building__in=known, door__in=doors).order_by("pk")
    for pk, building, entrance, floor, door in rows.values_list("pk", "building_id", "entrance_id", "floor", "door"):
        inside.doors[entrance, door] = Door(known[building], entrance, floor, door, pk)
    return inside


def _door(words: Written, building: KnownBuilding, inside: _Doors, makes: bool) -> Door | str:
    entrances = inside.of_building.get(building.pk, [])
    if words.entrance:
        pk = inside.entrances.get((building.pk, entrance_key(words.entrance)))
        entrances = [pk] if pk is not None else []
        if not entrances:
            return "entrance_unknown"
    there = [inside.doors[pk, words.door] for pk in entrances if (pk, words.door) in inside.doors]
    if len(there) == 1:
        return there[0]
    if len(entrances) != 1:
        return "entrance_missing" if entrances else "entrance_unknown"
    floor = words.floor if words.floor is not None else floor_of_door(words.door)
    if floor is None:
        return "floor_missing" if makes else "dwelling_unknown"
    if floor in building.skipped:
        return "floor_skipped"
    if floor not in building.floors:
        return "floor_beyond"
    return Door(building, entrances[0], floor, words.door) if makes else "dwelling_unknown"


@lru_cache(maxsize=4096)
def entrance_key(name: str) -> str:
    """An entrance's name as it is compared: 二单元, 2门 and 2 are one."""
    text = f"{name}单元" if _is_number(name) else name
    return written(f"1幢{text}1层").entrance or name
