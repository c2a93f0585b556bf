"""Components on the map and in the list, at 200,000: the box of the whole district, a near box, the first page.

    .venv/bin/python bench/components.py [--rows 200000] [--rounds 7]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own, `liren_bench_components`.
Milliseconds through the whole middleware by the test client: wall time of this process (its CPU and the database's).
The floor is the same statement by cursor. Minimum over interleaved rounds. Target: 100 ms for a box.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
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

SEED = 0.20261128
WEST, SOUTH, EAST, NORTH = 121.86, 30.86, 121.96, 30.94
DISTRICT = "990105"
BOXES = {
    "box of the district": f"zoom=12&box={WEST},{SOUTH},{EAST},{NORTH}",
    "near box": "zoom=16&box=121.905,30.895,121.915,30.905",
    "box, one kind": f"zoom=12&code=01037&box={WEST},{SOUTH},{EAST},{NORTH}",
}
LOAD = """
INSERT INTO grid_component (public_id, submission_key, identity, item_id, name, area_code, lng, lat, place, state,
    manager_name, manager_code, owner_name, maintainer_name, started_on, source, note, inspect_every, inspected_on,
    inspect_due, changed_at)
SELECT gen_random_uuid(), gen_random_uuid(), '990105' || i.code || lpad(n::text, 6, '0'), i.id, i.name || n,
    '990105' || lpad((1 + n %% 3)::text, 3, '0') || lpad((1 + n / 3 %% 4)::text, 3, '0')
        || lpad((1 + n / 12 %% 5)::text, 3, '0'),
    %s + random() * %s, %s + random() * %s, '', 'intact', '市政设施所', '', '', '', current_date - n %% 900, '', '',
    30, current_date - n %% 33, current_date - n %% 33 + 30, now()
FROM generate_series(1, %s) AS n
JOIN LATERAL (SELECT id, code, name FROM grid_codeitem WHERE kind = 'component' AND length(code) = 5
              ORDER BY code OFFSET n %% 40 LIMIT 1) AS i ON true
"""


def main() -> None:
    """Load, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    dataset.use_own_database(False, "liren_bench_components")
    call_command("migrate", interactive=False, verbosity=0)
    client = _furnish(wanted.rows)
    asked: dict[str, Callable[[], object]] = {
        name: (lambda query=query: _get(client, f"/staff/inventory/map.json?{query}")) for name, query in BOXES.items()
    }
    asked["list, first page"] = lambda: _get(client, "/staff/inventory/")
    asked["list, what is overdue"] = lambda: _get(client, "/staff/inventory/?due=late")
    floors = {name: _floor(act) for name, act in asked.items()}
    best: dict[str, list[float]] = {name: [9e9, 9e9] for name in asked}
    for _round in range(wanted.rounds):
        for name, act in asked.items():
            best[name][0] = min(best[name][0], _timed(act))
            best[name][1] = min(best[name][1], _timed(floors[name][1]))
    print(f"{wanted.rows:,} components, {wanted.rounds} rounds")
    print(f"{'':28}{'SQL':>5}{'ms':>9}{'floor':>9}{'ratio':>7}")
    for name, (took, floor) in best.items():
        print(f"{name:28}{floors[name][0]:>5}{took:>9.1f}{floor:>9.1f}{took / floor:>7.2f}")


def _furnish(rows: int) -> Client:
    from governance.access.models import Grant, Role, User
    from governance.access.viewer import SYSTEM
    from grid.code_files import SHIPPED
    from grid.models import Area
    from grid.services.codes import code_list_load

    now = timezone.now()
    Area.objects.create(code=DISTRICT, level="district", name="澄湾区", valid_from=date(2020, 1, 1))
    code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=SYSTEM, at=now)
    user = User.objects.create(email="bench@example.com", display_name="Bench")
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key="district_viewer"),
        area_code=DISTRICT,
        starts_at=now,
        created_at=now,
        reason="bench",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [SEED])
        cursor.execute(LOAD, [WEST, EAST - WEST, SOUTH, NORTH - SOUTH, rows])
        cursor.execute("VACUUM ANALYZE grid_component")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def _get(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content


def _floor(act: Callable[[], object]) -> tuple[int, Callable[[], object]]:
    """How many statements the answer takes, and the dearest of them by cursor alone."""
    act()
    with CaptureQueriesContext(connection) as captured:
        act()
    sql = max((query["sql"] for query in captured.captured_queries), key=lambda one: "grid_component" in one)

    def run() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("%", "%%"), [])
            return cursor.fetchall()

    return len(captured.captured_queries), run


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
