"""A small piece of the registry for tests, in the town of `tests.factories.world`: rows only, no service runs."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from population.models import (
    Building,
    Compound,
    Dwelling,
    Entrance,
    Household,
    LegalEntity,
    Person,
    Residency,
    StandardAddress,
)
from population.normalising import normalise
from tests.factories.world import EAST_GRID, WEST_GRID

COLLECTED = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SINCE = date(2018, 5, 1)


@dataclass
class Registry:
    """What tests name: buildings by their text, dwellings by "7幢1单元301", people by name, households by dwelling."""

    buildings: dict[str, Building] = field(default_factory=dict)
    dwellings: dict[str, Dwelling] = field(default_factory=dict)
    households: dict[str, Household] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    entities: dict[str, LegalEntity] = field(default_factory=dict)


def building_make(*, estate: str, building: str, area_code: str, entrances: int = 2, floors: int = 3) -> Building:
    """A building of an estate with its address, entrances and two dwellings on each floor of each (101, 102, 201…)."""
    text = f"{estate}{building}"
    address = StandardAddress.objects.create(
        text=text, estate=estate, building=building, area_code=area_code, search_text=normalise(text)
    )
    compound, _made = Compound.objects.get_or_create(name=estate, area_code=area_code[:12])
    row = Building.objects.create(
        address=address, compound=compound, area_code=area_code, floors_above=floors, changed_at=COLLECTED
    )
    for number in range(1, entrances + 1):
        entrance = Entrance.objects.create(building=row, name=f"{number}单元", position=number)
        Dwelling.objects.bulk_create(
            dwelling_row(entrance, floor, f"{floor}0{door}") for floor in range(1, floors + 1) for door in (1, 2)
        )
    return row


def dwelling_row(entrance: Entrance, floor: int, door: str, **values: Any) -> Dwelling:
    """An unsaved dwelling."""
    return Dwelling(
        **{
            "building": entrance.building,
            "entrance": entrance,
            "floor": floor,
            "door": door,
            "area_code": entrance.building.area_code,
            "source": "door",
            "collected_at": COLLECTED,
            "confirmed_at": COLLECTED,
            "changed_at": COLLECTED,
        }
        | values
    )


def person_row(name: str, home: Dwelling, *, number: str = "", phone: str = "", **values: Any) -> Person:
    """An unsaved person; `number` is that of an identity card."""
    index: Any = Person._meta.get_field
    born = values.pop("born", "")
    return Person(
        **{
            "name": name,
            "name_index": index("name_index").digest(name),
            "birth_date": born or None,
            "birth_year": int(born[:4]) if born else None,
            "document_kind": "111" if number else "",
            "document_number": number or None,
            "document_index": index("document_index").digest(number) if number else "",
            "phone": phone or None,
            "phone_index": index("phone_index").digest(phone) if phone else "",
            "home": home,
            "area_code": home.area_code,
            "source": "door",
            "collected_at": COLLECTED,
            "confirmed_at": COLLECTED,
            "changed_at": COLLECTED,
        }
        | values
    )


def residency_make(person: Person, household: Household, relation: str, **values: Any) -> Residency:
    """Somebody lives in a household since 1 May 2018, registered there, unless told otherwise."""
    return Residency.objects.create(
        **{
            "person": person,
            "household": household,
            "dwelling": household.dwelling,
            "area_code": household.area_code,
            "kind": "registered",
            "relation": relation,
            "from_date": SINCE,
            "source": "door",
            "collected_at": COLLECTED,
            "confirmed_at": COLLECTED,
        }
        | values
    )


def household_make(dwelling: Dwelling, **values: Any) -> Household:
    """A household of a dwelling since 1 May 2018."""
    return Household.objects.create(
        **{"dwelling": dwelling, "area_code": dwelling.area_code, "formed_on": SINCE, "changed_at": COLLECTED} | values
    )


def registry_make() -> Registry:
    """槐安里 7幢 in the east: a family in 1单元301, a tenant in 2单元101, a shop; 桐里 2幢 in the west: one person."""
    found = Registry()
    for key, estate, building, code in (("east", "槐安里", "7幢", EAST_GRID), ("west", "桐里", "2幢", WEST_GRID)):
        row = building_make(estate=estate, building=building, area_code=code)
        found.buildings[key] = row
        for dwelling in Dwelling.objects.filter(building=row).select_related("entrance", "building__address"):
            found.dwellings[f"{building}{dwelling.entrance.name}{dwelling.door}"] = dwelling
    family = (
        ("周建国", "110105194912310021", "13912342046", "1949-12-31", "1", "0"),
        ("林秀英", "110105195203150021", "13912342047", "1952-03-15", "2", "1"),
        ("周梅", "110105198007070028", "13912342048", "1980-07-07", "2", "3"),
    )
    _household(found, "7幢1单元301", family)
    _household(found, "7幢2单元101", (("欧阳小明", "", "13912342049", "1995-01-20", "1", "0"),), kind="mobile")
    _household(found, "2幢1单元201", (("周建国", "", "13912342050", "1970-02-02", "1", "0"),))
    east = found.buildings["east"]
    found.entities["shop"] = LegalEntity.objects.create(
        name="槐安里便民超市",
        search_text=normalise("槐安里便民超市"),
        kind="trader",
        building=east,
        area_code=east.area_code,
        representative="沈芳",
        phone="13912342051",
        source="door",
        collected_at=COLLECTED,
        confirmed_at=COLLECTED,
        changed_at=COLLECTED,
    )
    return found


def _household(found: Registry, where: str, people: Any, **values: Any) -> None:
    dwelling = found.dwellings[where]
    household = found.households[where] = household_make(dwelling)
    for name, number, phone, born, sex, relation in people:
        person = person_row(name, dwelling, number=number, phone=phone, born=born, sex=sex)
        person.save()
        found.people[name if name not in found.people else f"{name} {where}"] = person
        residency_make(person, household, relation, **values)
