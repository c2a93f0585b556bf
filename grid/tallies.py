"""Counts of the grid that figures of other apps need: how many grids, how many checks in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q
from django.utils import timezone

from governance.access.rules import area_q
from grid.models import Area, Check, CheckState, Level


def grids_within(codes: Sequence[str]) -> dict[str, int]:
    """How many grids today lie in each of these areas. 1 SQL."""
    grids = Area.objects.valid_on(timezone.localdate()).filter(area_q(codes, "code") or Q(), level=Level.GRID)
    found = list(grids.order_by("code").values_list("code", flat=True)) if codes else []
    return {code: sum(grid.startswith(code) for grid in found) for code in codes}


@dataclass(frozen=True, slots=True)
class Kept:
    """Of the checks of one kind that were due in a window: how many, and how many were done in time."""

    kind: str
    due: int
    ontime: int


def checks_kept(codes: Sequence[str], start: datetime, end: datetime) -> list[Kept]:
    """Checks in these areas that were due in `[start, end)`, by kind; what was called off is left out. 1 SQL."""
    rows = Check.objects.filter(area_q(codes) or Q(pk=None), due_at__gte=start, due_at__lt=end)
    counted = rows.exclude(state=CheckState.WITHDRAWN).values("kind").order_by("kind")
    sums = counted.annotate(due=Count("pk"), ontime=Count("pk", filter=Q(ended_at__lte=F("due_at"))))
    return [Kept(row["kind"], row["due"], row["ontime"]) for row in sums]
