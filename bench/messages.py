"""Real messages of citizens (LIREN_DATA_DIR/requests_zh) sent through the whole stack: how many a second, against F2.

    .venv/bin/python bench/messages.py [--messages 300] [--requests 100000] [--keep]

Each message is sent by its final POST, then the same statements with fresh unique values by cursor behind the same
middleware. Works in the database of `bench/intake.py`. One process, one after the other: a second's worth on one core.
"""

import argparse
import csv
import logging
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.test import Client

from bench import dataset, floors

SEED = 20261127
LONGEST = 2_000


def messages(count: int) -> list[str]:
    """Texts drawn from the real ones, as people would send them: none empty, none over what the form takes."""
    path = Path(settings.DATA_DIR) / "requests_zh" / "messages.csv"
    if not path.is_file():
        raise SystemExit(f"There is no {path}; set LIREN_DATA_DIR.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["detail"].strip() for row in rows if 10 <= len(row["detail"].strip()) <= LONGEST]
    return random.Random(SEED).sample(texts, count)


def main() -> None:
    """Build, send, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    floors.install()
    if not dataset.use_own_database(options.keep):
        dataset.build(options.requests)
    texts = messages(options.messages)
    client, sent, floor = Client(), 0.0, 0.0
    start = time.perf_counter()
    for text in texts:
        replay = floors.Replay(client, text)
        replay.submit()  # and notes its statements for the floor
        replay.submit()
        sent += replay.seconds
        replay.floor()
        floor += replay.seconds
    characters = sum(map(len, texts)) / len(texts)
    print(
        f"{len(texts)} messages of {characters:.0f} characters on average, {time.perf_counter() - start:.0f} s in all"
    )
    print(f"{'what':<14}{'ms':>9}{'a second':>10}")
    for name, seconds in (("final submit", sent), ("floor F2", floor)):
        print(f"{name:<14}{seconds / len(texts) * 1000:>9.1f}{len(texts) / seconds:>10.0f}")
    print(f"ratio {sent / floor:.2f} (max 2.0)")


if __name__ == "__main__":
    main()
