"""A district of 3,000 grids: loading and judging it, redrawing two grids, the list of uncovered ones, and its map painted.

    .venv/bin/python bench/territory_map.py [--rounds 5] [--keep]

Needs DATABASE_URL (a running `make run` is found by itself) and Debian's Chromium; works in a database of its own. The
map is "find my grid", which every resident opens: from the start of the navigation until no outline or name was added
or changed for half a second (that half second taken off), in a fresh page. Its floor is the same page with an empty
collection of outlines. Minimum of the rounds. Target: 1 s.
"""

import argparse
import gzip
import logging
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.testcases import LiveServerThread
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from shapely.geometry import shape

from bench import dataset

SEED = 20261128
DISTRICT, WEST, SOUTH, CELL = "990101", 114.30, 22.60, 0.004
COLUMNS, ROWS, INNER = 60, 50, 5  # grids across and down; vertices that an edge has between its corners
SETTLED = """wanted => new Promise(done => {
  let last = performance.now();
  new MutationObserver(() => { last = performance.now(); }).observe(
    document.body, { subtree: true, childList: true, attributes: true });
  const look = () => document.querySelectorAll(".lr-area").length >= wanted && performance.now() - last > 500
    ? done(last) : setTimeout(look, 50);
  look();
})"""


def territory() -> dict[str, Any]:
    """10 x 10 communities of 6 x 5 grids; edges are crooked and shared, the outer ones straight."""
    chance = random.Random(SEED)
    corners = {
        (column, row): (
            WEST + (column + _shift(chance, 0 < column < COLUMNS)) * CELL,
            SOUTH + (row + _shift(chance, 0 < row < ROWS)) * CELL,
        )
        for column in range(COLUMNS + 1)
        for row in range(ROWS + 1)
    }
    edges: dict[tuple[Any, Any], list[tuple[float, float]]] = {}

    def edge(a: tuple[int, int], b: tuple[int, int]) -> list[tuple[float, float]]:
        key = (min(a, b), max(a, b))
        if key not in edges:
            (x0, y0), (x1, y1) = corners[key[0]], corners[key[1]]
            outer = all(one[0] in (0, COLUMNS) for one in key) or all(one[1] in (0, ROWS) for one in key)
            width = 0 if outer else CELL * 0.06
            inner = [(part + 1) / (INNER + 1) for part in range(INNER)]
            edges[key] = [
                (x0, y0),
                *((x0 + (x1 - x0) * t + chance.uniform(-width, width),
                   y0 + (y1 - y0) * t + chance.uniform(-width, width)) for t in inner),
            ]  # fmt: skip
        points = [*edges[key], corners[key[1]]]
        return points if a == key[0] else points[::-1]

    features = [_feature(DISTRICT, "澄湾区")]
    features += [_feature(f"{DISTRICT}{street:03d}", f"第{street}街道") for street in range(1, 11)]
    features += [
        _feature(f"{DISTRICT}{street:03d}{place:03d}", f"{street}-{place}社区")
        for street in range(1, 11)
        for place in range(1, 11)
    ]
    for row in range(ROWS):
        for column in range(COLUMNS):
            a, b, c, d = (column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)
            ring = [point for start, end in ((a, b), (b, c), (c, d), (d, a)) for point in edge(start, end)[:-1]]
            ring = [[round(lng, 7), round(lat, 7)] for lng, lat in [*ring, ring[0]]]
            street, place, number = 1 + row // 5, 1 + column // 6, 1 + row % 5 * 6 + column % 6
            code = f"{DISTRICT}{street:03d}{place:03d}{number:03d}"
            features.append(_feature(code, f"第{number}网格", {"type": "Polygon", "coordinates": [ring]}))
    return {"type": "FeatureCollection", "features": features}


def _shift(chance: random.Random, is_inner: bool) -> float:
    return chance.uniform(-0.2, 0.2) if is_inner else 0.0


def _feature(code: str, name: str, geometry: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry}


