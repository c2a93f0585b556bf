"""Figures from the roll-ups: cells and what was not folded yet in one statement, hence exact at any moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from requests_intake.models import RollupCell, RollupDelta, ServiceRequest
from requests_intake.rollups import COMMUNITY, SERIES, STOCKS, columns, counted, tallied

_CELL, _DELTA = RollupCell._meta.db_table, RollupDelta._meta.db_table
_REQUEST = ServiceRequest._meta.db_table


@dataclass(frozen=True, slots=True)
class Line:
    """One sum: of a series and a dim, in an area, on a day or, where days were not asked for, in the whole window."""

    series: str
    area: str
    day: date | None
    dim: str
    value: int


def read(
    areas: Sequence[str],
    series: Iterable[str],
    *,
    since: date | None = None,
    until: date | None = None,
    by_area: bool = False,
    by_day: bool = False,
    by_weekday: bool = False,
) -> list[Line]:
    """Return the sums of these series within areas (codes; none inside another) and local days `[since, until)`.

    `by_area` keeps the areas apart, `by_day` the days, `by_weekday` only which day of the week it was: `day` is then
    one of the week of Monday 2001-01-01. Lines without anything are left out. 1 SQL, whose cost grows
    with days and kinds, not with requests; below the community the requests of the few grids are counted themselves.
    """
    wanted = list(dict.fromkeys(series))
    assert set(wanted) <= set(SERIES), wanted  # noqa: S101 - a fault of the program
    if not areas:
        return []
    kept, rows = _sources(wanted, areas)
    values = _values(wanted, areas, since, until)
    area, day = ("area" if by_area else "''"), ("day" if by_day else "NULL::date")
    if by_weekday:
        day = "date '2000-12-31' + extract(isodow FROM day)::int"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT series, {area}, {day}, dim, sum(value)::bigint FROM ({kept} UNION ALL {rows}) a "
            "GROUP BY 1, 2, 3, 4 HAVING sum(value) <> 0 ORDER BY 1, 2, 3, 4",
            values,
        )
        return [Line(*row) for row in cursor.fetchall()]


def _values(
    series: Sequence[str], areas: Sequence[str], since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    return {
        "zone": settings.TIME_ZONE,
        "series": list(series),
        "areas": list(areas),
        "since": since or date.min,
        "until": until or date.max,
    }


def _sources(series: Sequence[str], areas: Sequence[str]) -> tuple[str, str]:
    """SQL of the cells, and of the rows that are counted beside them: the deltas, or a grid's requests."""
    window = "day >= %(since)s AND day < %(until)s"
    kept = (
        f"SELECT series, area, day, dim, value FROM {_CELL} "
        f"WHERE series = ANY(%(series)s) AND area = ANY(%(areas)s) AND {window}"
    )
    small = any(len(area) > COMMUNITY for area in areas) and not set(series) <= set(STOCKS)
    if small:  # no cells are kept for these: count the rows
        facts = f"SELECT 1 AS sign, {columns('r')} FROM {_REQUEST} r"
        kept = f"SELECT series, area, day, dim, value FROM {_CELL} WHERE false"
    else:
        facts = f"SELECT d.sign, {columns('d')} FROM {_DELTA} d"
    assert all(area.isalnum() for area in areas)  # noqa: S101 - codes from the territory; written out for the planner
    inside = f"SELECT x.* FROM ({facts}) x WHERE " + " OR ".join(f"x.area_code LIKE '{area}%%'" for area in areas)
    rows = (
        f"SELECT c.series, a.area, c.day, c.dim, c.sign::bigint AS value FROM ({counted(inside, series)}) c "
        f"JOIN unnest(%(areas)s::text[]) a (area) ON starts_with(c.area_code, a.area) WHERE {window}"
    )
    return kept, rows


Totals = Mapping[str, Mapping[str, int]]


