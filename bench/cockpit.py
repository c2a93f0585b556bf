"""The overview and the monthly appraisal with many requests behind them.

    .venv/bin/python bench/cockpit.py [--requests 1000000] [--open 30000] [--rounds 5] [--keep]

Works in a database of its own for each size (`liren_cockpit_<requests>`, kept for reruns by --keep) and writes
`var/bench-cockpit-<requests>.json`; where the figures of another size lie there, too, it prints the ratios. Rows are
made by the database itself from a seed, into a bare table: indexes, keys and roll-ups come afterwards. Milliseconds are
CPU of this process and of its database process, the least of the rounds.
"""

import argparse
import json
import logging
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import dataset
from bench.lists import signed_in, timed

NAME = "liren_cockpit"
TABLE = "requests_intake_servicerequest"
DAYS = 1000  # over which the requests spread
ROWS = f"""
INSERT INTO {TABLE} ({{columns}})
SELECT {{values}}
FROM (
    SELECT n, %(at)s::timestamptz - (n <= %(open)s)::int * random() * interval '12 days'
               - (n > %(open)s)::int * (interval '12 days' + random() * interval '{DAYS} days') AS submitted,
           random() AS a, random() AS b, random() AS c, random() AS d, n <= %(open)s AS is_open
    FROM generate_series(1, %(count)s) n
) x
"""


def load(count: int, open_count: int) -> None:
    """Reference data by the demo's loaders, requests by the database."""
    from demo.loading.people import load_people
    from demo.loading.reference import load_reference
    from demo.territory import territory
    from requests_intake.models import ServiceRequest

    settings.VAR_DIR = settings.VAR_DIR / "bench"
    call_command("migrate", interactive=False, verbosity=0)
    at = timezone.now()
    with transaction.atomic():
        reference = load_reference(at)
        load_people(reference.organisations, at)
    grids = [grid.code for grid in territory().grids]
    offices = [office.pk for office in reference.organisations.values()]
    categories = [row.pk for row in reference.categories.values() if len(row.code) == 6]
    ended = "x.submitted + (1 + 6 * x.b) * interval '1 day'"
    values = {
        "number": "lpad(x.n::text, 15, '0')",
        "number_tail": "right(x.n::text, 4)",
        "track_digest": "md5(x.n::text)",
        "track_token": "''::bytea",
        "submission_key": "'c' || x.n",
        "kind": "(ARRAY['enquiry','enquiry','help','help','complaint','suggestion'])[1 + floor(x.c * 6)]",
        "channel": "(ARRAY['web','web','phone','counter'])[1 + floor(x.d * 4)]",
        "category_id": "(%(categories)s)[1 + floor(x.a * cardinality(%(categories)s))]",
        "title": "'t'",
        "body": "'b'",
        "area_code": "(%(grids)s)[1 + floor(x.b * cardinality(%(grids)s))]",
        "place_kind": "'none'",
        "address": "''",
        "is_outside_district": "false",
        "state": "CASE WHEN x.is_open THEN (ARRAY['dispatched','in_progress','callback'])[1 + floor(x.c * 3)] "
        "ELSE 'closed' END",
        "ended_as": "CASE WHEN x.is_open THEN '' ELSE 'closed' END",
        "organisation_id": "(%(offices)s)[1 + floor(x.d * cardinality(%(offices)s))]",
        "policy_id": str(next(iter(reference.policies.values())).pk),
        "submitted_at": "x.submitted",
        "accept_due_at": "x.submitted",
        "original_due_at": "x.submitted + interval '7 days'",
        "due_at": "x.submitted + interval '7 days'",
        "next_due_at": "CASE WHEN x.is_open THEN x.submitted + interval '7 days' END",
        "dispatched_at": "x.submitted + interval '1 hour'",
        "contacted_at": "x.submitted + x.a * interval '40 hours'",
        "closed_at": f"CASE WHEN NOT x.is_open THEN {ended} END",
        "rated_at": f"CASE WHEN NOT x.is_open THEN {ended} END",
        "rated_organisation_id": "CASE WHEN NOT x.is_open "
        "THEN (%(offices)s)[1 + floor(x.d * cardinality(%(offices)s))] END",
        "rated_contacted": "CASE WHEN NOT x.is_open AND x.a > 0.2 THEN x.b > 0.1 END",
        "rated_solved": "CASE WHEN NOT x.is_open AND x.a > 0.2 THEN (ARRAY['yes','yes','partly','no'])"
        "[1 + floor(x.c * 4)] ELSE '' END",
        "rated_grade": "CASE WHEN NOT x.is_open AND x.a > 0.2 THEN 1 + floor(x.c * 5) END",
        "returned_at": "CASE WHEN x.a < 0.03 THEN x.submitted + interval '1 day' END",
        "disputed_at": "CASE WHEN x.b < 0.01 THEN x.submitted + interval '1 day' END",
        "ledgered_at": "CASE WHEN x.c < 0.01 THEN x.submitted + interval '2 days' END",
        "excluded_at": "CASE WHEN NOT x.is_open AND x.d < 0.02 THEN x.submitted + interval '9 days' END",
    }
    for field in ServiceRequest._meta.concrete_fields:
        if field.column not in values and not field.null and not field.primary_key:
            default = dataset.as_text(field.get_default())
            values[field.column] = f"'{default}'"
    statement = ROWS.format(columns=", ".join(values), values=", ".join(values.values()))
    parameters = {
        "at": at, "open": open_count, "count": count, "grids": grids, "offices": offices, "categories": categories,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.20261127)")
        again = bare(cursor)
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER rollup_insert")
        cursor.execute(statement, parameters)
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER rollup_insert")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for line in again:
            cursor.execute(line)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLE}")


