"""The last five years: where those who moved in lately had lived before, and who left the district.

A dwelling whose household came within the last five years had somebody else in it before. Where the days fit, that was
a household which today lives elsewhere in the district, so that people have chains of residencies; else it was one that
left. Some kept their registration at the old place (户在人不在 there, 人在户不在 here).
"""

from bisect import bisect_left
from datetime import date, timedelta
from random import Random

from demo.registry.records import Household, Ownership
from demo.registry.residents import ABSENT, RECENT, TENANTS, Arrival, Residents, grown

EMPTY_MOST = 240  # days between one household and the next
FROM_DISTRICT = 0.45  # of those who came lately: from another dwelling of the district, where one fits
LEFT = 0.13  # of the other vacancies: it is known who left


class Moves:
    """Tells what was before; all chance comes from one generator."""

    def __init__(self, residents: Residents, rng: Random) -> None:
        self.residents, self.district, self.rng = residents, residents.district, rng
        self.edge = residents.today - timedelta(days=RECENT)
        self.counts = {"within": 0, "left": 0}

    def tell(self) -> None:
        """Add the households of the past."""
        recent = [one for one in self.residents.arrivals if one.since > self.edge and one.kind != "abroad"]
        vacancies = sorted((one.since, one.dwelling) for one in recent)
        movers = [one for one in recent if self.rng.random() < FROM_DISTRICT]
        while movers:
            movers = [earlier for one in movers if (earlier := self._came_from(one, vacancies)) is not None]
            movers = [one for one in movers if one.since > self.edge and self.rng.random() < FROM_DISTRICT]
        for since, dwelling in vacancies:
            if self.rng.random() < LEFT:
                self._left(dwelling, since)

    def _came_from(self, mover: Arrival, vacancies: list[tuple[date, int]]) -> Arrival | None:
        """Give a mover the place they left, which is no vacancy any more; None where none fits."""
        place = bisect_left(vacancies, (mover.since, 0))
        while place < len(vacancies) and vacancies[place][1] == mover.dwelling:
            place += 1
        if place == len(vacancies) or (vacancies[place][0] - mover.since).days > EMPTY_MOST:
            return None
        dwelling = vacancies[place][1]
        people = self.district.people
        head = next(person for person, relation in mover.members if relation == "0")
        start = self._start(dwelling, mover.since, grown(people[head].born))
        if start is None:
            return None
        del vacancies[place]
        self.counts["within"] += 1
        members = [(person, relation) for person, relation in mover.members if people[person].born < mover.since]
        return self._lived(mover, dwelling, start, members)

    def _start(self, dwelling: int, until: date, grown_up: date) -> date | None:
        """Since when somebody could have lived somewhere until a day; None where that would be but weeks."""
        built = self.district.buildings[self.district.dwellings[dwelling].building].built_year
        earliest = max(date(built + 1, 3, 1), grown_up)
        start = max(earliest, until - timedelta(days=self.rng.randrange(200, 4200)))
        return start if (until - start).days >= 90 else None

    def _lived(self, mover: Arrival, dwelling: int, start: date, members: list[tuple[int, str]]) -> Arrival:
        residents, district = self.residents, self.district
        kind = mover.kind
        stays_registered = kind == "usual" and self.rng.random() < 0.7
        kind = "registered" if stays_registered else kind
        household = len(district.households)
        number = f"3{household:08d}" if kind == "registered" else ""
        ended = None if stays_registered else mover.since
        district.households.append(Household(dwelling, start, "family", number, ended))
        for person, relation in members:
            begin = max(start, district.people[person].born)
            residents.stay(person, household, kind, relation, begin, mover.since, "moved")
            if stays_registered:
                residents.stay(person, household, "registered", relation, mover.since, is_main=False)
        self._owned(mover, dwelling, start, members)
        return Arrival(household, dwelling, start, kind, members)

    def _owned(self, mover: Arrival, dwelling: int, start: date, members: list[tuple[int, str]]) -> None:
        """Whoever sold to buy anew had owned the old place; only where the next one owns it, too."""
        homes = self.district.dwellings
        if homes[dwelling].occupancy == homes[mover.dwelling].occupancy == "owner":
            head = next(person for person, relation in members if relation == "0")
            seen = self.residents.seen(dwelling)
            self.district.ownerships.append(Ownership(dwelling, 1, 1, start, seen, person=head, to_date=mover.since))

    def _left(self, dwelling: int, until: date) -> None:
        """A household that left the district: its people are still in the register, with nowhere to be."""
        residents = self.residents
        until -= timedelta(days=self.rng.randrange(1, 60))
        weights = TENANTS if self.district.dwellings[dwelling].occupancy == "let" else ABSENT
        _sort, family = residents.families.make(weights)
        family = [one for one in family if not one.is_late and one.born < until]
        if (head := next((one for one in family if one.relation == "0"), None)) is None:
            return
        if (start := self._start(dwelling, until, grown(head.born))) is None:
            return
        self.counts["left"] += 1
        kind = "mobile" if weights is TENANTS else "registered"
        household = len(self.district.households)
        self.district.households.append(Household(dwelling, start, ended_on=until))
        for draft in family:
            person = residents.enter(draft, dwelling, None, kind)
            residents.stay(person, household, kind, draft.relation, max(start, draft.born), until, "moved")
