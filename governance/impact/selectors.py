"""What depends on areas: asked before they change, and shown to whoever changes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise

from governance.access.viewer import Viewer
from governance.impact.registry import area_uses

COUNTED = 10_000  # more are not counted, only said to be more


@dataclass(frozen=True, slots=True)
class Dependent:
    """How many rows of one kind lie in the areas; `open`: how many of them stand in the way of ending them."""

    label: str | Promise
    count: int
    open: int
    url: str

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNTED


def begins_with(codes: Iterable[str], field: str = "area_code") -> Q:
    """Rows in these areas or anywhere below them. At least one code, or none would mean all."""
    found = Q(pk__in=[])
    for code in codes:
        found |= Q(**{f"{field}__startswith": code})
    return found


def dependents_of(codes: Sequence[str], *, viewer: Viewer, at: datetime) -> list[Dependent]:
    """Return what lies in these areas, kinds without any left out. 1 SQL a kind, 2 where some are open.

    At most `COUNTED` + 1 rows of a kind are counted. A link only for who may open the list there.
    """
    found = []
    for use in area_uses():
        if not use.is_counted:
            continue
        rows = use.queryset(at).filter(begins_with(codes, use.field)).order_by()
        count = rows[: COUNTED + 1].count()
        if not count:
            continue
        still = rows.filter(use.open).order_by()[: COUNTED + 1].count() if use.open is not None else 0
        may = use.url is not None and (not use.capability or any(viewer.holds_in(use.capability, c) for c in codes))
        found.append(Dependent(use.label, count, still, use.url(codes[0]) if use.url and may else ""))
    return found
