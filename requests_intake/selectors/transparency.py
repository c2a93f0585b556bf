"""What anybody may know: the cockpit's numbers of whole months, small cells suppressed, and the published bulletins.

Windows are calendar months that are over, and areas are whole sub-districts, so that no two tables can be subtracted
from each other to get at a few people. A cell of 1 to 4 is not shown; where that would leave it to be worked out from
the total, the next smallest goes, too. A rate needs a base of 20.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from governance.access import areas
from governance.dashboards.figures import rate
from requests_intake.models import Bulletin, BulletinRow, RequestKind
from requests_intake.selectors.rollups import read

SMALL = 5
RATE_BASE = 20
MONTHS = 12
_SERIES = ("new", "ended", "valid", "solved", "satisfied")


def suppressed(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return the counts with the small ones as None, so that none of them follows from the sum of all.

    1 to 4 are small. If what was taken away is one cell, or adds up to less than 5, the smallest of the others goes
    with it, until it cannot be worked out.
    """
    shown: dict[str, int | None] = {key: None if 0 < value < SMALL else value for key, value in counts.items()}
    while True:
        hidden = [key for key, value in shown.items() if value is None]
        left = sorted((value, key) for key, value in shown.items() if value)
        if not hidden or not left or (len(hidden) > 1 and sum(counts[key] for key in hidden) >= SMALL):
            return shown
        shown[left[0][1]] = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What is told of one month and area; None is suppressed, or has no data."""

    new: int | None
    ended: int | None
    solved: int | None
    satisfied: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A month, or an area of the last month."""

    key: str
    label: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Open:
    """Everything on the page. `kinds`: what came in during the last month, by kind."""

    last: date
    months: Sequence[Line]
    areas: Sequence[Line]
    kinds: Sequence[tuple[str, str, int | None]]


def open_figures(district: str, at: datetime) -> Open:
    """Return the last twelve months that are over, the sub-districts and kinds of the last of them. 4 SQL."""
    this = timezone.localtime(at).date().replace(day=1)
    starts = [this]
    while len(starts) <= MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    starts.reverse()
    last = starts[-2]
    whole: dict[str, dict[str, int]] = {f"{start:%Y-%m}": {} for start in starts[:-1]}
    for line in read([district], _SERIES, since=starts[0], until=this, by_day=True):
        if line.day is not None and _counts(line.series, line.dim):
            sums = whole[f"{line.day:%Y-%m}"]
            sums[line.series] = sums.get(line.series, 0) + line.value
    parts = dict(areas.children(district))
    found: dict[str, dict[str, int]] = {code: {} for code in parts}
    for line in read(list(parts), _SERIES, since=last, until=this, by_area=True):
        if _counts(line.series, line.dim):
            sums = found[line.area]
            sums[line.series] = sums.get(line.series, 0) + line.value
    kinds = {line.dim: line.value for line in read([district], ["new_kind"], since=last, until=this)}
    by_kind = suppressed({kind: kinds.get(kind, 0) for kind in RequestKind.values})
    return Open(
        last=last,
        months=_lines(whole, {key: key for key in whole}),
        areas=_lines(found, parts),
        kinds=[(kind, str(RequestKind(kind).label), value) for kind, value in by_kind.items()],
    )


def _counts(series: str, dim: str) -> bool:
    return series != "ended" or dim in ("closed", "answered")


def _lines(found: Mapping[str, Mapping[str, int]], labels: Mapping[str, str]) -> list[Line]:
    shown = {name: suppressed({key: sums.get(name, 0) for key, sums in found.items()}) for name in ("new", "ended")}
    return [
        Line(
            key,
            labels[key],
            Cell(
                shown["new"][key],
                shown["ended"][key],
                _rate(sums, "solved"),
                _rate(sums, "satisfied"),
            ),
        )
        for key, sums in found.items()
    ]


def _rate(sums: Mapping[str, int], name: str) -> int | None:
    """A rate in whole percent; None for a base below 20: what is rounded cannot be turned back into people."""
    valid = sums.get("valid", 0)
    share = rate(sums.get(name, 0), valid)
    return round(share) if share is not None and valid >= RATE_BASE else None


def withheld(bulletin: Bulletin) -> frozenset[int]:
    """Return the organisations whose base differs by 1 to 4 from an earlier published version of the month. 1 SQL.

    Their numbers are not told again: against those that somebody kept they would say how these few requests ended.
    """
    versions = BulletinRow.objects.filter(bulletin__month=bulletin.month, bulletin__published_at__isnull=False)
    rows = versions.filter(bulletin__version__lte=bulletin.version).annotate(base=F("valid") + F("unanswered"))
    bases: dict[int, set[int]] = {}
    now: dict[int, int] = {}
    for version, office, base in rows.values_list("bulletin__version", "organisation", "base"):
        if version == bulletin.version:
            now[office] = base
        else:
            bases.setdefault(office, set()).add(base)
    return frozenset(
        office for office, base in now.items() if any(0 < abs(base - one) < SMALL for one in bases.get(office, ()))
    )


def published_bulletins() -> list[Bulletin]:
    """Return the last published version of each month, the newest first, at most 24. 1 SQL."""
    found = Bulletin.objects.filter(published_at__isnull=False).select_related("scheme")
    return list(found.order_by("-month", "-version").distinct("month")[:24])
