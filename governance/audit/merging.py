"""Pages over several tables in one order of time, newest first, by key like `governance.web.keyset`.

A union view would do the same in one statement, but only as long as the planner merges instead of sorting; two
statements with a limit each cost what one page costs, whatever the tables hold.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from governance.web.keyset import RowCompare

SALT = "liren.audit"


class Place(NamedTuple):
    """Where a row stands: its time, the rank of its table, its key."""

    at: datetime
    rank: int
    pk: int


class Merged:
    """Rows of several querysets (models with `at` and `id`), each in the rank of its place in the list."""

    def __init__(self, sources: Sequence["QuerySet[Any]"]) -> None:
        self.sources = sources

    def fetch(self, place: Place | None, *, count: int, is_back: bool = False) -> list[tuple[Place, Any]]:
        """Return `count` rows after a place, newest first; with `is_back` those before it, the nearest last.

        1 SQL for each source that is not empty by its own making.
        """
        order = ("at", "id") if is_back else ("-at", "-id")
        found: list[tuple[Place, Any]] = []
        for rank, source in enumerate(self.sources):
            rows = source if place is None else source.filter(_beyond(source, rank, place, is_back))
            found += [(Place(row.at, rank, row.pk), row) for row in rows.order_by(*order)[:count]]
        found.sort(key=lambda one: one[0], reverse=not is_back)
        found = found[:count]
        return found[::-1] if is_back else found


def _beyond(source: "QuerySet[Any]", rank: int, place: Place, is_back: bool) -> Any:
    """Newest first, a table of lower rank comes later at the same moment."""
    if rank == place.rank:
        fields = [source.model._meta.get_field(name) for name in ("at", "id")]
        return RowCompare(fields, [place.at, place.pk], ">" if is_back else "<")  # type: ignore[arg-type]
    if is_back:
        return Q(at__gte=place.at) if rank > place.rank else Q(at__gt=place.at)
    return Q(at__lte=place.at) if rank < place.rank else Q(at__lt=place.at)


class MergedPage:
    """One page; what the pager of a page asks for. A cursor that was tampered with is the first page."""

    def __init__(self, merged: Merged, *, size: int, cursor: str) -> None:
        is_back, place = _read(cursor)
        found = merged.fetch(place, count=size + 1, is_back=is_back)
        has_more = len(found) > size
        if has_more:
            found = found[1:] if is_back else found[:size]
        self._places = [one[0] for one in found]
        self.rows = [one[1] for one in found]
        self.has_next = bool(found) and (has_more or is_back)
        self.has_previous = bool(found) and (has_more if is_back else place is not None)

    @property
    def next_cursor(self) -> str:
        """Cursor of the page after this one, or ""."""
        return _written(self._places[-1], is_back=False) if self.has_next else ""

    @property
    def previous_cursor(self) -> str:
        """Cursor of the page before this one, or ""."""
        return _written(self._places[0], is_back=True) if self.has_previous else ""


def _written(place: Place, *, is_back: bool) -> str:
    return signing.dumps([int(is_back), *packed(place)], salt=SALT, compress=True)


def _read(cursor: str) -> tuple[bool, Place | None]:
    if not cursor:
        return False, None
    try:
        is_back, *rest = signing.loads(cursor, salt=SALT)
        return bool(is_back), unpacked(rest)
    except (signing.BadSignature, TypeError, ValueError):
        return False, None


def packed(place: Place) -> list[Any]:
    """Return a place as JSON."""
    return [place.at.isoformat(), place.rank, place.pk]


def unpacked(values: list[Any]) -> Place:
    """Return the place that `packed` wrote."""
    at, rank, pk = values
    moment = parse_datetime(at)
    if moment is None:
        raise ValueError("a place without a time")
    return Place(moment, int(rank), int(pk))
