"""The staff lists and their search with many requests behind them: what a page costs, in time and in buffers.

    .venv/bin/python bench/lists.py [--requests 1000000] [--open 30000] [--rounds 5] [--keep]

Works in a database of its own for each size (`liren_bench_<requests>`) and writes `var/bench-lists-<requests>.json`;
where the figures of another size lie there, too, it prints the ratios. Milliseconds are CPU of this process and of its
database process, the least of the rounds, whole page through the whole middleware: what else the machine does hardly
shows. `sql` (wall) and `buffers` are the sums of EXPLAIN ANALYZE over the page's SELECTs.
"""

import argparse
import json
import logging
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import dataset

INNER = 10
PAGE = 50
DEEP = 1_000


def explained(path: str, client: Client) -> tuple[int, float, int]:
    """(SELECTs, milliseconds, buffers touched) of one page, by EXPLAIN ANALYZE of what it asks."""
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    selects = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    spent, buffers = 0.0, 0
    with connection.cursor() as cursor:
        for sql in selects:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"), [])
            plan = cursor.fetchone()[0][0]
            spent += plan["Execution Time"]
            buffers += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return len(selects), spent, buffers


def cpu(pid: int) -> float:
    """Seconds of CPU of this process and of the database process that serves it (same machine)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(paths: dict[str, tuple[Client, str]], rounds: int) -> dict[str, float]:
    """Least milliseconds of CPU of each page over interleaved rounds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    least = dict.fromkeys(paths, float("inf"))
    for _ in range(rounds):
        for name, (client, path) in paths.items():
            start = cpu(pid)
            for _ in range(INNER):
                if client.get(path).status_code != 200:
                    raise SystemExit(f"{path} failed")
            least[name] = min(least[name], (cpu(pid) - start) / INNER * 1000)
    return least


def deep_cursor() -> str:
    """Cursor of page 1,000 of the list of all requests."""
    from governance.web.keyset import KeysetPage
    from requests_intake.models import ServiceRequest

    newest = ServiceRequest.objects.order_by("-submitted_at", "-id")
    page = KeysetPage(ServiceRequest.objects.all(), order=("-submitted_at", "-id"), size=PAGE)
    return page._write(newest[PAGE * DEEP - PAGE - 1], back=False)


def signed_in(role: str) -> Client:
    """A browser of the holder of a role in the widest area there is."""
    from governance.access.models import Grant

    grants = Grant.objects.filter(role__key=role, organisation=None).select_related("user").order_by("area_code", "pk")
    client = Client()
    client.force_login(grants[0].user)
    return client


def pages() -> dict[str, tuple[Client, str]]:
    """What is measured: who looks at what."""
    from requests_intake.models import ServiceRequest

    wide, narrow = signed_in("district_viewer"), signed_in("grid_worker")
    tail = ServiceRequest.objects.order_by("pk")[777].number_tail
    base = "/staff/requests/?view="
    return {
        "queue of 50, open": (wide, base + "open"),
        "all, page 1": (wide, base + "all"),
        "all, page 1,000": (wide, f"{base}all&cursor={deep_cursor()}"),
        "word, 1 in 8": (wide, base + "all&q=不亮"),
        "word, 1 in 20": (wide, base + "all&q=沙坑"),
        "word, 1 in 1,000": (wide, base + "all&q=铁塔"),
        "word, not there": (wide, base + "all&q=恐龙"),
        "two words": (wide, base + "all&q=沙坑 不亮"),
        "common word, open only": (wide, base + "open&q=不亮"),
        "common word, one grid": (narrow, base + "all&q=不亮"),
        "number tail, key": (wide, f"{base}all&q=号码:{tail}"),
        "number tail, bare": (wide, f"{base}all&q={tail}"),
        "overdue, one community": (wide, base + "all&q=状态:超期 类型:求助"),
        "detail": (
            wide,
            f"/staff/requests/{ServiceRequest.objects.filter(state='in_progress').order_by('pk')[0].number}/",
        ),
    }


def main() -> None:
    """Build, measure, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    start = time.perf_counter()
    if not dataset.use_own_database(options.keep, name=f"{dataset.NAME}_{options.requests}"):
        dataset.build(options.requests, open_count=options.open)
        print(f"{options.requests:,} requests, {options.open:,} open, in {time.perf_counter() - start:.0f} s")
    wanted = pages()
    for client, path in wanted.values():
        client.get(path)
    least = timed(wanted, options.rounds)
    figures = {}
    for name, (client, path) in wanted.items():
        count, spent, buffers = explained(path, client)
        figures[name] = {"ms": least[name], "sql_ms": spent, "buffers": buffers, "selects": count}
    folder = Path(settings.VAR_DIR)
    (folder / f"bench-lists-{options.requests}.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    report(figures, options.requests, folder)


def report(figures: dict[str, dict[str, float]], count: int, folder: Path) -> None:
    """Print the figures, beside those of the other size."""
    others = [path for path in sorted(folder.glob("bench-lists-*.json")) if not path.stem.endswith(f"-{count}")]
    other = json.loads(others[0].read_text(encoding="utf-8")) if others else {}
    print(f"{count:,} requests" + (f", against {others[0].stem.rpartition('-')[2]}" if others else ""))
    for name, one in figures.items():
        line = f"{name:26} {one['ms']:7.1f} ms  sql {one['sql_ms']:7.1f} ms  {one['buffers']:7.0f} buffers"
        if name in other:
            ms, buffers = one["ms"] / other[name]["ms"], one["buffers"] / max(other[name]["buffers"], 1)
            line += f"   {ms:.2f}x ms  {buffers:.2f}x buffers"
        print(line + f"  {one['selects']:.0f} SELECTs")
    first, deep = figures["all, page 1"], figures["all, page 1,000"]
    print(f"page 1,000 / page 1: {deep['ms'] / first['ms']:.2f}x ms, {deep['buffers'] / first['buffers']:.2f}x buffers")


if __name__ == "__main__":
    main()
