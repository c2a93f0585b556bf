"""The indicators of evaluation (STANDARDS 2.7), from the roll-ups: one definition each. No ranking, no persons.

The formulas follow the lineage of GB/T 30428.4 and have not been compared with its text: the pages say so. The parts of
a ratio are counts of the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from governance.access.rules import area_q
from governance.dashboards.figures import rate
from governance.worktime.days import midnight
from grid.tallies import grids_within
from requests_intake.models import Channel, Intervention
from requests_intake.selectors.rollups import read


@dataclass(frozen=True, slots=True)
class AreaLine:
    """What was found in an area: cases (发案数), how many of them a patrol found, how many are settled, its grids."""

    cases: int = 0
    patrolled: int = 0
    settled: int = 0
    grids: int = 0

    @property
    def per_grid(self) -> float | None:
        """每网格发案率: cases for each grid; None where no grid is drawn."""
        return round(self.cases / self.grids, 1) if self.grids else None

    @property
    def reported(self) -> float | None:
        """公众举报率: of the cases, those that residents reported, in per cent."""
        return rate(self.cases - self.patrolled, self.cases)

    @property
    def closing(self) -> float | None:
        """结案率: of the cases, those that are settled by now, in per cent."""
        return rate(self.settled, self.cases)


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """What an office had to have done in a window (应处置数) and what became of it."""

    owed: int = 0
    done: int = 0
    ontime: int = 0
    closed: int = 0
    rework: int = 0
    pressed: int = 0

    def share(self, name: str) -> float | None:
        """A part of what was owed, in per cent; `late` is what was not done in time."""
        part = self.owed - self.ontime if name == "late" else getattr(self, name)
        return rate(part, self.owed)


def area_lines(codes: Sequence[str], since: date, until: date) -> dict[str, AreaLine]:
    """Return the line of each area for what was found on these days `[since, until)`. 2 SQL."""
    found: dict[str, dict[str, int]] = {code: {} for code in codes}
    for line in read(codes, ["new", "new_channel", "settled"], since=since, until=until, by_area=True):
        if line.series != "new_channel" or line.dim == Channel.PATROL:
            sums = found[line.area]
            sums[line.series] = sums.get(line.series, 0) + line.value
    grids = grids_within(codes)
    return {
        code: AreaLine(
            cases=sums.get("new", 0),
            patrolled=sums.get("new_channel", 0),
            settled=sums.get("settled", 0),
            grids=grids.get(code, 0),
        )
        for code, sums in found.items()
    }


def office_lines(areas: Sequence[str], since: date, until: date) -> dict[int, OfficeLine]:
    """Return the line of each office for what was due on these local days `[since, until)`, which are over. 2 SQL.

    What was supervised (督办) is counted from its own few rows.
    """
    if not areas or until <= since:
        return {}
    found: dict[int, dict[str, int]] = {}
    series = ["owed", "owed_done", "owed_ontime", "owed_closed", "owed_rework"]
    for line in read(areas, series, since=since, until=until):
        found.setdefault(int(line.dim), {})[line.series.removeprefix("owed_")] = line.value
    pressed = _pressed(areas, midnight(since), midnight(until))
    return {office: OfficeLine(**sums, pressed=pressed.get(office, 0)) for office, sums in found.items()}


def _pressed(areas: Sequence[str], start: datetime, end: datetime) -> Mapping[int, int]:
    rows = Intervention.objects.filter(kind="supervise", request__due_at__gte=start, request__due_at__lt=end)
    inside = rows.filter(area_q(areas) or Q()).exclude(request__organisation=None)
    counted = inside.values_list("request__organisation").annotate(number=Count("request", distinct=True))
    return dict(counted.order_by())
