"""Families, sharers and dormitories: who is who to whom, and how old, before anybody lives anywhere.

Ages are those of today. A mother is 20 to 38 years older than each child; a father at most eight years older than the
mother. The relation is that to the head (GB/T 4761): 0 head, 1 spouse, 2 son, 3 daughter, 4 grandchild, 5 parent,
8 other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from demo.registry.names import surname

YEAR = 365.25
MOTHER_LEAST, MOTHER_MOST = 20, 38


@dataclass(frozen=True, slots=True)
class Draft:
    """Somebody who is yet to be entered. `mother` is another's place in the same family; `late`: died lately."""

    family: str
    sex: str
    born: date
    relation: str
    mother: int | None = None
    is_late: bool = False


Family = list[Draft]


class Families:
    """Invents families; all chance comes from one generator."""

    def __init__(self, rng: Random, today: date) -> None:
        self.rng, self.today = rng, today
        self._makers: dict[str, Callable[[], Family]] = {
            "nuclear": self.nuclear, "three": self.three, "couple": self.couple, "old": self.old_couple,
            "widowed": self.widowed, "alone": self.alone, "parent": self.single_parent, "sharers": self.sharers,
            "students": self.students, "dormitory": self.dormitory, "young": self.young_couple,
        }  # fmt: skip

    def make(self, weights: dict[str, float]) -> tuple[str, Family]:
        """One of several sorts, and a family of that sort."""
        sort = self.rng.choices(list(weights), list(weights.values()))[0]
        return sort, self._makers[sort]()

    def born(self, age: float) -> date:
        """A day of birth of somebody about so many years old."""
        return self.today - timedelta(days=int(age * YEAR) + self.rng.randrange(365))

    def couple_of(self, age: float) -> tuple[Draft, Draft]:
        """A husband and his wife of about this age; he is the head, mostly."""
        wife = self.born(age)
        husband = wife - timedelta(days=int(self.rng.triangular(-3, 8, 1.5) * YEAR))
        husband = min(husband, self.born(20))
        man, woman = ("0", "1") if self.rng.random() < 0.72 else ("1", "0")
        return Draft(surname(self.rng), "1", husband, man), Draft(surname(self.rng), "2", wife, woman)

    def child_of(self, mother: Draft, family: str, *, place: int, oldest: int = 27) -> Draft | None:
        """A child of hers who is at most so old today; None where she is too young or too old for one."""
        age = (self.today - mother.born).days / YEAR
        least, most = max(0.0, age - MOTHER_MOST + 0.3), min(age - MOTHER_LEAST - 0.3, oldest)
        if least >= most:
            return None
        usual = min(max(age - 28.0, least), most)
        born = self.today - timedelta(days=int(self.rng.triangular(least, most, usual) * YEAR) + 1)
        sex = self.rng.choice("12")
        return Draft(family, sex, born, "2" if sex == "1" else "3", place)

    def nuclear(self) -> Family:
        """Parents with one child or two."""
        husband, wife = self.couple_of(self.rng.triangular(26, 60, 42))
        born = [self.child_of(wife, husband.family, place=1) for _child in range(self.rng.choice((1, 1, 1, 2)))]
        return _spaced([husband, wife, *(child for child in born if child is not None)])

    def three(self) -> Family:
        """Three generations: the middle one is the head, or the old one."""
        husband, wife = self.couple_of(self.rng.triangular(27, 48, 38))
        if (child := self.child_of(wife, husband.family, place=1, oldest=20)) is None:
            return [husband, wife]
        mother_born = husband.born - timedelta(days=int(self.rng.uniform(MOTHER_LEAST + 0.5, 32) * YEAR))
        grandmother = Draft(surname(self.rng), "2", mother_born, "5")
        father_born = mother_born - timedelta(days=int(self.rng.uniform(-1, 5) * YEAR))
        grandfather = Draft(husband.family, "1", father_born, "5")
        elders = self.rng.choice(([grandmother], [grandmother, grandfather], [grandmother, grandfather]))
        if len(elders) == 2 and self.rng.random() < 0.35:
            elders = [replace(grandmother, relation="1"), replace(grandfather, relation="0")]
            husband, wife = replace(husband, relation="2"), replace(wife, relation="8")
            child = replace(child, relation="4")
        if len(elders) == 2 and self.rng.random() < 0.15:
            elders[1] = replace(elders[1], is_late=True)
        return [replace(husband, mother=3), wife, child, *elders]

    def couple(self) -> Family:
        """Two who live by themselves in the middle of life."""
        return list(self.couple_of(self.rng.triangular(28, 62, 52)))

    def young_couple(self) -> Family:
        """Two at the beginning, some with a small child."""
        husband, wife = self.couple_of(self.rng.triangular(22, 34, 27))
        child = self.child_of(wife, husband.family, place=1, oldest=6) if self.rng.random() < 0.4 else None
        return [husband, wife] if child is None else [husband, wife, child]

    def old_couple(self) -> Family:
        """Two pensioners."""
        return list(self.couple_of(self.rng.triangular(60, 88, 68)))

    def widowed(self) -> Family:
        """One who is left; often the other died in the last years and had been the head."""
        husband, wife = self.couple_of(self.rng.triangular(66, 92, 76))
        left, gone = (wife, husband) if self.rng.random() < 0.72 else (husband, wife)
        if self.rng.random() < 0.5:
            return [replace(left, relation="0")]
        return [replace(left, relation="1"), replace(gone, relation="0", is_late=True)]

    def alone(self) -> Family:
        """One grown-up."""
        return [self._single(self.rng.triangular(22, 64, 34))]

    def single_parent(self) -> Family:
        """A mother with her child."""
        mother = Draft(surname(self.rng), "2", self.born(self.rng.triangular(26, 52, 38)), "0")
        child = self.child_of(mother, surname(self.rng), place=0, oldest=24)
        return [mother] if child is None else [mother, child]

    def sharers(self) -> Family:
        """Two to four who work and share a let dwelling."""
        return self._together(self.rng.choice((2, 2, 3, 3, 4)), 20, 36)

    def students(self) -> Family:
        """Three or four who learn."""
        return self._together(self.rng.choice((3, 3, 4)), 18.2, 25)

    def dormitory(self) -> Family:
        """Workers of one firm."""
        return self._together(self.rng.randint(4, 8), 19, 52)

    def _together(self, count: int, youngest: float, oldest: float) -> Family:
        rows = [self._single(self.rng.triangular(youngest, oldest)) for _one in range(count)]
        return [rows[0], *(replace(row, relation="8") for row in rows[1:])]

    def _single(self, age: float) -> Draft:
        return Draft(surname(self.rng), self.rng.choice("12"), self.born(age), "0")


def _spaced(family: Family) -> Family:
    """Leave out a second child that would be born within ten months of the first."""
    births = sorted(one.born for one in family if one.mother is not None)
    if len(births) == 2 and (births[1] - births[0]).days < 300:
        return family[:-1]
    return family
