"""Full names: surnames by how common they are, given names by age and sex, from data/people.txt and its characters."""

from datetime import date
from functools import cache
from random import Random

from demo.people import FOREIGN_NAMES, name_pool

_RECOMBINED = 0.65  # of given names: a first and a last character that do not stand together in the pool


@cache
def _surnames() -> tuple[str, ...]:
    return tuple(entry.split()[0] for entry in name_pool()["surnames"])


@cache
def _given(group: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Given names of a group, their first and their last characters."""
    names = name_pool()[group]
    pairs = [name for name in names if len(name) == 2 and name[0] != name[1]]
    return names, tuple(name[0] for name in pairs), tuple(name[1] for name in pairs)


def surname(rng: Random) -> str:
    """A surname; those early in the pool are drawn more often."""
    names = _surnames()
    return names[int(rng.random() ** 1.7 * len(names))]


def full_name(rng: Random, family: str, *, sex: str, born: date, today: date) -> str:
    """A name with the surname `family`, in the fashion of the year of birth."""
    age = today.year - born.year
    group = ("old" if age >= 60 else "mid" if age >= 34 else "young") + ("_m" if sex == "1" else "_f")
    names, firsts, lasts = _given(group)
    if rng.random() > _RECOMBINED:
        return family + rng.choice(names)
    first, last = rng.choice(firsts), rng.choice(lasts)
    return family + (first if first == last else first + last)


def foreign_name(rng: Random, sex: str) -> str:
    """A name of a foreigner, first name and surname of two of the demo's."""
    code = "m" if sex == "1" else "f"
    first = rng.choice([name for name, of in FOREIGN_NAMES if of == code]).split()[0]
    return f"{first} {rng.choice(FOREIGN_NAMES)[0].split(maxsplit=1)[1]}"


def mistaken(rng: Random, name: str) -> str:
    """The same name as somebody misheard it: the last character is another one."""
    other = rng.choice([one for group in ("mid_f", "mid_m") for one in _given(group)[2] if one != name[-1]])
    return name[:-1] + other
