"""What stands out: a sweep over two days of the log of reading, 20,000 rows of today among a million.

    .venv/bin/python bench/watch.py [--rows 1000000] [--today 20000] [--rounds 5]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own, `liren_bench_watch`. The
floor is the same day read once by a plain GROUP BY. Milliseconds of wall time, the minimum over interleaved rounds.
"""

import argparse
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench import dataset

SEED = 20261128
PEOPLE = 300
LOAD = """
INSERT INTO privacy_accesslog (at, user_id, subject_ref, fields, purpose, digest)
SELECT %s::timestamptz - random() * %s::interval, %s + (random() * random() * %s)::int,
       'requests_intake.requestercontact:' || (random() * 200000)::int, '{phone}', 'contact', ''
FROM generate_series(1, %s)
"""
FLOOR = "SELECT user_id, count(*) FROM privacy_accesslog WHERE at >= %s AND at < %s GROUP BY 1 HAVING count(*) > 60"


def main() -> None:
    """Load, sweep, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--today", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    dataset.use_own_database(False, "liren_bench_watch")
    call_command("migrate", interactive=False, verbosity=0)
    from governance.access.models import User
    from governance.audit.models import Finding
    from governance.audit.services import findings_sweep

    people = User.objects.bulk_create(User(email=f"p{n}@bench.example", display_name=f"P{n}") for n in range(PEOPLE))
    first, now = people[0].pk, timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [SEED / 1e9])
        cursor.execute(LOAD, [midnight, "365 days", first, PEOPLE - 1, wanted.rows - wanted.today])
        cursor.execute(LOAD, [now, f"{(now - midnight).total_seconds()} seconds", first, PEOPLE - 1, wanted.today])
        cursor.execute("VACUUM ANALYZE privacy_accesslog")
        sweep, floor = [], []
        for _round in range(wanted.rounds):
            began = time.perf_counter()
            findings_sweep(at=now)
            sweep.append(time.perf_counter() - began)
            began = time.perf_counter()
            cursor.execute(FLOOR, [midnight, midnight + timedelta(days=1)])
            cursor.fetchall()
            floor.append(time.perf_counter() - began)
    print(f"{wanted.rows:,} looks, {wanted.today:,} today; {Finding.objects.count()} findings")
    print(f"first sweep (writes) {sweep[0] * 1000:.0f} ms, again {min(sweep) * 1000:.0f} ms,", end=" ")
    print(f"one day read plainly {min(floor) * 1000:.1f} ms, ratio {min(sweep) / min(floor):.1f} for 6 rules x 2 days")


if __name__ == "__main__":
    main()
