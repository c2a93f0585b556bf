"""Who owns what: residents, owners who live elsewhere, firms that let flats, the public housing company."""

from datetime import date, timedelta
from random import Random

from demo.registry.records import District, Ownership
from demo.registry.residents import Arrival, Residents

_HEAD_ALONE, _THIRDS = 0.3, 0.94


def add_owners(residents: Residents, housing: int, lessors: list[int], rng: Random) -> None:
    """Add the ownerships of today; shares of a dwelling add up to one. Of a few dwellings no owner is known.

    `housing` is the entity that lets public housing, `lessors` are those that let flats.
    """
    district = residents.district
    living = {one.dwelling: one for one in residents.arrivals if one.kind in ("registered", "usual")}
    heads = [one.members[0][0] for one in residents.arrivals if one.kind == "registered"]
    for index, dwelling in enumerate(district.dwellings):
        if dwelling.ended_on is not None:
            continue
        begins = _bought(district, index, rng)
        if dwelling.occupancy == "owner" and index in living:
            _family(district, living[index], rng)
        elif dwelling.occupancy == "public":
            _whole(district, index, begins, entity=housing)
        elif index in residents.absent:
            _whole(district, index, begins, person=residents.absent[index][0])
        elif dwelling.use != "home" or dwelling.occupancy in ("let", "empty"):
            chance = rng.random()
            if chance < 0.5 and heads:
                _whole(district, index, begins, person=rng.choice(heads))
            elif chance < 0.8 and lessors:
                _whole(district, index, begins, entity=rng.choice(lessors))


def _bought(district: District, dwelling: int, rng: Random) -> date:
    built = date(district.buildings[district.dwellings[dwelling].building].built_year + 1, 1, 1)
    return built + timedelta(days=int((district.today - built).days * rng.random() ** 2))


def _whole(
    district: District, dwelling: int, begins: date, *, person: int | None = None, entity: int | None = None
) -> None:
    seen = district.dwellings[dwelling].seen
    if person is not None:
        born = district.people[person].born
        begins = max(begins, born + timedelta(days=18 * 366))
        begins = min(begins, district.today - timedelta(days=1))
    district.ownerships.append(Ownership(dwelling, 1, 1, begins, seen, person=person, entity=entity))


def _family(district: District, home: Arrival, rng: Random) -> None:
    """The head alone, the couple by halves, or three of the family by thirds; since the household is there."""
    owners = [person for person, relation in home.members if relation in "01"]
    chance = rng.random()
    if chance < _HEAD_ALONE:
        owners = owners[:1]
    elif chance > _THIRDS:
        owners = [person for person, _relation in home.members][:3]
    since = district.households[home.household].formed_on
    seen = district.dwellings[home.dwelling].seen
    for person in owners:
        begins = max(since, district.people[person].born)
        district.ownerships.append(Ownership(home.dwelling, 1, len(owners), begins, seen, person=person))
