"""Periods of residence as people think of them: one stay in a household, however often its head changed meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from population.models import EndReason, Residency


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody in a household from `since` on; `last` is the newest residency of it, and says the rest."""

    since: date
    last: Residency

    @property
    def is_current(self) -> bool:
        """Whether it goes on."""
        return self.last.to_date is None


def stays_of(residencies: Iterable[Residency]) -> list[Stretch]:
    """Join residencies of one person in one household that follow upon each other, the first stay first. No SQL.

    What was entered by mistake never was; nor was a residency that ended the day it began.
    """
    found: list[Stretch] = []
    last_of: dict[tuple[int, int], int] = {}
    for row in sorted(residencies, key=lambda one: (one.from_date, one.pk)):
        if row.end_reason in (EndReason.MISTAKE, EndReason.MERGED) or row.to_date == row.from_date:
            continue
        key = (row.person_id, row.household_id)
        place = last_of.get(key)
        if place is not None and found[place].last.to_date == row.from_date:
            found[place] = Stretch(found[place].since, row)
            continue
        last_of[key] = len(found)
        found.append(Stretch(row.from_date, row))
    return found
