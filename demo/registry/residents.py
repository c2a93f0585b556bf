"""Who lives behind each door: households with their members, on what footing and since when."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.registry import names
from demo.registry.families import YEAR, Draft, Families, Family
from demo.registry.numbers import CARD_REGION, PERMIT_REGIONS, REGION, Numbers
from demo.registry.places import first_seen, later
from demo.registry.records import Building, District, Dwelling, Household, Person, Residency, Seen

ADULT, PHONE_AGE = 18, 15
RECENT = 5 * 365  # days: how far back moves are told
# How homes are used, by kind of estate: own, let, public, lent, empty, unknown.
OCCUPANCIES = ("owner", "let", "public", "lent", "empty", "unknown")
USED = {
    "old": (59, 25, 4, 2, 8, 2), "gated": (69, 16, 0, 2, 12, 1), "moved": (61, 22, 7, 2, 7, 1),
    "lane": (38, 34, 20, 2, 5, 1), "flats": (14, 72, 4, 1, 8, 1), "hamlet": (72, 10, 0, 4, 13, 1),
    "": (34, 48, 2, 2, 12, 2),
}  # fmt: skip
OWNERS = {
    "old": {"nuclear": 24, "three": 13, "couple": 12, "old": 24, "widowed": 16, "alone": 7, "parent": 4},
    "gated": {"nuclear": 45, "three": 18, "couple": 10, "young": 10, "old": 8, "widowed": 2, "alone": 5, "parent": 2},
    "moved": {"nuclear": 30, "three": 26, "couple": 10, "old": 18, "widowed": 8, "alone": 5, "parent": 3},
    "hamlet": {"nuclear": 14, "three": 34, "couple": 8, "old": 28, "widowed": 13, "alone": 3},
}  # fmt: skip
TENANTS = {"young": 18, "nuclear": 20, "alone": 26, "sharers": 24, "students": 4, "couple": 6, "parent": 2}
FLATS = {"alone": 44, "young": 16, "sharers": 22, "students": 4, "dormitory": 14}
ABSENT = {"couple": 30, "alone": 30, "nuclear": 20, "old": 12, "widowed": 8}


@dataclass(slots=True)
class Arrival:
    """A household that lives somewhere since a day; `members`: people with the relation they came in."""

    household: int
    dwelling: int
    since: date
    kind: str
    members: list[tuple[int, str]]


class Residents:
    """Moves everybody in; all chance comes from one generator. `arrivals` is who lives where today."""

    def __init__(self, district: District, rng: Random) -> None:
        self.district, self.rng, self.today = district, rng, district.today
        self.families = Families(rng, district.today)
        self.numbers = Numbers()
        self.arrivals: list[Arrival] = []
        self.absent: dict[int, list[int]] = {}  # dwelling -> people who are registered there and live elsewhere

    def settle(self) -> None:
        """Fill every home."""
        for index, dwelling in enumerate(self.district.dwellings):
            if dwelling.use != "home":
                continue
            building = self.district.buildings[dwelling.building]
            style = self.district.compounds[building.compound].style
            dwelling.occupancy = self.rng.choices(OCCUPANCIES, USED[style])[0]
            if self.rng.random() < 0.004:
                dwelling.dispute = self.rng.choice(("owner", "owner", "bounds", "residents"))
            self._home(index, dwelling, building, style)

    def _home(self, index: int, dwelling: Dwelling, building: Building, style: str) -> None:
        rng, use = self.rng, dwelling.occupancy
        if use in ("owner", "public", "lent"):
            kind = "registered" if rng.random() < (0.66 if style == "gated" else 0.8) and use != "lent" else "usual"
            sort, family = self.families.make(OWNERS.get(style, OWNERS["old"]))
            self.move_in(index, sort, family, kind, self._since(family, building, recent=0.16))
        elif use == "let":
            if rng.random() < 0.25:
                self._absent(index, building)
            if style == "gated" and rng.random() < 0.08:
                self._from_abroad(index, building)
                return
            sort, family = self.families.make(FLATS if style == "flats" else TENANTS)
            kind = "usual" if rng.random() < 0.15 else "mobile"
            self.move_in(index, sort, family, kind, self._since(family, building, recent=0.93))
        elif use == "empty" and rng.random() < 0.35:
            self._absent(index, building)
        elif use == "empty" and rng.random() < 0.02:
            dwelling.ended_on = self.today - timedelta(days=rng.randrange(30, 1500))  # joined with the one beside it

    def _absent(self, index: int, building: Building) -> None:
        """The owners are registered here and live elsewhere."""
        sort, family = self.families.make(ABSENT)
        since = self._since(family, building, recent=0.1)
        arrival = self.move_in(index, sort, family, "registered", since, is_main=False)
        self.absent[index] = [person for person, _relation in arrival.members]

    def _from_abroad(self, index: int, building: Building) -> None:
        """One or two people from abroad, or from Hong Kong, Macau or Taiwan."""
        sort, family = self.families.make({"alone": 55, "couple": 45})
        self.move_in(index, sort, family, "abroad", self._since(family, building, recent=1))

    def _since(self, family: Family, building: Building, *, recent: float) -> date:
        """Since when they live there: not before the house stood, nor before they were grown up."""
        adults = [grown(one.born) for one in family if one.relation in "018"]
        earliest = max(date(building.built_year + 1, 3, 1), *adults)
        edge = self.today - timedelta(days=RECENT)
        if self.rng.random() < recent or earliest >= edge:
            earliest = max(edge, earliest)
            days = int((self.today - earliest).days * self.rng.random() ** (1.6 if recent > 0.5 else 1))
            return max(earliest, self.today - timedelta(days=days + 3))
        return earliest + timedelta(days=int((edge - earliest).days * self.rng.random() ** 1.4))

    def move_in(
        self, dwelling: int, sort: str, family: Family, kind: str, since: date, *, is_main: bool = True
    ) -> Arrival:
        """Form a household of a family; whoever died lately lived there until then."""
        district = self.district
        number = f"3{len(district.households):08d}" if kind == "registered" else ""
        household = len(district.households)
        group = "group" if sort == "dormitory" else "family"
        district.households.append(Household(dwelling, since, group, number))
        family, gone = self._late(family, since)
        first = len(district.people)
        for draft in family:
            mother = None if draft.mother is None else first + draft.mother
            self.enter(draft, dwelling, mother, kind)
        heir = _heir(family)
        members = []
        for place, draft in enumerate(family):
            begin = max(since, draft.born)
            if draft.is_late and gone is not None:
                district.people[first + place].died_on = gone
                self.stay(first + place, household, kind, draft.relation, begin, gone, "died", is_main=is_main)
                continue
            relation = draft.relation
            if gone is not None and place == heir:
                self.stay(first + place, household, kind, relation, begin, gone, "head", is_main=is_main)
                begin, relation = gone, "0"
            self.stay(first + place, household, kind, relation, begin, is_main=is_main)
            members.append((first + place, relation))
        arrival = Arrival(household, dwelling, since if gone is None else date.min, kind, members)
        if is_main:
            self.arrivals.append(arrival)
        return arrival

    def _late(self, family: Family, since: date) -> tuple[Family, date | None]:
        """The family, and the day on which its late member died; without that member where they hardly lived there."""
        if not any(one.is_late for one in family):
            return family, None
        earliest = max(since + timedelta(days=90), self.today - timedelta(days=RECENT))
        days = (self.today - earliest).days - 20
        if days < 1:
            head_is_late = any(one.is_late and one.relation == "0" for one in family)
            kept = [one for one in family if not one.is_late]
            if head_is_late:
                kept = [_as_head(one) if one.relation == "1" else one for one in kept]
            return kept, None
        return family, earliest + timedelta(days=self.rng.randrange(days))

    def enter(self, draft: Draft, home: int, mother: int | None, kind: str) -> int:
        """Enter a person with name, papers and telephone; return their place in the list."""
        rng, district = self.rng, self.district
        name = names.full_name(rng, draft.family, sex=draft.sex, born=draft.born, today=self.today)
        age = (self.today - draft.born).days / YEAR
        phone = self.numbers.phone() if age >= ADULT or (age >= PHONE_AGE and rng.random() < 0.6) else ""
        paper = "111"
        if kind != "abroad":
            number = self.numbers.identity(draft.born, draft.sex, REGION)
        elif rng.random() < 0.35:
            paper, number = "810", self.numbers.identity(draft.born, draft.sex, rng.choice(PERMIT_REGIONS))
        else:
            name = names.foreign_name(rng, draft.sex)
            paper = "553" if rng.random() < 0.15 else "414"
            card = paper == "553"
            number = self.numbers.identity(draft.born, draft.sex, CARD_REGION) if card else self.numbers.passport()
        seen = later(self.seen(home), draft.born, self.today)
        district.people.append(Person(name, draft.sex, draft.born, paper, number, phone, home, seen, mother=mother))
        return len(district.people) - 1

    def stay(
        self,
        person: int,
        household: int,
        kind: str,
        relation: str,
        since: date,
        until: date | None = None,
        reason: str = "",
        *,
        is_main: bool = True,
    ) -> None:
        """Write that somebody is in a household."""
        place = self.district.households[household].dwelling
        seen = later(self.seen(place), since, self.today)
        purpose = "register" if kind in ("registered", "mobile") else "service"
        self.district.residencies.append(
            Residency(person, household, kind, relation, since, seen, is_main, until, reason, purpose)
        )

    def seen(self, dwelling: int) -> Seen:
        """Who lives in a dwelling was confirmed when its door was; now and then at another time."""
        if self.rng.random() < 0.03:
            return first_seen(self.rng, self.today)
        return self.district.dwellings[dwelling].seen


def grown(born: date) -> date:
    """About the day on which somebody is eighteen."""
    return born + timedelta(days=int(ADULT * YEAR) + 1)


def _heir(family: Family) -> int | None:
    """Whose place it is to be the head after one who died; None where the head lives."""
    if not any(one.is_late and one.relation == "0" for one in family):
        return None
    return next(place for place, one in enumerate(family) if one.relation == "1")


def _as_head(one: Draft) -> Draft:
    return Draft(one.family, one.sex, one.born, "0", one.mother)
