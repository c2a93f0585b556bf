"""The numbers of request intake: one definition each, read by panels and lists alike. Windows are `[start, end)`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Substr

from governance.access.viewer import Viewer
from requests_intake.models import CallBack, ServiceRequest, Solved
from requests_intake.workflow import RequestState

# Grades that count as satisfied: very good, good, fair. Their weights come with the scoring schemes of appraisal.
SATISFIED_FROM = 3
_OUTCOMES = {
    "valid": Q(),
    "contacted": Q(contacted=True),
    "solved": Q(solved=Solved.YES),
    "satisfied": Q(grade__gte=SATISFIED_FROM),
}


_SILENT = Q(source=CallBack.Source.SILENT)
_VALID = ~_SILENT & Q(is_last=True)


def _callbacks(since: datetime | None, until: datetime | None) -> Any:
    """Call-backs of the window `[since, until)`, each saying whether it is the last one of its request."""
    # one at the limit gives way to the one after the reply of the same round
    later = CallBack.objects.filter(request_id=OuterRef("request_id")).filter(
        Q(round__gt=OuterRef("round")) | Q(round=OuterRef("round"), is_at_limit__lt=OuterRef("is_at_limit"))
    )
    queryset = CallBack.objects.annotate(is_last=~Exists(later))
    if since is not None:
        queryset = queryset.filter(at__gte=since)
    return queryset.filter(at__lt=until) if until is not None else queryset


def last_valid_callbacks(outcome: str, since: datetime | None, until: datetime | None) -> Any:
    """Return the last call-back of each request, where it is valid (somebody answered) and has this outcome.

    `outcome` is valid, contacted, solved or satisfied (STANDARDS 1.9: base of the three rates is the valid
    call-backs). Silence is not rated and never counts as satisfied.
    """
    return _callbacks(since, until).filter(_VALID & _OUTCOMES[outcome])


def requests_within(viewer: Viewer, area: str) -> Any:
    """Return the visible requests inside an area (code prefix; "" for all the viewer may see)."""
    queryset = ServiceRequest.objects.visible_to(viewer)
    return queryset.filter(area_code__startswith=area) if area else queryset


def count_new(viewer: Viewer, area: str, start: datetime, end: datetime) -> int:
    """Requests submitted in the window."""
    return requests_within(viewer, area).filter(submitted_at__gte=start, submitted_at__lt=end).count()


@dataclass(frozen=True, slots=True)
class OpenCount:
    """What is open at a moment, and how much of it waits too long (its nearest deadline has passed)."""

    total: int
    overdue: int


def count_open(viewer: Viewer, area: str, at: datetime) -> OpenCount:
    """Open requests, and those overdue; waiting for the resident's rating is not overdue."""
    counts = (
        requests_within(viewer, area)
        .open()
        .aggregate(
            total=Count("pk"),
            overdue=Count("pk", filter=Q(next_due_at__lt=at) & ~Q(state=RequestState.CALLBACK)),
        )
    )
    return OpenCount(counts["total"], counts["overdue"])


@dataclass(frozen=True, slots=True)
class Rates:
    """Parts of the three rates over one population: the valid call-backs of the window."""

    valid: int
    contacted: int
    solved: int
    satisfied: int
    unrated: int


def three_rates(viewer: Viewer, area: str, start: datetime, end: datetime) -> Rates:
    """Return the parts of 响应率, 解决率, 满意率, and how many stayed silent in the window. 1 SQL."""
    mine = requests_within(viewer, area).values("pk")
    counts = (
        _callbacks(start, end)
        .filter(request_id__in=mine)
        .aggregate(
            **{name: Count("pk", filter=_VALID & outcome) for name, outcome in _OUTCOMES.items()},
            unrated=Count("pk", filter=_SILENT),
        )
    )
    return Rates(**counts)


def open_by_area(viewer: Viewer, area: str, length: int) -> dict[str, int]:
    """Return open requests per area code cut to `length` characters (12 community, 15 grid)."""
    rows = (
        requests_within(viewer, area)
        .open()
        .annotate(cell=Substr("area_code", 1, length))
        .values("cell")
        .annotate(number=Count("pk"))
        .order_by("cell")
    )
    return {row["cell"]: row["number"] for row in rows}


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