def bare(cursor) -> list[str]:
    """Take all indexes and keys but the primary one off the table; return what puts them back."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('u', 'f')",
        [TABLE],
    )
    unique = cursor.fetchall()
    again = [f'ALTER TABLE {TABLE} ADD CONSTRAINT "{name}" {definition}' for name, definition in unique]
    for name, _definition in unique:
        cursor.execute(f'ALTER TABLE {TABLE} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisprimary",
        [TABLE],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        again.append(definition)
    return again


def pages() -> dict[str, tuple]:
    """The page as it is opened, and each panel as a fragment: a district, 30 days; the page for a year."""
    from requests_intake.panels import PANELS
    from requests_intake.permissions import Capability

    client, piece = signed_in("district_viewer"), signed_in("district_viewer")
    piece.defaults["HTTP_HX_REQUEST"] = "true"
    base = "/staff/overview/"
    found = {"page, 30 days": (client, f"{base}?period=30"), "page, a year": (client, f"{base}?period=year")}
    for panel in PANELS:
        if panel.capability != Capability.VIEW_REQUEST:
            continue
        found[panel.key] = (piece, f"{base}panels/{panel.key}/?period=30")
    return found


def main() -> None:
    """Load, measure, write, compare."""
    from requests_intake.models import Bulletin, BulletinItem, RollupCell
    from requests_intake.services.appraisal import bulletin_freeze, month_before
    from requests_intake.services.rollups import rollups_fold, rollups_recount

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    start = time.perf_counter()
    if not dataset.use_own_database(options.keep, name=f"{NAME}_{options.requests}"):
        load(options.requests, options.open)
        print(
            f"{options.requests:,} requests, {options.open:,} open, in {time.perf_counter() - start:.0f} s", flush=True
        )
    if not RollupCell.objects.exists():
        start = time.perf_counter()
        rollups_recount(at=timezone.now(), repair=True)
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {RollupCell._meta.db_table}")
        print(f"all cells counted, compared and made in {time.perf_counter() - start:.0f} s", flush=True)
    print(f"{RollupCell.objects.count():,} cells")
    wanted = pages()
    figures = {}
    for name, (client, path) in wanted.items():
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        figures[name] = {"sql": len(captured.captured_queries)}
    for name, value in timed(wanted, options.rounds).items():
        figures[name]["ms"] = value
    with transaction.atomic():
        started = time.perf_counter()
        from governance.access.viewer import viewer_for

        actor = viewer_for(wanted["page, 30 days"][0].get("/staff/overview/").wsgi_request.user, timezone.now())
        made = bulletin_freeze(month=month_before(timezone.now() - timedelta(days=40)), actor=actor, at=timezone.now())
        figures["a month frozen"] = {"sql": 0, "ms": (time.perf_counter() - started) * 1000}
        print(f"items of that month: {BulletinItem.objects.filter(bulletin=made).count():,}")
        Bulletin.objects.filter(pk=made.pk).delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET next_due_at = next_due_at + interval '1 hour' WHERE id IN "
                       f"(SELECT id FROM {TABLE} WHERE closed_at IS NULL LIMIT 10000)")  # fmt: skip
        started = time.perf_counter()
        rollups_fold()
        figures["fold of 20,000 deltas"] = {"sql": 0, "ms": (time.perf_counter() - started) * 1000}
        transaction.set_rollback(True)
    target = settings.VAR_DIR.parent if settings.VAR_DIR.name == "bench" else settings.VAR_DIR
    (target / f"bench-cockpit-{options.requests}.json").write_text(json.dumps(figures), encoding="utf-8")
    others = sorted(target.glob("bench-cockpit-*.json"), key=lambda path: int(path.stem.rpartition("-")[2]))
    other = next((path for path in others if not path.stem.endswith(f"-{options.requests}")), None)
    compared = json.loads(other.read_text(encoding="utf-8")) if other else {}
    print(f"{'':28}{'SQL':>5}{'ms':>9}{'ratio to ' + other.stem.rpartition('-')[2] if other else '':>20}")
    for name, row in figures.items():
        ratio = f"{row['ms'] / compared[name]['ms']:.2f}" if name in compared else ""
        print(f"{name:28}{row['sql']:>5}{row['ms']:>9.1f}{ratio:>20}")


if __name__ == "__main__":
    main()
