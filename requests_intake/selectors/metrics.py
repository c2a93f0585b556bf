"""The numbers of request intake: one definition each, read by panels and lists alike. Windows are `[start, end)`.

What lies in an area comes from the roll-ups (`requests_intake/rollups.py`). Every number has a list that shows exactly
its rows: `requests_intake/filters.py` (FigureFilter) reads the address that a figure leads to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from governance.access.viewer import Viewer
from requests_intake.models import ServiceRequest, Solved
from requests_intake.permissions import Capability
from requests_intake.rollups import SATISFIED_FROM, Spread, spread
from requests_intake.selectors.rollups import Totals, Waiting, read, total, totals, waiting_by_area, windowed
from requests_intake.workflow import RequestState

_JUDGED = Q(excluded_at__isnull=True)
# What a last call-back said, by the copies that the request keeps of it (STANDARDS 1.9). Silence is not rated; what was
# excluded (剔除) is in none of them.
RATED = {
    "valid": _JUDGED & Q(rated_contacted__isnull=False),
    "contacted": _JUDGED & Q(rated_contacted=True),
    "solved": _JUDGED & Q(rated_solved=Solved.YES),
    "satisfied": _JUDGED & Q(rated_grade__gte=SATISFIED_FROM),
    "unrated": _JUDGED & Q(rated_at__isnull=False, rated_contacted__isnull=True),
}
PARTS = tuple(RATED)
TURNS = ("returned", "disputed", "ledgered", "excluded")

# Age of what is open, in days since it was submitted: [from, until).
AGES: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 3), (3, 7), (7, 15), (15, 30), (30, 90), (90, None))


def scope(viewer: Viewer, area: str) -> list[str]:
    """Return the areas (codes) inside the chosen one in which the viewer may see requests; "" chooses all of them."""
    own = viewer.areas(Capability.VIEW_REQUEST)
    if not area:
        return list(own)
    if any(area.startswith(code) for code in own):
        return [area]
    return [code for code in own if code.startswith(area)]


def requests_within(viewer: Viewer, area: str) -> Any:
    """Return the visible requests inside an area (code prefix; "" for all the viewer may see)."""
    queryset = ServiceRequest.objects.visible_to(viewer)
    return queryset.filter(area_code__startswith=area) if area else queryset


def local_day(moment: datetime) -> date:
    """The local day on which a moment lies."""
    return timezone.localtime(moment).date()


def count_new(areas: Sequence[str], start: datetime, end: datetime) -> int:
    """Requests submitted in the window, which begins at a local midnight. 1 SQL, 2 where it ends within a day."""
    return total(windowed(areas, ["new"], start, end), "new")


def count_waiting(areas: Sequence[str], at: datetime) -> Waiting:
    """What is open at a moment, and how much of it waits too long (its nearest deadline has passed). 2 SQL.

    Who waits for the resident's rating is not late.
    """
    found = waiting_by_area(areas, at).values()
    return Waiting(sum(one.open for one in found), sum(one.late for one in found))


def count_open(viewer: Viewer, at: datetime) -> Waiting:
    """Open requests of all that the viewer may see, by organisation, too: for the rail, kept for half a minute."""
    counts = (
        ServiceRequest.objects.visible_to(viewer)
        .open()
        .aggregate(
            total=Count("pk"),
            overdue=Count("pk", filter=Q(next_due_at__lt=at) & ~Q(state=RequestState.CALLBACK)),
        )
    )
    return Waiting(counts["total"], counts["overdue"])


@dataclass(frozen=True, slots=True)
class Rates:
    """Parts of the three rates over one population: the valid call-backs of the window."""

    valid: int
    contacted: int
    solved: int
    satisfied: int
    unrated: int


def rates_of(found: Totals) -> Rates:
    """Return the parts of 响应率, 解决率, 满意率 from the sums of their series."""
    return Rates(**{name: total(found, name) for name in PARTS})


def three_rates(areas: Sequence[str], start: datetime, end: datetime) -> Rates:
    """Return the parts of the three rates of a window, and how many stayed silent. 1 SQL, 2 within a day."""
    return rates_of(windowed(areas, PARTS, start, end))


@dataclass(frozen=True, slots=True)
class Times:
    """Distributions of a window: from submission to the first contact, and to the end."""

    contact: Spread
    took: Spread


def times(areas: Sequence[str], start: datetime, end: datetime) -> Times:
    """Return how long first contacts and endings of the window took. 1 SQL."""
    found = totals(areas, ["contact", "took"], local_day(start), local_day(end))
    return Times(spread(found.get("contact", {})), spread(found.get("took", {})))


def ages(areas: Sequence[str], at: datetime) -> list[tuple[date | None, date | None, int]]:
    """Return what is open by age: (first day of submission, day after the last, number); None where there is no bound.

    1 SQL.
    """
    today = local_day(at)
    days = {line.day: line.value for line in read(areas, ["open_day"], by_day=True) if line.day is not None}
    rows = []
    for younger, older in AGES:
        until = today - timedelta(days=younger - 1) if younger else None
        since = today - timedelta(days=older - 1) if older is not None else None
        number = sum(n for day, n in days.items() if (since is None or day >= since) and (until is None or day < until))
        rows.append((since, until, number))
    return rows


def due_days(areas: Sequence[str], at: datetime) -> dict[date, int]:
    """Return what is open and not yet answered, by the local day of its nearest deadline. 1 SQL."""
    lines = read(areas, ["due"], by_day=True)
    found: dict[date, int] = {}
    for line in lines:
        if line.day is not None:
            found[line.day] = found.get(line.day, 0) + line.value
    return found


def open_by_area(viewer: Viewer, area: str, codes: Sequence[str]) -> dict[str, int]:
    """Return what is open in each of these areas (codes, none inside another), as far as the viewer may see. 1 SQL."""
    inside = scope(viewer, area)
    allowed = [code for code in codes if any(code.startswith(own) for own in inside)]
    return {line.area: line.value for line in read(allowed, ["open"], by_area=True)}


def longest_waiting(viewer: Viewer, area: str, at: datetime, limit: int = 8) -> list[ServiceRequest]:
    """Return the overdue requests whose people wait longest."""
    return list(
        requests_within(viewer, area)
        .open()
        .exclude(state=RequestState.CALLBACK)
        .filter(next_due_at__lt=at)
        .select_related("organisation", "category")
        .defer("body", "track_token")
        .order_by("next_due_at", "id")[:limit]
    )
