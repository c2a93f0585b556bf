"""Roll-ups: the fold of the deltas, and the recount that proves it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from governance.access.viewer import SYSTEM
from governance.outbox.services import publish
from requests_intake import events
from requests_intake.models import RollupCell, RollupCheck, RollupDelta, ServiceRequest
from requests_intake.rollups import FACTS, cells, columns

# Deltas of one fold: more wait for the next one, so that a fold of many thousands holds no reader's memory up.
FOLDED_A_RUN = 20_000
SAMPLE = 20
_LOCK = 7_203_155  # one fold or repair at a time: only they write cells
_CELL, _DELTA = RollupCell._meta.db_table, RollupDelta._meta.db_table
_REQUEST = ServiceRequest._meta.db_table
_ALL = f"SELECT 1 AS sign, {columns('r')} FROM {_REQUEST} r"

_FOLD = f"""
WITH gone AS (
    DELETE FROM {_DELTA} WHERE id IN (SELECT id FROM {_DELTA} ORDER BY id LIMIT %(limit)s)
    RETURNING sign, {", ".join(FACTS)}
), added AS (
    INSERT INTO {_CELL} AS kept (series, area, day, dim, value)
    {cells("SELECT * FROM gone")}
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (series, area, day, dim) DO UPDATE SET value = kept.value + excluded.value
)
SELECT count(*) FROM gone
"""

# What the cells and the deltas say together, against the rows: one statement, hence one moment.
_DIFFERENCES = f"""
WITH kept AS (
    SELECT series, area, day, dim, sum(value)::bigint AS value FROM (
        SELECT series, area, day, dim, value FROM {_CELL}
        UNION ALL
        {cells(f"SELECT sign, {', '.join(FACTS)} FROM {_DELTA}")}
    ) both_ GROUP BY 1, 2, 3, 4
), counted AS ({cells(_ALL)})
SELECT series, area, day, dim, coalesce(kept.value, 0), coalesce(counted.value, 0), count(*) OVER ()
FROM kept FULL JOIN counted USING (series, area, day, dim)
WHERE coalesce(kept.value, 0) <> coalesce(counted.value, 0)
ORDER BY 1, 2, 3, 4 LIMIT {SAMPLE}
"""


def _zone() -> dict[str, Any]:
    return {"zone": settings.TIME_ZONE}


def _locked(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
    return bool(cursor.fetchone()[0])


def rollups_fold(*, limit: int = FOLDED_A_RUN) -> int | None:
    """Fold up to `limit` of the oldest deltas into the cells, and return how many; None while another fold runs.

    One transaction: a reader sees a delta or what it did to the cells, never both and never neither. 3 SQL.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not _locked(cursor):
            return None
        cursor.execute(_FOLD, {"limit": limit, **_zone()})
        folded: int = cursor.fetchone()[0]
        if folded:
            cursor.execute(f"DELETE FROM {_CELL} WHERE value = 0")
    return folded


def rollups_fold_all() -> int:
    """Fold until nothing is left that was there at the beginning, and return how many deltas it were."""
    total = 0
    while folded := rollups_fold():
        total += folded
        if folded < FOLDED_A_RUN:
            break
    return total


def rollups_recount(*, at: datetime, repair: bool = False) -> RollupCheck:
    """Count everything from the rows, compare it with the cells, and keep what was found.

    With `repair` the cells are made anew from the rows where they differ, or where there are none yet. Raises
    `RuntimeError` when a repair meets a fold: try again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if repair and not _locked(cursor):
            raise RuntimeError("a fold is running")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        is_new = repair and not RollupCell.objects.exists()  # as after a load: there is nothing to compare
        rows = []
        if not is_new:
            cursor.execute(_DIFFERENCES, _zone())
            rows = cursor.fetchall()
        if is_new or (rows and repair):
            _remake(cursor)
        cursor.execute(f"SELECT count(*) FROM {_CELL}")
        check = RollupCheck.objects.create(
            at=at,
            cells=cursor.fetchone()[0],
            differences=rows[0][6] if rows else 0,
            sample=[[*row[:2], row[2].isoformat(), *row[3:6]] for row in rows],
            was_repaired=is_new or (bool(rows) and repair),
        )
        if check.differences and not check.was_repaired:
            publish(
                events.FIGURES_DIFFER,
                subject=check,
                actor=SYSTEM,
                payload={"differences": check.differences},
                at=at,
            )
        return check


def _remake(cursor: Any) -> None:
    """Make all cells from the rows. Requests stand still meanwhile: a delta must be in the cells or in its table."""
    cursor.execute(f"LOCK TABLE {_REQUEST} IN SHARE MODE")
    cursor.execute(f"TRUNCATE {_DELTA}, {_CELL}")
    cursor.execute(f"INSERT INTO {_CELL} (series, area, day, dim, value) {cells(_ALL)}", _zone())
