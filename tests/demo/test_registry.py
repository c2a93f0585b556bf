"""The invented register: what its docstring promises, looked at from outside. A tenth of the district, no database."""

import itertools
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest

from demo.addresses import standard_addresses
from demo.people import UNUSED_PREFIXES
from demo.registry.district import district
from demo.registry.entities import ENTITIES, SPACES
from demo.registry.faults import RATES
from demo.registry.places import Doors
from demo.registry.records import District, Person, Residency
from population import models
from population.check_digits import credit_code_judged, from_fifteen, identity_judged
from tests.demo.test_content import ISSUED

TODAY = date(2026, 11, 28)
SHARE = 0.1
YEAR = timedelta(days=365.25)
CHILD, ADULT = 14, 18


@pytest.fixture(scope="module")
def told() -> District:
    return district(TODAY, SHARE)


def _age(person: Person) -> float:
    return (TODAY - person.born) / YEAR


def _faulty(told: District, *kinds: str) -> set[int]:
    """People whom planted faults of some kinds are about."""
    return {key for one in told.faults if one.kind in kinds for key in (one.person, one.other) if key is not None}


def _current(told: District, *, main: bool = False) -> list[Residency]:
    return [one for one in told.residencies if one.to_date is None and (one.is_main or not main)]


def _members(told: District) -> dict[int, list[Residency]]:
    found = defaultdict(list)
    for one in _current(told):
        found[one.household].append(one)
    return found


def _overlapping(rows: list[Residency]) -> bool:
    periods = sorted((one.from_date, one.to_date or date.max) for one in rows)
    return any(later[0] < earlier[1] for earlier, later in itertools.pairwise(periods))


def test_the_same_day_tells_the_same_register_and_another_day_another() -> None:
    assert district(TODAY, 0.02) == district(TODAY, 0.02)
    assert district(TODAY + timedelta(days=30), 0.02) != district(TODAY, 0.02)


def test_it_is_as_large_as_promised(told: District) -> None:
    whole = District(TODAY)
    Doors(whole, Random(1)).build(1.0)
    assert len(whole.dwellings) == pytest.approx(25_000, rel=0.05)
    assert len(told.people) / len(told.dwellings) * len(whole.dwellings) == pytest.approx(60_000, rel=0.08)
    assert (len(told.entities), len(told.spaces)) == (ENTITIES * SHARE, SPACES * SHARE) == (400, 6)


def test_houses_keep_their_addresses_and_have_doors_on_floors_that_exist(told: District) -> None:
    addresses = {one.text: one for one in standard_addresses()}
    assert len(addresses) == len(standard_addresses())
    assert len({one.address for one in told.buildings}) == len(told.buildings)
    for one in told.buildings:
        assert addresses[one.address].grid_code == one.area_code == told.compounds[one.compound].area_code
        assert not set(one.skipped_floors) - set(range(1, one.floors_above + 1))
    for key, group in itertools.groupby(told.dwellings, key=lambda one: one.building):
        doors = list(group)
        house = told.buildings[key]
        floors = {one.floor for one in doors}
        assert floors == set(range(1, house.floors_above + 1)) - set(house.skipped_floors)
        assert {one.entrance for one in doors} == set(range(len(house.entrances)))
        assert len({(one.entrance, one.door) for one in doors}) == len(doors)
    assert any(4 in one.skipped_floors for one in told.buildings)


def test_codes_are_those_of_the_register(told: District) -> None:
    choices = {
        "compounds": {"kind": models.CompoundKind},
        "buildings": {"use": models.BuildingUse},
        "dwellings": {"use": models.DwellingUse, "occupancy": models.Occupancy},
        "households": {"kind": models.HouseholdKind},
        "people": {"sex": models.Sex},
        "residencies": {"kind": models.ResidencyKind, "relation": models.Relation, "purpose": models.Purpose},
        "entities": {"kind": models.EntityKind, "staff": models.StaffBand},
        "spaces": {"kind": models.SpaceKind, "use": models.SpaceUse},
    }
    for name, fields in choices.items():
        for field, codes in fields.items():
            assert {getattr(one, field) for one in getattr(told, name)} <= set(codes.values), (name, field)
    assert {one.document_kind for one in told.people} <= {"", *models.DocumentKind.values}
    assert {one.end_reason for one in told.residencies} <= {"", "head", *models.EndReason.values}
    assert {one.dispute for one in told.dwellings} <= {"", *models.Dispute.values}


