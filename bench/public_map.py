"""The public side at 100,000 released requests: a map box with 5,000 pins, the list, the feed, similar ones.

    .venv/bin/python bench/public_map.py [--released 100000] [--rounds 5] [--keep]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own, `liren_bench`. CPU of this
process plus wall time of the database, through the whole middleware, minimum over interleaved rounds. The floor of the
map is a bare view in the same frame: the same SQL by cursor, dumped as JSON. Target: 60 ms a box (DECISIONS 4).
"""

import argparse
import json
import logging
import os
import sys
import time
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from bench import dataset
from bench.intake import best, get, statements
from governance.access.decorators import public
from requests_intake.models import Publication

SEED = 0.20261127
PINS = 5_000
TARGET_MS = 60
# The demo district, some eight kilometres wide; pins are spread over it one by one, which is harder than real ones,
# which share the label points of their grids.
WEST, SOUTH, EAST, NORTH = 121.86, 30.86, 121.96, 30.94
_INSERT = """
SELECT setseed(%s);
INSERT INTO requests_intake_publication
    (request_id, key, state, needs_review, version, kind, category_id, category_code, area_code, lng, lat,
     organisation_id, progress, submitted_at, due_at, answered_at, closed_at, history, title, body, reply,
     reply_seen_id, pieces, me_too_count, reason, note, released_at, decided_at)
SELECT r.id, lpad(to_hex(r.id), 10, '0'), 'released', false, 1, r.kind, r.category_id, c.code, left(r.area_code, 15),
       %s + random() * %s, %s + random() * %s, r.organisation_id,
       CASE WHEN r.state = 'closed' THEN 'done' ELSE 'open' END, r.submitted_at, r.due_at, r.closed_at, r.closed_at,
       '[]', r.title, r.body, '', NULL,
       ARRAY(SELECT DISTINCT substr(r.title, n, 2) FROM generate_series(1, greatest(length(r.title) - 1, 1)) AS n),
       0, '', '', r.submitted_at + interval '1 day', r.submitted_at + interval '1 day'
FROM requests_intake_servicerequest r JOIN requests_intake_category c ON c.id = r.category_id
WHERE r.kind <> 'tip_off' ORDER BY r.id LIMIT %s
"""


def build(count: int) -> None:
    """Requests by COPY, their public versions by one statement."""
    if "requests_intake_publication" not in connection.introspection.table_names():
        dataset.build(count + count // 3)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [SEED, WEST, EAST - WEST, SOUTH, NORTH - SOUTH, count])
        cursor.execute("ANALYZE requests_intake_publication")


def box_of(pins: int, total: int) -> str:
    """A box in the middle that holds about so many of the pins."""
    side = (pins / total) ** 0.5 / 2
    x, y = (WEST + EAST) / 2, (SOUTH + NORTH) / 2
    west, east = x - (EAST - WEST) * side, x + (EAST - WEST) * side
    return f"{west:.6f},{y - (NORTH - SOUTH) * side:.6f},{east:.6f},{y + (NORTH - SOUTH) * side:.6f}"


_floor: dict[str, str] = {}


@public("A floor of the benchmark.")
def floor(request: HttpRequest) -> HttpResponse:
    """The statement of the map by cursor, its rows as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(_floor["sql"])
        return HttpResponse(json.dumps([list(map(str, row)) for row in cursor.fetchall()]))


def install() -> None:
    """Add the floor's address to the running settings, and let one address ask as often as it likes."""
    urls = types.ModuleType("bench_public_urls")
    urls.urlpatterns = [path("bench/map/", floor), path("", include("governance.urls"))]
    sys.modules["bench_public_urls"] = urls
    settings.ROOT_URLCONF = "bench_public_urls"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    from django.core.cache import caches

    caches.settings = caches.configure_settings(settings.CACHES)
    if hasattr(caches._connections, "default"):
        del caches._connections.default


def measure(rounds: int, total: int) -> int:
    """Print the table; 1 if the map misses its target."""
    client = Client()
    box = box_of(PINS, total)
    address = f"/neighbours/map.json?box={box}&zoom=16"
    body = client.get(address).json()
    pins = sum(cluster[2] for cluster in body["clusters"])
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        get(client, address)
    _floor["sql"] = next(q["sql"] for q in captured.captured_queries if "GROUP BY" in q["sql"])
    pages = {
        f"map box, {pins:,} pins in {len(body['clusters'])} clusters": address,
        "floor: the same SQL, dumped": "/bench/map/",
        "map, whole district": "/neighbours/map.json?box=-180,-90,180,90&zoom=11",
        "list of 20, counts anew": "/neighbours/",
        "list, two characters": "/neighbours/?q=路灯",
        "feed of 200": "/neighbours/feed.rss",
    }
    runs = {name: (lambda page=page: get(client, page)) for name, page in pages.items()}
    for run in runs.values():
        run()
    least = best(rounds, **runs)
    print(f"\n{'what':<44}{'SQL':>5}{'ms':>9}")
    for name, run in runs.items():
        print(f"{name:<44}{statements(run):>5}{least[name]:>9.1f}")
    names = list(least)
    ratio = least[names[0]] / least[names[1]]
    print(f"map against its floor {ratio:.2f}; target {TARGET_MS} ms")
    return int(least[names[0]] > TARGET_MS)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--released", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    install()
    start = time.perf_counter()
    if not dataset.use_own_database(options.keep) or not Publication.objects.exists():
        build(options.released)
        print(f"{options.released:,} released requests loaded in {time.perf_counter() - start:.1f} s")
    sys.exit(measure(options.rounds, options.released))


if __name__ == "__main__":
    main()
