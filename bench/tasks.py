"""Tasks at 100,000 assignments: an addressee's list, the street's, the asks, the burden board and one of its figures.

    .venv/bin/python bench/tasks.py [--rows 100000] [--rounds 7]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own, `liren_bench_tasks`.
Milliseconds through the whole middleware by the test client: wall time of this process (its CPU and the database's).
Minimum over interleaved rounds. Target: 100 ms for each page.
"""

import argparse
import logging
import os
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import dataset

DISTRICT, STREET, COMMUNITY = "990105", "990105001", "990105001001"
STREETS, COMMUNITIES = 10, 12  # communities in each street
# Two years of asks: each goes to all communities of its street; those of the last fortnight are open.
TASKS = """
INSERT INTO grid_task (public_id, submission_key, title, purpose, kind, legal_ground, organisation_id, duty_id,
    area_code, created_at, state, admission, is_outside, is_appraisal, is_known, hours, days, fields, sent_at, due_at,
    repeat, round, end_reason, total, waiting, settled)
SELECT gen_random_uuid(), gen_random_uuid(), '任务 ' || n, 'x', CASE n %% 3 WHEN 0 THEN 'form' ELSE 'act' END, 'x',
    o.id, d.id, '990105' || lpad((1 + n %% %(streets)s)::text, 3, '0'), m, 'sent', 'listed', false, false, n %% 9 = 0,
    2.5, 5, CASE n %% 3 WHEN 0 THEN '[{"label":"x","kind":"number","fact":""}]' ELSE '[]' END::jsonb, m,
    m + interval '7 days', '', 1, '', %(communities)s, 0, 0
FROM generate_series(1, %(tasks)s) n
JOIN LATERAL (SELECT now() - n * (interval '730 days' / %(tasks)s) AS m) t ON true
JOIN LATERAL (SELECT id FROM organisations_organisation ORDER BY id OFFSET n %% 12 LIMIT 1) o ON true
JOIN LATERAL (SELECT id FROM grid_dutyitem ORDER BY id OFFSET n %% 40 LIMIT 1) d ON true
"""
ASSIGNMENTS = """
INSERT INTO grid_assignment (public_id, task_id, area_code, state, sent_at, due_at, "values", reworks, reminded, changed_at)
SELECT gen_random_uuid(), t.id, t.area_code || lpad(c::text, 3, '0'),
    CASE WHEN t.sent_at > now() - interval '14 days' THEN 'open' ELSE 'accepted' END, t.sent_at, t.due_at, '[]', 0, 0,
    t.sent_at
FROM grid_task t CROSS JOIN generate_series(1, %(communities)s) c
"""


def main() -> None:
    """Load, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    dataset.use_own_database(False, "liren_bench_tasks")
    call_command("migrate", interactive=False, verbosity=0)
    head, boss, district = _furnish(wanted.rows)
    month = f"{timezone.localdate().replace(day=1):%Y-%m}"
    pages = {
        "a community's list": (head, "/staff/tasks/"),
        "a community, what is settled": (head, "/staff/tasks/?view=done"),
        "a street, what is open": (boss, "/staff/tasks/?view=open"),
        "a district, what is settled": (district, "/staff/tasks/?view=done"),
        "a street's asks": (boss, "/staff/asks/"),
        "burden board of a street": (boss, f"/staff/burden/?month={month}"),
        "one of its figures": (boss, f"/staff/tasks/?view=burden&area={COMMUNITY}&month={month}"),
    }
    best = dict.fromkeys(pages, 9e9)
    counts = {name: _counted(*page) for name, page in pages.items()}
    for _round in range(wanted.rounds):
        for name, page in pages.items():
            best[name] = min(best[name], _timed(*page))
    print(f"{wanted.rows:,} assignments, {wanted.rounds} rounds; recount of the board: {_recount():.0f} ms")
    print(f"{'':32}{'SQL':>5}{'ms':>9}")
    for name, took in best.items():
        print(f"{name:32}{counts[name]:>5}{took:>9.1f}")


def _furnish(rows: int) -> tuple[Client, Client, Client]:
    from governance.organisations.models import Organisation
    from grid.models import Area, DutyItem

    areas = [(DISTRICT, "district", "")]
    for street in range(1, STREETS + 1):
        areas.append((f"{DISTRICT}{street:03}", "subdistrict", "street"))
        areas += [
            (f"{DISTRICT}{street:03}{number:03}", "community", "committee") for number in range(1, COMMUNITIES + 1)
        ]
    Area.objects.bulk_create(
        Area(code=code, level=level, kind=kind, name=code, valid_from=date(2020, 1, 1)) for code, level, kind in areas
    )
    Organisation.objects.bulk_create(
        Organisation(kind="department", name=f"单位 {n}", short_name=f"单位 {n}", area_code=DISTRICT) for n in range(12)
    )
    DutyItem.objects.bulk_create(
        DutyItem(code=f"D-{n:02}", name=f"事项 {n}", kind="basic", community_list="assist", legal_basis="x")
        for n in range(40)
    )
    values = {"streets": STREETS, "communities": COMMUNITIES, "tasks": rows // COMMUNITIES}
    with connection.cursor() as cursor:
        cursor.execute(TASKS, values)
        cursor.execute(ASSIGNMENTS, values)
        cursor.execute("VACUUM ANALYZE grid_task")
        cursor.execute("VACUUM ANALYZE grid_assignment")
    _recount()
    return _client("community_head", COMMUNITY), _client("supervisor", STREET), _client("district_viewer", DISTRICT)


def _client(role: str, area: str) -> Client:
    from governance.access.models import Grant, Role, User

    now = timezone.now()
    user = User.objects.create(email=f"{role}@example.com", display_name=role, staff_no=role)
    Grant.objects.create(
        user=user, role=Role.objects.get(key=role), area_code=area, starts_at=now, created_at=now, reason="bench"
    )
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def _recount() -> float:
    from grid.services.burden import burden_recount

    began = time.perf_counter()
    burden_recount()
    return (time.perf_counter() - began) * 1000


def _counted(client: Client, address: str) -> int:
    _timed(client, address)
    with CaptureQueriesContext(connection) as captured:
        _timed(client, address)
    return len(captured.captured_queries)


def _timed(client: Client, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, (address, answer.status_code)
    return took


if __name__ == "__main__":
    main()