def test_families_are_of_ages_that_can_be(told: District) -> None:
    children = [one for one in told.people if one.mother is not None]
    assert len(children) > 1000
    for one in children:
        assert 20 <= (one.born - told.people[one.mother].born) / YEAR <= 38.1
    for rows in _members(told).values():
        by_relation = {one.relation: told.people[one.person] for one in rows}
        if {"0", "1"} <= set(by_relation):
            assert abs(by_relation["0"].born - by_relation["1"].born) / YEAR < 9.5
    ages = [_age(told.people[one.person]) for one in _current(told, main=True)]
    old, young = sum(age >= 65 for age in ages) / len(ages), sum(age < 15 for age in ages) / len(ages)
    assert 0.1 < old < 0.25
    assert 0.08 < young < 0.2


def test_nobody_lives_in_two_places_and_no_household_has_two_heads(told: District) -> None:
    by_person, by_household = defaultdict(list), defaultdict(list)
    for one in told.residencies:
        assert one.to_date is None or one.to_date >= one.from_date
        assert (one.to_date is None) == (one.end_reason == "")
        assert one.from_date < TODAY
        assert told.households[one.household].formed_on <= one.from_date
        if one.is_main:
            by_person[one.person].append(one)
        if one.relation == "0":
            by_household[one.household].append(one)
    assert not any(map(_overlapping, by_person.values()))
    assert not any(map(_overlapping, by_household.values()))


def test_homes_are_where_people_live_else_where_they_are_registered(told: District) -> None:
    rows = defaultdict(list)
    for one in told.residencies:
        rows[one.person].append((one.to_date is None, one.is_main, told.households[one.household].dwelling))
    for key, person in enumerate(told.people):
        best = max(row[:2] for row in rows[key])
        assert person.home in {row[2] for row in rows[key] if row[:2] == best}


def test_moves_of_five_years_make_chains(told: District) -> None:
    places = defaultdict(set)
    for one in told.residencies:
        places[one.person].add(told.households[one.household].dwelling)
    chains = Counter(len(homes) for homes in places.values())
    assert chains[2] > 0.03 * len(told.people)
    assert chains[3] > 0
    here = {one.person for one in _current(told)}
    assert 0.01 < sum(one not in here for one in places) / len(places) < 0.08  # left, or died
    assert sum(one.end_reason == "head" for one in told.residencies) > 20
    absent = [one for one in _current(told) if not one.is_main]
    assert all(one.kind == "registered" for one in absent)
    elsewhere = {one.person for one in absent} & {one.person for one in _current(told, main=True)}
    assert elsewhere  # lives in one dwelling of the district, is registered in another
    assert len(absent) > len(elsewhere)


def test_numbers_add_up_and_can_be_nobodys(told: District) -> None:
    wrong = _faulty(told, "wrong_number")
    numbers = [one.document_number for one in told.people if one.document_number]
    assert len(set(numbers)) == len(numbers)
    for key, one in enumerate(told.people):
        if one.document_kind in ("111", "553", "810") and key not in wrong:
            judged = identity_judged(one.document_number, today=TODAY, old_too=True)
            assert judged.is_valid, one
            assert judged.doubt  # of a region that there is not
            assert (judged.birth_date, judged.sex) == (one.born, one.sex)
            assert judged.number[:4] == "9901"
    phones = [one.phone for one in told.people if one.phone]
    assert not any(ISSUED.fullmatch(phone) for phone in phones)
    assert all(len(phone) == 11 and phone.startswith(UNUSED_PREFIXES) for phone in phones)
    assert all(one.born.year < 2012 for one in told.people if one.phone)


def test_credit_codes_add_up_and_are_of_no_place(told: District) -> None:
    codes = [one.credit_code for one in told.entities if one.credit_code]
    assert len(set(codes)) == len(codes) > 0.97 * len(told.entities)
    assert all((judged := credit_code_judged(code)).is_valid and not judged.doubt for code in codes)
    assert {code[2:8] for code in codes} == {"990105"}
    assert len({one.name for one in told.entities}) == len(told.entities)
    linked = [one.organisation for one in told.entities if one.organisation]
    assert len(set(linked)) == len(linked) > 20


