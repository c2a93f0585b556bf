"""Request intake at 100,000 requests: submit, queue, detail and escalation, each against a floor of the same run.

    .venv/bin/python bench/intake.py [--requests 100000] [--open N] [--rounds 5] [--keep]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own, `liren_bench`. CPU of this
process plus wall time of the database is what a request costs here: both sides run in this process through the whole
middleware. Each figure is the minimum over interleaved rounds; targets are DECISIONS 4.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import dataset, floors

PLAIN = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
INNER = 20


def best(rounds: int, **runs: Callable[[], None]) -> dict[str, float]:
    """Minimum milliseconds of each run over interleaved rounds of `INNER` calls."""
    least = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(INNER):
                run()
            least[name] = min(least[name], (time.perf_counter() - start) / INNER * 1000)
    return least


def statements(run: Callable[[], None]) -> int:
    """SQL statements of one call, without transaction control."""
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum(not query["sql"].startswith(PLAIN) for query in captured.captured_queries)


def signed_in(role: str) -> Client:
    """A browser of a person who holds the role in the whole district or the widest area there is."""
    from governance.access.models import Grant

    client = Client()
    grants = Grant.objects.filter(role__key=role, organisation=None).select_related("user").order_by("area_code", "pk")
    client.force_login(grants[0].user)
    return client


def measure_reads(rounds: int) -> list[tuple[str, int, float, float]]:
    """Queue of 50 and one detail page."""
    from requests_intake.models import ServiceRequest

    client = signed_in("district_viewer")
    number = ServiceRequest.objects.filter(state="in_progress").order_by("pk")[0].number
    pairs = {
        "queue of 50": ("/staff/requests/?view=open", "/bench/queue/"),
        "detail": (f"/staff/requests/{number}/", f"/bench/detail/{number}/"),
    }
    rows = []
    for name, (page, floor) in pairs.items():
        runs = {"page": lambda page=page: get(client, page), "floor": lambda floor=floor: get(client, floor)}
        for run in runs.values():
            run()
        least = best(rounds, **runs)
        rows.append((name, statements(runs["page"]), least["page"], least["floor"]))
    return rows


def get(client: Client, path: str) -> None:
    """Fetch a page; anything but 200 is a fault of the benchmark."""
    response = client.get(path)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")


def measure_submit(rounds: int) -> tuple[str, int, float, float]:
    """The final POST, photos already uploaded (none here), against the same statements by cursor."""
    client = Client()
    replay = floors.Replay(client)
    submit = lambda: replay.submit()
    floor = lambda: replay.floor()
    submit()
    floor()
    replay.submit(counting=True)
    least = {"submit": float("inf"), "floor": float("inf")}
    for _ in range(rounds * 4):
        for name, run in (("submit", submit), ("floor", floor)):
            run()
            least[name] = min(least[name], replay.seconds * 1000)
    return "final submit", replay.statements, least["submit"], least["floor"]


def measure_escalation(due: int) -> tuple[int, float, float]:
    """Seconds until `due` clocks are escalated and their messages committed."""
    from governance.notifications.models import Message
    from governance.outbox import relay
    from requests_intake.models import Clock
    from requests_intake.services.escalation import deadline_sweep

    at = timezone.now()
    floors.make_due(due, at)
    before = Message.objects.count()
    start = time.perf_counter()
    result = deadline_sweep(at=at)
    swept = time.perf_counter() - start
    relay.drain()
    total = time.perf_counter() - start
    messages = Message.objects.count() - before
    if Clock.objects.filter(next_at__lte=at).exists() or result.clocks < due:
        raise SystemExit("the sweep left clocks behind")
    print(f"escalation: {result.clocks:,} clocks, {result.escalations:,} rungs, {messages:,} messages")
    return result.clocks, swept, total


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=None, help="how many of them are open (default: as in an office)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    floors.install()
    start = time.perf_counter()
    if not dataset.use_own_database(options.keep):
        dataset.build(options.requests, options.open)
        print(f"{options.requests:,} requests loaded in {time.perf_counter() - start:.1f} s")
    rows = [measure_submit(options.rounds), *measure_reads(options.rounds)]
    targets = {"final submit": (15, 2.0), "queue of 50": (8, 1.5), "detail": (10, 1.5)}
    print(f"\n{'what':<14}{'SQL':>5}{'max':>5}{'ms':>9}{'floor ms':>10}{'ratio':>7}{'max':>6}")
    for name, count, page, floor in rows:
        most, ratio = targets[name]
        print(f"{name:<14}{count:>5}{most:>5}{page:>9.1f}{floor:>10.1f}{page / floor:>7.2f}{ratio:>6.1f}")
    _, swept, total = measure_escalation(10_000)
    print(f"sweep committed after {swept:.2f} s, messages after {total:.2f} s (target 10 s)")


if __name__ == "__main__":
    main()