def main() -> None:
    """Load, redraw, list, paint, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="use the district that an earlier run loaded")
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    is_there = dataset.use_own_database(wanted.keep, "liren_bench_map")
    rows: list[tuple[str, float]] = []
    if not is_there:
        call_command("migrate", interactive=False, verbosity=0)
        rows += _loaded()
    rows += _redrawn()
    rows += _listed(wanted.rounds)
    rows += _painted(wanted.rounds)
    print(f"{COLUMNS * ROWS:,} grids of {4 * (INNER + 1)} vertices, {wanted.rounds} rounds, milliseconds")
    for name, took in rows:
        print(f"{name:52}{took:>10,.0f}")


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    done = act()
    return (time.perf_counter() - began) * 1000, done


def _loaded() -> list[tuple[str, float]]:
    from governance.access.viewer import SYSTEM
    from grid.services import areas_load

    took, _done = _timed(lambda: areas_load(geojson=territory(), actor=SYSTEM, at=timezone.now() - timedelta(days=2)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [("load and judge the whole district", took)]


def _redrawn() -> list[tuple[str, float]]:
    """Move a corner that two neighbours share."""
    from governance.access.viewer import SYSTEM
    from grid.models import Area
    from grid.reshaping import redrawn
    from grid.services import areas_redraw

    one = Area.objects.get(code=f"{DISTRICT}005005008")
    outline = shape(one.geometry)
    wider = outline.union(outline.centroid.buffer(CELL * 0.62))
    beside = [
        area for area in Area.objects.filter(code__startswith=one.code[:12], level="grid") if area.code != one.code
    ]
    near = {area.code: shape(area.geometry) for area in beside if shape(area.geometry).intersects(wider)}
    outlines = redrawn(one.code, wider, {one.code: outline, **near}).outlines
    versions = dict(Area.objects.filter(code__in=outlines).values_list("code", "version"))
    act = lambda: areas_redraw(outlines=outlines, versions=versions, reason="bench", actor=SYSTEM, at=timezone.now())
    return [(f"redraw {len(outlines)} grids, checked and written", _timed(act)[0])]


def _listed(rounds: int) -> list[tuple[str, float]]:
    from governance.access.models import Grant, Role, User

    now = timezone.now()
    user, _new = User.objects.get_or_create(email="bench@example.com", defaults={"display_name": "Bench"})
    role = Role.objects.get(key="supervisor")
    if not Grant.objects.filter(user=user).exists():
        Grant.objects.create(user=user, role=role, area_code=DISTRICT, starts_at=now, created_at=now, reason="bench")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    found = []
    for name, address in (
        ("uncovered grids, first page", "/staff/posts/?show=uncovered"),
        ("posts, first page", "/staff/posts/"),
    ):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200, address
        count = len(captured.captured_queries)
        best = min(_timed(lambda address=address: client.get(address))[0] for _round in range(rounds))
        found.append((f"{name} ({count} SQL)", best))
    return found


def _painted(rounds: int) -> list[tuple[str, float]]:
    from playwright.sync_api import sync_playwright

    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    address = f"http://127.0.0.1:{server.port}/my-grid/"
    client = Client(HTTP_HOST="127.0.0.1")
    made, answer = _timed(lambda: client.get("/map/areas.geojson?level=grid"))
    body = answer.content
    best = {"paint": 9e9, "floor": 9e9}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for _round in range(rounds):
            for kind in best:
                page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
                if kind == "floor":
                    page.route("**/areas.geojson*", lambda route: route.fulfill(json={"features": []}))
                page.goto(address, wait_until="commit")
                page.wait_for_selector("body")
                best[kind] = min(best[kind], page.evaluate(SETTLED, COLUMNS * ROWS if kind == "paint" else 0))
                page.close()
        browser.close()
    server.terminate()
    return [
        ("outlines made for the first time", made),
        ("outlines, KiB as JSON", len(body) / 1024),
        ("outlines, KiB compressed", len(gzip.compress(body)) / 1024),
        ("map painted", best["paint"]),
        ("  floor: the page without outlines", best["floor"]),
    ]


if __name__ == "__main__":
    main()
