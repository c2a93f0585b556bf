"""What stands on the cards of a dwelling, a household and a person: masked, and only what the viewer may know of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from governance.access.viewer import Viewer
from grid.selectors import area_paths
from population.freshness import Freshness, freshness
from population.models import Dwelling, Household, LegalEntity, Ownership, Person, Relation, Residency
from population.models.settings import registry_settings
from population.naming import NAMED, age_words, dwelling_name, masked_name
from population.selectors.stays import Stretch, stays_of

FORMER_MOST = 100


@dataclass(frozen=True, slots=True)
class MemberLine:
    """Somebody in a household, or who was. `is_known`: the viewer may open their card."""

    stay: Stretch
    name: str
    age: str
    is_known: bool

    @property
    def person(self) -> Person:
        """Whose stay it is."""
        return self.stay.last.person

    @property
    def residency(self) -> Residency:
        """The newest residency of the stay."""
        return self.stay.last


@dataclass(frozen=True, slots=True)
class HouseholdPart:
    """A household with those who are in it now, the head first."""

    household: Household
    members: list[MemberLine]


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """Who owns a share; the name of a person is masked."""

    ownership: Ownership
    name: str
    is_person: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class DwellingCard:
    """Everything on the card of a dwelling. `former_left_out`: there were more than `FORMER_MOST`."""

    households: list[HouseholdPart]
    former: list[MemberLine]
    former_left_out: bool
    owners: list[OwnerLine]
    entities: list[LegalEntity]
    fresh: Freshness
    path: str


@dataclass(frozen=True, slots=True)
class StayLine:
    """One stay on the card of a person. Outside the viewer's area only the community is named."""

    stay: Stretch
    where: str
    dwelling: Dwelling | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Everything on the card of a person but their own fields."""

    now: list[StayLine]
    before: list[StayLine]
    fresh: Freshness
    path: str
    merged_into: Person | None


def dwellings_named(viewer: Viewer) -> "QuerySet[Dwelling]":
    """Dwellings that the viewer may open, with what their card reads of them."""
    rows: QuerySet[Dwelling] = Dwelling.objects.visible_to(viewer)
    return rows.select_related(*NAMED, "building__compound", "confirmed_by", "collected_by")


def dwelling_card(dwelling: Dwelling, viewer: Viewer, at: datetime) -> DwellingCard:
    """Read the card of a dwelling: 6 SQL, and the settings once a minute."""
    today = timezone.localdate(at)
    residencies = list(
        Residency.objects.filter(dwelling=dwelling).select_related("person").order_by("household_id", "relation", "pk")
    )
    households = list(dwelling.households.filter(ended_on__isnull=True).order_by("formed_on", "pk"))
    owned = list(_ownerships(dwelling, today))
    known = known_people([*residencies, *(one for one in owned if one.person_id)], viewer)
    lines = member_lines(stays_of(residencies), known, today)
    former = sorted((one for one in lines if not one.stay.is_current), key=_ended, reverse=True)
    return DwellingCard(
        households=[HouseholdPart(one, members_of(one.pk, lines)) for one in households],
        former=former[:FORMER_MOST],
        former_left_out=len(former) > FORMER_MOST,
        owners=[_owner(one, known) for one in owned],
        entities=list(
            LegalEntity.objects.visible_to(viewer).filter(dwelling=dwelling, closed_on__isnull=True).order_by("pk")
        ),
        fresh=freshness(dwelling, due_months=registry_settings().dwelling_months, at=at),
        path=area_paths([dwelling.area_code]).get(dwelling.area_code, ""),
    )


def household_members(household: Household, viewer: Viewer, at: datetime) -> tuple[list[MemberLine], list[MemberLine]]:
    """Return who is in a household now, the head first, and who was, the last first. 2 SQL."""
    today = timezone.localdate(at)
    residencies = list(household.residencies.select_related("person").order_by("relation", "pk"))
    lines = member_lines(stays_of(residencies), known_people(residencies, viewer), today)
    former = sorted((one for one in lines if not one.stay.is_current), key=_ended, reverse=True)
    return members_of(household.pk, lines), former


def person_card(person: Person, viewer: Viewer, at: datetime) -> PersonCard:
    """Read the card of a person: 4 SQL at most, and the settings once a minute."""
    residencies = list(
        person.residencies.select_related(*(f"dwelling__{name}" for name in NAMED), "household").order_by("pk")
    )
    own = set(Residency.objects.visible_to(viewer).filter(person=person).values_list("pk", flat=True).order_by("pk"))
    paths = area_paths({person.area_code, *(row.area_code[:12] for row in residencies)})
    lines = [_stay_line(one, own, paths) for one in stays_of(residencies)]
    merged = None
    if person.merged_into_id is not None:
        merged = Person.objects.visible_to(viewer).filter(pk=person.merged_into_id).first()
    return PersonCard(
        now=[one for one in lines if one.stay.is_current],
        before=[one for one in reversed(lines) if not one.stay.is_current],
        fresh=freshness(person, due_months=registry_settings().person_months, at=at),
        path=paths.get(person.area_code, ""),
        merged_into=merged,
    )


def known_people(rows: Iterable[Any], viewer: Viewer) -> set[int]:
    """Which of the people that these rows name the viewer may open. 1 SQL, none for nobody."""
    ids = {row.person_id for row in rows}
    if not ids:
        return set()
    return set(Person.objects.visible_to(viewer).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))


def member_lines(stays: Sequence[Stretch], known: set[int], on: date) -> list[MemberLine]:
    """Masked lines of stays; the people come with them."""
    return [
        MemberLine(
            stay=one,
            name=masked_name(one.last.person),
            age=age_words(one.last.person, on),
            is_known=one.last.person_id in known,
        )
        for one in stays
    ]


def members_of(household_id: int, lines: Iterable[MemberLine]) -> list[MemberLine]:
    """Those who are in a household now, the head first."""
    mine = [one for one in lines if one.stay.is_current and one.residency.household_id == household_id]
    return sorted(
        mine, key=lambda one: (one.residency.relation != Relation.HEAD, one.residency.relation, one.person.pk)
    )


def _ownerships(dwelling: Dwelling, on: date) -> "QuerySet[Ownership]":
    rows = dwelling.ownerships.select_related("person", "entity").filter(from_date__lte=on)
    return rows.exclude(to_date__lte=on).order_by("from_date", "pk")


def _owner(row: Ownership, known: set[int]) -> OwnerLine:
    if row.person is not None:
        return OwnerLine(row, masked_name(row.person), True, row.person_id in known)
    return OwnerLine(row, row.entity.name if row.entity is not None else "", False, False)


def _stay_line(stay: Stretch, own: set[int], paths: dict[str, str]) -> StayLine:
    is_open = stay.last.pk in own
    community = paths.get(stay.last.area_code[:12], "")
    where = dwelling_name(stay.last.dwelling) if is_open else community
    return StayLine(stay, where, stay.last.dwelling if is_open else None, is_open)


def _ended(line: MemberLine) -> tuple[date, int]:
    return line.residency.to_date or date.max, line.residency.pk
