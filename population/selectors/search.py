"""Finding people, dwellings, buildings and legal entities by the words of one box, inside the viewer's scope only.

What was typed decides where it is looked for; a person outside the scope leaves no trace in any answer.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import F, Q
from django.db.models.functions import Greatest, Length
from django.utils import timezone

from governance.access.viewer import Scope, Viewer
from population.dwelling_words import estate_key, written
from population.freshness import Freshness, freshness
from population.models import Building, Compound, Dwelling, LegalEntity, Person, registry_settings
from population.naming import NAMED, dwelling_name, masked_fields
from population.normalising import normalise, place_part
from population.permissions import Capability
from population.selectors.addresses import LONGEST, SHORTEST, addresses_like

WORDS_MAX = 120
BUILDINGS_SHOWN, DWELLINGS_SHOWN, ENTITIES_SHOWN = 8, 40, 20
_CLOSE = 0.75  # of the best score: whatever is less alike is another place
_PHONE = re.compile(r"^(?:\+?86)?[0-9]{7,12}$")
_NUMBER = re.compile(r"^(?=.*[0-9]{5})[0-9A-Z()]{7,20}$")
_CREDIT_CODE = re.compile(r"^[0-9A-Z]{18}$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the words of a person may mean: a name, a telephone, a number of a document, a credit code, a place."""

    text: str
    name: str = ""
    phone: str = ""
    number: str = ""
    credit_code: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is a number and so neither a place nor a name of anything."""
        return bool(self.phone or self.number or self.credit_code)

    @property
    def means_person(self) -> bool:
        """Whether people are looked for at all."""
        return bool(self.name or self.phone or self.number)


def wanted_of(words: str) -> Wanted:
    """Judge by shape what somebody typed."""
    text = " ".join(unicodedata.normalize("NFKC", words).split())[:WORDS_MAX]
    bare = re.sub(r"[\s\-–—.]", "", text).upper()
    phone = bare if _PHONE.match(bare) else ""
    number = bare if _NUMBER.match(bare) else ""
    if phone or number:
        return Wanted(text, phone=phone, number=number, credit_code=bare if _CREDIT_CODE.match(bare) else "")
    is_name = len(bare) >= 2 and not any(sign.isdigit() for sign in bare)
    return Wanted(text, name=text if is_name else "")


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person as a list shows them: masked, with where they live and how fresh that is."""

    one: Person
    shown: dict[str, Any]
    home: str
    home_is_seen: bool
    fresh: Freshness


def people_found(viewer: Viewer, wanted: Wanted) -> Any:
    """People of exactly this name, telephone or number, as a queryset; none who was merged into another."""
    columns = (("name_index", wanted.name), ("phone_index", wanted.phone), ("document_index", wanted.number))
    index: Any = Person._meta.get_field
    exact = Q()
    for column, value in columns:
        if value:
            exact |= Q(**{f"{column}__in": index(column).digests(value)})
    if not exact:
        return Person.objects.none()
    found = Person.objects.visible_to(viewer).filter(exact, merged_into__isnull=True)
    return found.select_related("confirmed_by", *(f"home__{name}" for name in NAMED))


def person_lines(people: Sequence[Person], viewer: Viewer, at: datetime) -> list[PersonLine]:
    """Lines of people that `people_found` gave. No SQL of their own."""
    months, today = registry_settings().person_months, timezone.localdate(at)
    return [
        PersonLine(
            one=person,
            shown=masked_fields(person, today),
            home=dwelling_name(person.home),
            home_is_seen=viewer.holds(Capability.VIEW_REGISTRY, Scope(person.home.area_code)),
            fresh=freshness(person, due_months=months, at=at),
        )
        for person in people
    ]


@dataclass(frozen=True, slots=True)
class Places:
    """Places that the words name: dwellings where a door was written, the buildings alike, compounds of that name."""

    dwellings: Sequence[Dwelling] = ()
    buildings: Sequence[Building] = ()
    compounds: Sequence[Compound] = ()

    def __bool__(self) -> bool:
        return bool(self.dwellings or self.buildings or self.compounds)


def places_found(viewer: Viewer, wanted: Wanted) -> Places:
    """Find 3栋2单元501, 三号楼二门501室, a misspelt street. At most 3 SQL.

    The building by likeness, then door and entrance exactly; without an entrance, every one that has the door.
    """
    said = written(wanted.text)
    text = normalise(wanted.text)
    place = place_part(text)[:LONGEST]
    if wanted.is_number or len(place) < SHORTEST:
        return Places()
    buildings = _buildings(viewer, place, said.building)
    if not said.building and not said.door:
        names = Compound.objects.visible_to(viewer).filter(name__icontains=estate_key(wanted.text) or wanted.text)
        return Places(buildings=buildings, compounds=list(names.order_by("area_code", "name")[:BUILDINGS_SHOWN]))
    if not said.door or not buildings:
        return Places(buildings=buildings)
    return Places(dwellings=_dwellings(buildings, said.door, said.entrance), buildings=buildings)


def _buildings(viewer: Viewer, place: str, name: str) -> list[Building]:
    """Buildings alike, the best first; where the number was written, those of that number alone if there are any."""
    seen = Building.objects.visible_to(viewer).filter(ended_on__isnull=True)
    alike = addresses_like(place).filter(pk__in=seen.order_by().values("address"))
    found = {row.pk: row for row in alike.order_by(F("score").desc(), Length("text"), "text")[: BUILDINGS_SHOWN * 3]}
    if not found:
        return []
    rows = Building.objects.filter(address__in=found).select_related("address", "compound").order_by("id")
    best = max(row.score for row in found.values())
    ranked = sorted(rows, key=lambda row: list(found).index(row.address_id))
    close = [row for row in ranked if found[row.address_id].score >= best * _CLOSE]
    numbered = [row for row in ranked if name and _number(row.address.building) == _number(name)]
    return (numbered or close)[:BUILDINGS_SHOWN]


def _dwellings(buildings: Sequence[Building], door: str, entrance: str) -> list[Dwelling]:
    doors = {door, door.upper(), door.removesuffix("室"), f"{door}室"}
    rows = Dwelling.objects.standing().filter(building__in=buildings, door__in=doors).select_related(*NAMED)
    order = {building.pk: place for place, building in enumerate(buildings)}
    found = [
        row
        for row in rows.order_by("entrance__position", "id")[:500]
        if not entrance or _number(row.entrance.name) == _number(entrance)
    ]
    return sorted(found, key=lambda row: order[row.building_id])[:DWELLINGS_SHOWN]


def _number(name: str) -> str:
    """What tells a building or an entrance from its neighbours: 7 of 7幢, 七号楼, 7单元."""
    return re.sub(r"[幢号单元门\s]", "", normalise(name))


def entities_found(viewer: Viewer, wanted: Wanted) -> list[LegalEntity]:
    """Legal entities that are there, by credit code or by likeness of the name, the best first. 1 SQL."""
    there = LegalEntity.objects.visible_to(viewer).filter(closed_on__isnull=True).select_related("building__address")
    if wanted.credit_code:
        return list(there.filter(credit_code=wanted.credit_code).order_by("id")[:ENTITIES_SHOWN])
    words = normalise(wanted.text)
    if wanted.is_number or len(words) < SHORTEST:
        return []
    score = Greatest(TrigramWordSimilarity(words, "search_text"), TrigramSimilarity("search_text", words))
    alike = Q(search_text__trigram_word_similar=words) | Q(search_text__trigram_similar=words)
    found = there.filter(alike).annotate(score=score).order_by(F("score").desc(), Length("name"), "id")
    return list(found[:ENTITIES_SHOWN])