def test_bodies_sit_where_bodies_can_sit(told: District) -> None:
    for one in told.entities:
        assert one.closed_on is None or one.opened_on is None or one.closed_on >= one.opened_on
        if one.dwelling is not None:
            assert told.dwellings[one.dwelling].building == one.building
            assert told.dwellings[one.dwelling].use in ("shop", "office")
    for space in told.spaces:
        assert 1 <= space.level <= told.buildings[space.building].floors_below
        assert space.inspected_on < space.inspect_due
        assert space.keeper is not None or space.keeper_name


def test_no_name_stands_out(told: District) -> None:
    most = Counter(one.name for one in told.people).most_common(1)[0][1]
    assert most / len(told.people) < 0.005


def test_shares_of_a_dwelling_add_up(told: District) -> None:
    shares: dict[int, Fraction] = defaultdict(Fraction)
    for one in told.ownerships:
        assert (one.person is None) != (one.entity is None)
        assert one.to_date is None or one.to_date >= one.from_date
        if one.to_date is None:
            shares[one.dwelling] += Fraction(one.share, one.of)
    assert set(shares.values()) == {Fraction(1)}
    assert len(shares) > 0.7 * len(told.dwellings)


def test_most_was_confirmed_lately_and_a_tail_never(told: District) -> None:
    every = [*told.dwellings, *told.people, *told.residencies, *told.entities]
    assert all(one.seen.collected_on <= one.seen.confirmed_on < TODAY for one in every)
    ages = [(TODAY - one.seen.confirmed_on).days for one in told.dwellings]
    assert 0.65 < sum(days < 365 for days in ages) / len(ages) < 0.85
    never = [one for one in told.dwellings if one.seen.confirmed_on == one.seen.collected_on]
    assert 0.01 < len(never) / len(ages) < 0.08


# What was planted is found by who does not know where, and nothing else is.


def _adults_without(told: District, field: str) -> set[int]:
    return {key for key, one in enumerate(told.people) if _age(one) >= ADULT and not getattr(one, field)}


def test_every_kind_of_fault_is_there(told: District) -> None:
    counts = Counter(one.kind for one in told.faults)
    assert set(counts) == set(RATES)
    assert 0.007 < len(told.faults) / len(told.people) < 0.013


def test_missing_and_wrong_numbers(told: District) -> None:
    again = {one.other for one in told.faults if one.other is not None}
    assert _adults_without(told, "phone") - again == _faulty(told, "no_phone")
    assert _adults_without(told, "document_number") - again == _faulty(told, "no_number")
    bad = {
        key
        for key, one in enumerate(told.people)
        if one.document_kind == "111" and not identity_judged(one.document_number, today=TODAY, old_too=True).is_valid
    }
    assert bad == _faulty(told, "wrong_number")


def test_duplicates(told: District) -> None:
    """Two of one household who were born on one day: the same telephone, or the same number in old and new."""
    found = set()
    for rows in _members(told).values():
        for (one, first), (two, second) in itertools.combinations(
            [(row.person, told.people[row.person]) for row in rows], 2
        ):
            if first.born != second.born:
                continue
            same_phone = first.phone and first.phone == second.phone and first.name[:-1] == second.name[:-1]
            long, short = first.document_number, second.document_number
            if same_phone or (len(short) == 15 and from_fifteen(short) == long and first.name == second.name):
                found |= {one, two}
    assert found == _faulty(told, "duplicate_typo", "duplicate_old_number")


def test_households_without_a_head_or_a_grown_up(told: District) -> None:
    no_head = {key for key, rows in _members(told).items() if not any(one.relation == "0" for one in rows)}
    assert no_head == {one.household for one in told.faults if one.kind == "no_head"}
    alone = {key for key, rows in _members(told).items() if all(_age(told.people[one.person]) < CHILD for one in rows)}
    assert alone == {one.household for one in told.faults if one.kind == "child_alone"}


def test_the_dead_who_go_on_and_those_who_came_before_they_were_born(told: District) -> None:
    current = {one.person for one in _current(told)}
    dead = {key for key, one in enumerate(told.people) if one.died_on is not None}
    assert dead & current == _faulty(told, "dead_current")
    assert len(dead) > 3 * len(dead & current)
    early = {one.person for one in told.residencies if one.from_date < told.people[one.person].born}
    assert early == _faulty(told, "born_later")
