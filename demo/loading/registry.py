"""The invented register into its tables: places, people where they live, owners, legal entities, underground spaces.

By COPY, because it is some 290,000 rows; names and numbers are encrypted and indexed as the services would.
"""

import gc
import uuid
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from demo.loading.copying import copy_in, light
from demo.organisations import organisations
from demo.registry.records import District, Person, Seen
from demo.staff import staff
from governance.access.models import User
from governance.organisations.models import Organisation
from population import models
from population.normalising import normalise


def load_registry(told: District, offices: dict[str, Organisation], people: dict[str, User], at: datetime) -> None:
    """Load what `demo.registry.district` told; addresses, organisations and staff are there already."""
    was_on = gc.isenabled()
    gc.disable()  # a million objects, all of them needed to the end
    try:
        Loading(told, offices, people, at).load()
    finally:
        if was_on:
            gc.enable()


def register_is_empty() -> bool:
    """Whether nobody has begun a register. 1 SQL."""
    return not models.Compound.objects.exists()


def people_and_offices() -> tuple[dict[str, User], dict[str, Organisation]]:
    """The demo's staff and organisations by their keys, as an earlier seed has loaded them. 2 SQL."""
    by_mail = {user.email: user for user in User.objects.order_by("pk")}
    by_name = {office.name: office for office in Organisation.objects.order_by("pk")}
    people = {one.key: by_mail[one.email] for one in staff()}
    return people, {one.key: by_name[one.name] for one in organisations()}


