"""What a request counts for: one definition, read by the fold, by the recount and for rows not folded yet.

A request's *facts* are the columns of its row below. A trigger of the database writes every change of them as deltas:
the old facts with sign -1, the new ones with +1, in the statement that changes the row, so that no writer can forget
it. `contributions` turns facts into cells (series, area, local day, dim, value); sums of them are all the figures.
Series are counted for every level of the territory down to the community; below, only what is open is, because a grid
has so few requests that the rows themselves are counted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log

# The columns of ServiceRequest from which every figure follows.
FACTS = (
    "area_code", "kind", "channel", "category_id", "organisation_id", "state", "ended_as",
    "submitted_at", "dispatched_at", "contacted_at", "closed_at", "next_due_at",
    "rated_at", "rated_organisation_id", "rated_contacted", "rated_solved", "rated_grade",
    "returned_at", "disputed_at", "ledgered_at", "excluded_at", "due_at", "replied_at", "rework_count",
)  # fmt: skip

LEVELS = (6, 9, 12, 15)  # lengths of the area codes for which cells are kept
COMMUNITY = 12
# Counted for grids, too: only what is open now, hence few cells.
STOCKS = ("open", "due")

# Grades that count as satisfied: very good, good, fair (STANDARDS 1.9; a scoring scheme weights them).
SATISFIED_FROM = 3

# Durations in buckets that grow by 15 %: a median is right to within 7 % of itself.
BUCKETS = 100
_FIRST, _GROWTH = 60.0, 1.15  # seconds of the first bound; each next one is so many times longer


def _bucket(since: str, until: str) -> str:
    seconds = f"greatest(extract(epoch FROM {until} - {since}), {_FIRST})::float8"
    return f"least({BUCKETS - 1}, floor(ln({seconds} / {_FIRST}) / ln({_GROWTH})))::int::text"


_OPEN = "f.closed_at IS NULL"
_OFFICE = "f.organisation_id IS NOT NULL"
_LATE_ABLE = f"{_OPEN} AND f.state <> 'callback'"
_JUDGED = "f.excluded_at IS NULL"  # what was excluded (剔除) is counted beside the rates, never in them
_RATED = "f.rated_organisation_id IS NOT NULL"
_RATED_OFFICE = "f.rated_organisation_id::text"
# What an office had to have done by a day (应处置): all parts of its rates are of these (GB/T 30428.4).
_OWED = f"{_OFFICE} AND f.dispatched_at IS NOT NULL"
_DONE = f"{_OWED} AND f.replied_at IS NOT NULL AND f.state NOT IN ('dispatched', 'in_progress')"
_LEAD = "f.organisation_id::text"
_HOUR = "extract(hour FROM {})::int::text"


def _on(day: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN t.{day}::date END"


def _now(condition: str) -> str:
    """For what has no day: one cell, however long ago it began."""
    return f"CASE WHEN {condition} THEN date '2000-01-01' END"


# (series, local day, dim): a row with no day counts for nothing.
_SERIES: tuple[tuple[str, str, str], ...] = (
    ("new", "t.submitted::date", "''"),
    ("new_kind", "t.submitted::date", "f.kind"),
    ("new_channel", "t.submitted::date", "f.channel"),
    ("new_category", "t.submitted::date", "coalesce(f.category_id::text, '')"),
    ("new_hour", "t.submitted::date", _HOUR.format("t.submitted")),
    ("open", _now(_OPEN), "''"),
    ("open_state", _now(_OPEN), "f.state"),
    ("open_office", _now(f"{_OPEN} AND {_OFFICE}"), "f.organisation_id::text"),
    # the days of submission of what is open are its age
    ("open_day", _on("submitted", _OPEN), "''"),
    # by the day of the nearest deadline; who was answered does not wait any more
    ("due", _on("due", _LATE_ABLE), "''"),
    ("due_office", _on("due", f"{_LATE_ABLE} AND {_OFFICE}"), "f.organisation_id::text"),
    ("sent_office", _on("dispatched", _OFFICE), "f.organisation_id::text"),
    ("contact", "t.contacted::date", _bucket("f.submitted_at", "f.contacted_at")),
    ("ended", "t.closed::date", "f.ended_as"),
    ("ended_office", _on("closed", f"f.ended_as = 'closed' AND {_OFFICE}"), "f.organisation_id::text"),
    ("took", _on("closed", "f.ended_as IN ('closed', 'answered')"), _bucket("f.submitted_at", "f.closed_at")),
    # the parts of the three rates: the last call-back of each request, where somebody answered it
    ("valid", _on("rated", f"f.rated_contacted IS NOT NULL AND {_JUDGED}"), "''"),
    ("contacted", _on("rated", f"f.rated_contacted AND {_JUDGED}"), "''"),
    ("solved", _on("rated", f"f.rated_solved = 'yes' AND {_JUDGED}"), "''"),
    ("satisfied", _on("rated", f"f.rated_grade >= {SATISFIED_FROM} AND {_JUDGED}"), "''"),
    ("unrated", _on("rated", f"f.rated_contacted IS NULL AND {_JUDGED}"), "''"),
    ("valid_office", _on("rated", f"f.rated_contacted IS NOT NULL AND {_JUDGED} AND {_RATED}"), _RATED_OFFICE),
    ("solved_office", _on("rated", f"f.rated_solved = 'yes' AND {_JUDGED} AND {_RATED}"), _RATED_OFFICE),
    # of what was found on a day, how much is settled by now
    ("settled", _on("submitted", "f.ended_as IN ('closed', 'answered')"), "''"),
    ("owed", _on("promised", _OWED), _LEAD),
    ("owed_done", _on("promised", _DONE), _LEAD),
    ("owed_ontime", _on("promised", f"{_DONE} AND f.replied_at <= f.due_at"), _LEAD),
    ("owed_closed", _on("promised", f"{_OWED} AND f.ended_as = 'closed'"), _LEAD),
    ("owed_rework", _on("promised", f"{_OWED} AND f.rework_count > 0"), _LEAD),
    ("returned", "t.returned::date", "''"),
    ("disputed", "t.disputed::date", "''"),
    ("ledgered", "t.ledgered::date", "''"),
    ("excluded", "t.excluded::date", "''"),
)
SERIES = tuple(name for name, _day, _dim in _SERIES)

_LOCAL_DAY = re.compile(r"t\.\w+::date")

_MOMENTS = {
    "submitted": "submitted_at",
    "dispatched": "dispatched_at",
    "contacted": "contacted_at",
    "closed": "closed_at",
    "due": "next_due_at",
    "promised": "due_at",
    "rated": "rated_at",
    "returned": "returned_at",
    "disputed": "disputed_at",
    "ledgered": "ledgered_at",
    "excluded": "excluded_at",
}


def counted(facts: str, series: Iterable[str] = SERIES) -> str:
    """Return SQL: one row (series, day, dim, sign, area_code) for each thing that the facts count for.

    `facts` is SQL for rows with the columns FACTS and `sign`. The time zone is the parameter `zone`.
    """
    wanted = set(series)
    local = ", ".join(f"f.{column} AT TIME ZONE %(zone)s AS {name}" for name, column in _MOMENTS.items())
    values = ", ".join(f"('{name}', {day}, {dim})" for name, day, dim in _SERIES if name in wanted)
    return (
        f"SELECT s.series, s.day, s.dim, f.sign, f.area_code FROM ({facts}) f "
        f"CROSS JOIN LATERAL (SELECT {local}) t "
        f"CROSS JOIN LATERAL (VALUES {values}) s (series, day, dim) WHERE s.day IS NOT NULL"
    )


def tallied(facts: str, series: Iterable[str]) -> str:
    """Return SQL: (series, area, value) of rows that were found by their moment, in each area of the parameter `areas`.

    For series without dims, whose local day nobody needs: one pass over the rows, whatever the number of series.
    `facts` is SQL for rows with the columns FACTS.
    """
    conditions = {
        name: _LOCAL_DAY.sub("true", day) for name, day, dim in _SERIES if name in set(series) and dim == "''"
    }
    assert set(conditions) == set(series), series  # noqa: S101 - a fault of the program
    counts = ", ".join(f"count({condition}) AS {name}" for name, condition in conditions.items())
    lines = ", ".join(f"('{name}', q.{name})" for name in conditions)
    return (
        f"SELECT s.series, q.area, s.value FROM (SELECT a.area, {counts} FROM ({facts}) f "
        "JOIN unnest(%(areas)s::text[]) a (area) ON starts_with(f.area_code, a.area) GROUP BY 1) q "
        f"CROSS JOIN LATERAL (VALUES {lines}) s (series, value)"
    )


def cells(facts: str) -> str:
    """Return SQL: the cells (series, area, day, dim, value) of the facts on every level that is kept, no zeros."""
    levels = ", ".join(f"({length})" for length in LEVELS)
    stocks = ", ".join(f"'{name}'" for name in STOCKS)
    # summed in its own area first: most of a change cancels there, and is not multiplied by the levels
    own = f"SELECT series, area_code, day, dim, sum(sign) AS sign FROM ({counted(facts)}) f GROUP BY 1, 2, 3, 4"
    return (
        f"SELECT c.series, left(c.area_code, l.n) AS area, c.day, c.dim, sum(c.sign)::bigint AS value "
        f"FROM ({own} HAVING sum(sign) <> 0) c JOIN (VALUES {levels}) l (n) "
        f"ON length(c.area_code) >= l.n AND (l.n <= {COMMUNITY} OR c.series IN ({stocks})) "
        f"GROUP BY 1, 2, 3, 4 HAVING sum(c.sign) <> 0"
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of durations, from the counts of its buckets."""

    counts: Mapping[int, int]

    @property
    def total(self) -> int:
        """How many durations there are."""
        return sum(self.counts.values())

    def quantile(self, part: float) -> float | None:
        """Return the duration in seconds that this part (0 to 1) does not exceed; None without any."""
        wanted = part * self.total
        if not self.total:
            return None
        passed = 0
        for bucket in sorted(self.counts):
            number = self.counts[bucket]
            if passed + number >= wanted:
                inside = (wanted - passed) / number if number else 0.0
                return _FIRST * exp((bucket + inside) * log(_GROWTH))
            passed += number
        return _FIRST * exp(max(self.counts) * log(_GROWTH))


def spread(dims: Mapping[str, int]) -> Spread:
    """Return the distribution whose buckets are the dims of the series `took` or `contact`."""
    return Spread({int(dim): number for dim, number in dims.items() if number})


def bounds(bucket: int) -> tuple[float, float]:
    """Return the bounds of a bucket in seconds."""
    return _FIRST * _GROWTH**bucket, _FIRST * _GROWTH ** (bucket + 1)


def columns(prefix: str) -> str:
    """Return a list of columns for SQL: `f.area_code, f.kind, …`."""
    return ", ".join(f"{prefix}.{name}" for name in FACTS)