def totals(areas: Sequence[str], series: Iterable[str], since: date | None = None, until: date | None = None) -> Totals:
    """Return the sums of a window as `{series: {dim: value}}`; a series without anything is an empty mapping. 1 SQL."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for line in read(areas, series, since=since, until=until):
        found[line.series][line.dim] = line.value
    return found


def total(found: Totals, series: str) -> int:
    """Return the sum of a series over its dims."""
    return sum(found.get(series, {}).values())


# the moment by which the rows of a series are found, where a window ends within a day
_FOUND_BY = {
    "new": "submitted_at",
    **dict.fromkeys(("valid", "contacted", "solved", "satisfied", "unrated"), "rated_at"),
    **{name: f"{name}_at" for name in ("returned", "disputed", "ledgered", "excluded")},
}


def windowed(areas: Sequence[str], series: Sequence[str], start: datetime, end: datetime) -> Totals:
    """Return the sums of a window from a local midnight to any moment, as `totals` does. 1 SQL.

    Only for series with an index to find the rows of the last, broken day by.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for line in windowed_lines(areas, series, start, end):
        found[line.series][line.dim] = found[line.series].get(line.dim, 0) + line.value
    return found


def windowed_lines(areas: Sequence[str], series: Sequence[str], start: datetime, end: datetime) -> list[Line]:
    """Return the same area by area. 1 SQL."""
    last = timezone.localtime(end)
    begun = last.replace(hour=0, minute=0, second=0, microsecond=0)
    if not areas or begun == last:
        return read(areas, series, since=_day(start), until=last.date(), by_area=True)
    values = _values(series, areas, _day(start), last.date()) | {"begun": begun, "end": end}
    parts = [*_sources(series, areas), _of_rows(series)]
    united = " UNION ALL ".join(f"SELECT series, area, dim, value FROM ({part}) p" for part in parts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT series, area, NULL::date, dim, sum(value)::bigint FROM ({united}) a "
            "GROUP BY 1, 2, 4 HAVING sum(value) <> 0 ORDER BY 1, 2, 4",
            values,
        )
        return [Line(*row) for row in cursor.fetchall()]


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _of_rows(series: Sequence[str]) -> str:
    """SQL of what the rows between `begun` and `end` count for, in each of the areas."""
    parts = []
    for column in dict.fromkeys(_FOUND_BY[name] for name in series):
        facts = f"SELECT {columns('r')} FROM {_REQUEST} r WHERE r.{column} >= %(begun)s AND r.{column} < %(end)s"
        parts.append(tallied(facts, [name for name in series if _FOUND_BY[name] == column]))
    united = " UNION ALL ".join(parts)
    return f"SELECT u.series, u.area, '' AS dim, u.value FROM ({united}) u"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is open at a moment, and of that what is late: its nearest deadline has passed, and nobody answered yet."""

    open: int
    late: int


def waiting_by_area(areas: Sequence[str], at: datetime) -> dict[str, Waiting]:
    """Return what is open and late at `at` in each area; an area without anything is left out. 2 SQL."""
    return _waiting(areas, at, "open", "due", "area", "a.area")


def waiting_by_office(areas: Sequence[str], at: datetime) -> dict[str, Waiting]:
    """Return what is open and late at `at` with each office (primary key as text) within areas. 2 SQL."""
    return _waiting(areas, at, "open_office", "due_office", "dim", "r.organisation_id::text")


def _waiting(areas: Sequence[str], at: datetime, opened: str, due: str, key: str, row_key: str) -> dict[str, Waiting]:
    """The deadlines of the running day are counted from the rows, all earlier ones come from the cells."""
    if not areas:
        return {}
    begun = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    kept, rows = _sources([opened, due], areas)
    values = _values([opened, due], areas) | {"today": begun.date(), "begun": begun, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, coalesce(sum(value) FILTER (WHERE series = '{opened}'), 0)::bigint, "
            f"coalesce(sum(value) FILTER (WHERE series = '{due}' AND day < %(today)s), 0)::bigint "
            f"FROM ({kept} UNION ALL {rows}) b GROUP BY 1",
            values,
        )
        found = {name: [number, late] for name, number, late in cursor.fetchall() if number}
        cursor.execute(
            f"SELECT {row_key}, count(*) FROM {_REQUEST} r "
            "JOIN unnest(%(areas)s::text[]) a (area) ON starts_with(r.area_code, a.area) "
            "WHERE r.closed_at IS NULL AND r.state <> 'callback' "
            f"AND r.next_due_at >= %(begun)s AND r.next_due_at < %(at)s AND {row_key} IS NOT NULL GROUP BY 1",
            values,
        )
        for name, late in cursor.fetchall():
            if name in found:  # else it came in between the two statements
                found[name][1] += late
    return {name: Waiting(*numbers) for name, numbers in found.items()}