class Loading:
    """Copies one table after another; lists of keys say which row a record became."""

    def __init__(self, told: District, offices: dict[str, Organisation], people: dict[str, User], at: datetime) -> None:
        self.told, self.offices, self.at = told, offices, at
        self._collectors = _collectors(people)

    def load(self) -> None:
        """All of it."""
        self._places()
        self._people()
        self._entities()
        self._owners()

    def _collected(self, seen: Seen, area: str, turn: int) -> dict[str, Any]:
        """Who saw it when: at the door the worker of the grid, else the head of the community."""
        by = self._collectors.get(area if seen.source == "door" else area[:12]) or self._collectors[area[:12]]
        return {
            "source": seen.source,
            "collected_at": _moment(seen.collected_on, turn),
            "collected_by_id": by,
            "confirmed_at": _moment(seen.confirmed_on, turn),
            "confirmed_by_id": by,
        }

    def _places(self) -> None:
        told = self.told
        compound = light(models.Compound)
        compounds = [
            compound(public_id=uuid.uuid4(), name=one.name, name_en=one.name_en, kind=one.kind, area_code=one.area_code)
            for one in told.compounds
        ]
        copy_in(compounds)
        addresses = dict(models.StandardAddress.objects.order_by("pk").values_list("text", "pk"))
        building = light(models.Building)
        self.buildings = [
            building(
                public_id=uuid.uuid4(),
                address_id=addresses[one.address],
                compound_id=compounds[one.compound].id,
                area_code=one.area_code,
                use=one.use,
                floors_above=one.floors_above,
                floors_below=one.floors_below,
                skipped_floors=one.skipped_floors,
                built_year=one.built_year,
                changed_at=self.at,
            )
            for one in told.buildings
        ]
        copy_in(self.buildings)
        entrance = light(models.Entrance)
        entrances = [
            entrance(building_id=row.id, name=name, position=place, has_lift=one.has_lift)
            for row, one in zip(self.buildings, told.buildings, strict=True)
            for place, name in enumerate(one.entrances, 1)
        ]
        copy_in(entrances)
        self._dwellings({(row.building_id, row.position - 1): row.id for row in entrances})

    def _dwellings(self, entrances: dict[tuple[int, int], int]) -> None:
        dwelling = light(models.Dwelling)
        self.areas = [self.told.buildings[one.building].area_code for one in self.told.dwellings]
        self.dwellings = []
        for turn, (one, area) in enumerate(zip(self.told.dwellings, self.areas, strict=True)):
            building = self.buildings[one.building].id
            self.dwellings.append(
                dwelling(
                    public_id=uuid.uuid4(),
                    building_id=building,
                    entrance_id=entrances[building, one.entrance],
                    floor=one.floor,
                    door=one.door,
                    area_code=area,
                    use=one.use,
                    occupancy=one.occupancy,
                    dispute=one.dispute,
                    area_m2=str(one.area_m2),
                    ended_on=one.ended_on,
                    changed_at=_moment(one.seen.confirmed_on, turn),
                    **self._collected(one.seen, area, turn),
                )
            )
        copy_in(self.dwellings)

    def _people(self) -> None:
        told, areas = self.told, self.areas
        household = light(models.Household)
        households = [
            household(
                public_id=uuid.uuid4(),
                dwelling_id=self.dwellings[one.dwelling].id,
                kind=one.kind,
                number=one.number or None,
                area_code=areas[one.dwelling],
                formed_on=one.formed_on,
                ended_on=one.ended_on,
                changed_at=self.at,
            )
            for one in told.households
        ]
        copy_in(households)
        person, indexes = light(models.Person), _indexes()
        self.people = [person(**self._person(one, turn, indexes)) for turn, one in enumerate(told.people)]
        copy_in(self.people)
        residency = light(models.Residency)
        places = [told.households[one.household].dwelling for one in told.residencies]
        copy_in(
            [
                residency(
                    public_id=uuid.uuid4(),
                    person_id=self.people[one.person].id,
                    household_id=households[one.household].id,
                    dwelling_id=self.dwellings[place].id,
                    area_code=areas[place],
                    kind=one.kind,
                    is_main=one.is_main,
                    relation=one.relation,
                    from_date=one.from_date,
                    to_date=one.to_date,
                    end_reason=one.end_reason,
                    purpose=one.purpose,
                    **self._collected(one.seen, areas[place], turn),
                )
                for turn, (one, place) in enumerate(zip(told.residencies, places, strict=True))
            ]
        )

    def _person(self, one: Person, turn: int, indexes: dict[str, Callable[[str], str]]) -> dict[str, Any]:
        area = self.areas[one.home]
        return {
            "public_id": uuid.uuid4(),
            "name": one.name,
            "name_index": indexes["name"](one.name),
            "sex": one.sex,
            "birth_date": one.born.isoformat(),
            "birth_year": one.born.year,
            "document_kind": one.document_kind,
            "document_number": one.document_number or None,
            "document_index": indexes["document"](one.document_number),
            "phone": one.phone or None,
            "phone_index": indexes["phone"](one.phone),
            "died_on": one.died_on,
            "home_id": self.dwellings[one.home].id,
            "area_code": area,
            "changed_at": _moment(one.seen.confirmed_on, turn),
            **self._collected(one.seen, area, turn),
        }

    def _entities(self) -> None:
        told = self.told
        entity, space = light(models.LegalEntity), light(models.UndergroundSpace)
        self.entities = [
            entity(
                public_id=uuid.uuid4(),
                name=one.name,
                search_text=normalise(one.name),
                credit_code=one.credit_code,
                kind=one.kind,
                trade=one.trade,
                representative=one.representative,
                phone=one.phone,
                staff=one.staff,
                building_id=self.buildings[one.building].id,
                dwelling_id=None if one.dwelling is None else self.dwellings[one.dwelling].id,
                organisation_id=self.offices[one.organisation].pk if one.organisation else None,
                area_code=(area := told.buildings[one.building].area_code),
                opened_on=one.opened_on,
                closed_on=one.closed_on,
                changed_at=_moment(one.seen.confirmed_on, turn),
                **self._collected(one.seen, area, turn),
            )
            for turn, one in enumerate(told.entities)
        ]
        copy_in(self.entities)
        copy_in(
            [
                space(
                    public_id=uuid.uuid4(),
                    label=one.label,
                    kind=one.kind,
                    use=one.use,
                    level=one.level,
                    area_m2=str(one.area_m2),
                    building_id=self.buildings[one.building].id,
                    compound_id=self.buildings[one.building].compound_id,
                    keeper_id=None if one.keeper is None else self.entities[one.keeper].id,
                    keeper_name=one.keeper_name or None,
                    keeper_phone=one.keeper_phone or None,
                    area_code=(area := told.buildings[one.building].area_code),
                    inspected_on=one.inspected_on,
                    inspect_due=one.inspect_due,
                    changed_at=_moment(one.seen.confirmed_on, turn),
                    **self._collected(one.seen, area, turn),
                )
                for turn, one in enumerate(told.spaces)
            ]
        )

    def _owners(self) -> None:
        owner = light(models.Ownership)
        copy_in(
            [
                owner(
                    dwelling_id=self.dwellings[one.dwelling].id,
                    person_id=None if one.person is None else self.people[one.person].id,
                    entity_id=None if one.entity is None else self.entities[one.entity].id,
                    share=one.share,
                    of=one.of,
                    from_date=one.from_date,
                    to_date=one.to_date,
                    **self._collected(one.seen, self.areas[one.dwelling], turn),
                )
                for turn, one in enumerate(self.told.ownerships)
            ]
        )


def _collectors(people: dict[str, User]) -> dict[str, int]:
    """Area -> who keeps its register: workers by grid, heads by community."""
    return {
        grant.area_code: people[one.key].pk
        for one in staff()
        if one.role in ("grid_worker", "community_head")
        for grant in one.grants
        if grant.area_code
    }


def _indexes() -> dict[str, Callable[[str], str]]:
    """What makes the blind index of a name, a number, a telephone; "" of nothing. Names come again."""
    field: Any = models.Person._meta.get_field
    digest = {name: field(f"{name}_index").digest for name in ("name", "document", "phone")}
    return {
        "name": cache(digest["name"]),
        "document": lambda value: digest["document"](value) if value else "",
        "phone": lambda value: digest["phone"](value) if value else "",
    }


def _moment(day: date, turn: int) -> str:
    """A quarter of an hour of the working day (9:00 to 16:45 at the desk, UTC+8) as the database reads it."""
    return _quarter(day, turn % 32)


@cache
def _quarter(day: date, quarter: int) -> str:
    return f"{day.isoformat()} {1 + quarter // 4:02d}:{quarter % 4 * 15:02d}:00+00"
