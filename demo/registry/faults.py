"""What is wrong with the register on purpose (the list is in the package's docstring), and where."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from demo.registry.families import YEAR
from demo.registry.names import mistaken
from demo.registry.numbers import old_number
from demo.registry.records import District, Fault, Person, Residency

# Share of the people; each kind is there at least once.
RATES = {
    "no_phone": 0.003, "no_number": 0.002, "duplicate_typo": 0.0012, "duplicate_old_number": 0.0008,
    "child_alone": 0.0002, "no_head": 0.0006, "dead_current": 0.0006, "born_later": 0.0006, "wrong_number": 0.0008,
}  # fmt: skip
CHILD = 14
Rows = list[int]


class Faults:
    """Plants them, never two in one household; all chance comes from one generator."""

    def __init__(self, district: District, rng: Random) -> None:
        self.district, self.rng, self.today = district, rng, district.today
        self._rows: dict[int, Rows] = {}  # household -> its residencies that go on, of people who live there
        self._of: dict[int, Rows] = {}  # person -> all residencies
        for index, row in enumerate(district.residencies):
            self._of.setdefault(row.person, []).append(index)
            if row.to_date is None and row.is_main:
                self._rows.setdefault(row.household, []).append(index)

    def plant(self) -> None:
        """Change and add records, and list what was done."""
        planters: dict[str, Callable[[int], bool]] = {
            "no_phone": self._no_phone, "no_number": self._no_number, "duplicate_typo": self._typo,
            "duplicate_old_number": self._old_number, "child_alone": self._child_alone, "no_head": self._no_head,
            "dead_current": self._dead, "born_later": self._born_later, "wrong_number": self._wrong_number,
        }  # fmt: skip
        waiting = list(self._rows)
        self.rng.shuffle(waiting)
        count = len(self.district.people)
        for kind in sorted(RATES, key=RATES.__getitem__):  # the choosiest first
            wanted, passed = max(1, round(RATES[kind] * count)), []
            while waiting and wanted:
                household = waiting.pop()
                if planters[kind](household):
                    wanted -= 1
                else:
                    passed.append(household)
            waiting = passed[::-1] + waiting if len(passed) < len(waiting) else waiting + passed
            self.rng.shuffle(waiting)

    def _age(self, person: Person) -> float:
        return (self.today - person.born).days / YEAR

    def _members(self, household: int) -> list[tuple[int, Residency, Person]]:
        rows = [(index, self.district.residencies[index]) for index in self._rows[household]]
        return [(index, row, self.district.people[row.person]) for index, row in rows]

    def _adult(self, household: int) -> int | None:
        """Somebody grown up with all papers."""
        adults = [
            row.person
            for _index, row, person in self._members(household)
            if self._age(person) >= 20 and person.phone and person.document_kind == "111"
        ]
        return self.rng.choice(adults) if adults else None

    def _note(self, kind: str, **where: int | None) -> bool:
        self.district.faults.append(Fault(kind, **where))
        return True

    def _no_phone(self, household: int) -> bool:
        if (key := self._adult(household)) is None:
            return False
        self.district.people[key].phone = ""
        return self._note("no_phone", person=key)

    def _no_number(self, household: int) -> bool:
        if (key := self._adult(household)) is None:
            return False
        person = self.district.people[key]
        person.document_kind = person.document_number = ""
        return self._note("no_number", person=key)

    def _wrong_number(self, household: int) -> bool:
        if (key := self._adult(household)) is None:
            return False
        person = self.district.people[key]
        last = "0123456789X"["0123456789X".index(person.document_number[-1]) - 1]
        person.document_number = person.document_number[:-1] + last
        return self._note("wrong_number", person=key)

    def _typo(self, household: int) -> bool:
        if (key := self._adult(household)) is None:
            return False
        person = self.district.people[key]
        twin = replace(person, name=mistaken(self.rng, person.name), document_kind="", document_number="")
        return self._again("duplicate_typo", household, key, twin)

    def _old_number(self, household: int) -> bool:
        key = self._adult(household)
        if key is None or (person := self.district.people[key]).born.year >= 2000:
            return False
        twin = replace(person, document_number=old_number(person.document_number), phone="")
        return self._again("duplicate_old_number", household, key, twin)

    def _again(self, kind: str, household: int, key: int, twin: Person) -> bool:
        """A second record of somebody, who is then in the household twice."""
        district = self.district
        imported = replace(twin.seen, source="import")
        district.people.append(replace(twin, seen=imported, mother=None))
        row = next(row for _index, row, _person in self._members(household) if row.person == key)
        other = len(district.people) - 1
        district.residencies.append(replace(row, person=other, relation="8", seen=imported))
        return self._note(kind, person=key, other=other)

    def _child_alone(self, household: int) -> bool:
        members = self._members(household)
        children = [(index, row) for index, row, person in members if self._age(person) < CHILD - 1]
        elders = [(row, person) for _index, row, person in members if self._age(person) >= 18]
        gone = self.today - timedelta(days=self.rng.randrange(40, 300))
        if (
            len(children) != 1
            or len(elders) != len(members) - 1
            or any(row.from_date >= gone for _i, row, _p in members)
        ):
            return False
        for row, _person in elders:
            row.to_date, row.end_reason = gone, "moved"
        _index, child = children[0]
        child.to_date, child.end_reason = gone, "head"
        self.district.residencies.append(replace(child, relation="0", from_date=gone, to_date=None, end_reason=""))
        return self._note("child_alone", household=household)

    def _no_head(self, household: int) -> bool:
        members = self._members(household)
        if len(members) < 2:
            return False
        next(row for _index, row, _person in members if row.relation == "0").relation = "8"
        return self._note("no_head", household=household)

    def _dead(self, household: int) -> bool:
        died = self.today - timedelta(days=self.rng.randrange(60, 500))
        old: Sequence[int] = [
            row.person
            for _index, row, person in self._members(household)
            if self._age(person) > 72 and row.from_date < died
        ]
        if not old:
            return False
        self.district.people[old[0]].died_on = died
        return self._note("dead_current", person=old[0])

    def _born_later(self, household: int) -> bool:
        formed = self.district.households[household].formed_on
        for _index, row, person in self._members(household):
            if (person.born - formed).days > 100 and len(self._of[row.person]) == 1:
                row.from_date = formed
                return self._note("born_later", person=row.person)
        return False
