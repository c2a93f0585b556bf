"""A batch of 2,000 orders of the hotline, 30 of them broken and 50 known: from the Excel file to the last commit.

    .venv/bin/python bench/batch.py [--orders 2000]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own, `liren_bench`, seeded with
the demo district. The orders are made from a fixed seed. Target: 60 seconds for reading, checking and filing.
"""

import argparse
import io
import logging
import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.utils import timezone

from bench import dataset
from governance.files.tables import table_xlsx

SEED, BROKEN, KNOWN, TARGET = 20261127, 30, 50, 60.0
TITLES = [
    "工单编号",
    "主要内容",
    "工单类型",
    "三级分类",
    "处理社区",
    "发生地址",
    "来电人",
    "联系方式",
    "派单时间",
    "截止时间",
]


def order(rng: random.Random, number: int, at) -> list[str]:
    """One order: words, an address that is known two times in three, a promise."""
    estate = rng.choice(["槐安里", "柳塘新村", "望江苑", "没有登记的小区"])
    sent = at - timedelta(minutes=rng.randrange(600))
    return [
        f"BJ{number:010d}",
        f"来电人反映{estate}{rng.randrange(1, 20)}号楼门前的路灯不亮，已经{rng.randrange(2, 30)}天，希望尽快修理。",
        rng.choice(["求助", "投诉", "咨询", "建议"]),
        rng.choice(["路灯", "占道经营", "施工噪声", "小区停车", "没见过的事"]),
        rng.choice(["槐安社区", "青禾社区", "望潮社区", ""]),
        f"{estate}{rng.randrange(1, 20)}号楼",
        "周梅",
        f"161{rng.randrange(10**8):08d}",
        timezone.localtime(sent).strftime("%Y-%m-%d %H:%M:%S"),
        timezone.localtime(sent + timedelta(days=5)).strftime("%Y-%m-%d %H:%M:%S"),
    ]


def main() -> None:
    """Seed, hand in what is known before, then measure the batch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=2000)
    count = parser.parse_args().orders
    logging.disable(logging.WARNING)
    dataset.use_own_database(keep=False)
    dataset.build(0)
    from demo.management.commands.load_pingshan import importer
    from governance.jobs.services import job_run
    from requests_intake.models import BatchRow, UpstreamOrder, UpstreamSource
    from requests_intake.services.upstream import batch_receive, batch_run

    rng, at = random.Random(SEED), timezone.now()
    source = UpstreamSource.objects.get(key="city-12345")
    source.columns |= {"category": "三级分类"}
    source.save()
    actor = importer(source.area_code)
    rows = [order(rng, number, at) for number in range(count)]
    for row in rows[:BROKEN]:
        row[1] = ""

    def take(what):
        start = time.perf_counter()
        upload = io.BytesIO(table_xlsx(TITLES, what))
        written = time.perf_counter()
        batch = batch_receive(
            source=source, upload=upload, file_name="bench.xlsx", key=uuid4(), actor=actor, at=timezone.now()
        )
        checked = time.perf_counter()
        job = job_run(job_id=batch_run(batch=batch, actor=actor, at=timezone.now()).pk, clock=timezone.now)
        filed = time.perf_counter()
        if job is None or job.state != "done":
            raise SystemExit("the job did not end well")
        return batch, written - start, checked - written, filed - checked

    take(rows[BROKEN : BROKEN + KNOWN])
    batch, _written, checked, filed = take(rows)
    states = dict.fromkeys(["filed", "broken", "repeated", "changed", "good"], 0)
    for state in BatchRow.objects.filter(batch=batch).values_list("state", flat=True):
        states[state] += 1
    if states["filed"] != count - BROKEN - KNOWN or UpstreamOrder.objects.count() != count - BROKEN:
        raise SystemExit(f"not what was handed in: {states}")
    print(f"seed {SEED}: {count:,} orders -> {states}")
    print(f"{'read and checked':<20}{checked:>8.1f} s\n{'filed':<20}{filed:>8.1f} s")
    print(
        f"{'together':<20}{checked + filed:>8.1f} s   target {TARGET:.0f} s   {count / (checked + filed):,.0f} a second"
    )


if __name__ == "__main__":
    main()
