"""A territory changes under many requests: how long their re-coding takes in the background, and pages meanwhile.

    .venv/bin/python bench/territory.py [--requests 100000] [--keep]

Puts all requests of the demo's territory into one grid, splits it in two, and runs the job as a worker would, step by
step. Meanwhile a second connection opens the queue now and then. Works in a database of its own.
"""

import argparse
import logging
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from shapely.geometry import shape

from bench import dataset
from governance.access.models import User
from governance.access.viewer import viewer_for
from governance.impact.services import JOB_KIND
from governance.jobs.models import Job
from governance.jobs.services import job_run
from governance.outbox.relay import drain
from grid.features import AreaDraft
from grid.models import Area
from grid.numbering import next_codes
from grid.reshaping import cut
from grid.services import area_split
from requests_intake.models import ServiceRequest, WorkOrder
from requests_intake.services.rollups import rollups_fold_all, rollups_recount

NAME = "liren_bench_territory"


def split_one(actor, at) -> str:
    """Put every request into one grid, half of them with a point in it, and split that grid in two."""
    area = Area.objects.valid_on(timezone.localdate(at)).filter(level="grid", geometry__isnull=False)[0]
    west, south, east, north = shape(area.geometry).bounds
    inside = shape(area.geometry).representative_point()
    with transaction.atomic():
        ServiceRequest.objects.update(area_code=area.code, lng=None, lat=None, place_kind="none")
        pinned = ServiceRequest.objects.alias(odd=F("pk") % 2).filter(odd=0)
        pinned.update(lng=inside.x, lat=inside.y, place_kind="pin")
        WorkOrder.objects.update(area_code=area.code)
    while rollups_fold_all():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    middle = (west + east) / 2
    pieces = cut(shape(area.geometry), [(middle, south - 0.001), (middle, north + 0.001)])
    codes = next_codes(like=area.code, count=len(pieces))
    parts = [AreaDraft(code, "新网格", polygon=piece) for code, piece in zip(codes, pieces, strict=True)]
    area_split(code=area.code, parts=parts, version=area.version, reason="bench", actor=actor, at=at)
    return area.code


def page_times(stop: threading.Event, times: list[float]) -> None:
    """Open the queue every half second until told to stop."""
    client = Client()
    client.force_login(User.objects.get(email=dataset_login("dispatcher")))
    while not stop.wait(0.5):
        begun = time.perf_counter()
        if client.get("/staff/requests/").status_code != 200:
            raise SystemExit("The queue could not be opened.")
        times.append(time.perf_counter() - begun)
    connection.close()


def dataset_login(role: str) -> str:
    """Address of somebody of the demo with this role."""
    return User.objects.filter(grants__role__key=role, is_active=True).order_by("pk").first().email


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="use the database of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    if not dataset.use_own_database(options.keep, NAME):
        dataset.build(options.requests)
    at = timezone.now()
    actor = viewer_for(User.objects.get(email=dataset_login("administrator")), at)
    old = split_one(actor, at)
    drain()
    stop, times = threading.Event(), []
    reader = threading.Thread(target=page_times, args=(stop, times))
    reader.start()
    begun, cpu = time.perf_counter(), time.process_time()
    job = job_run(job_id=Job.objects.filter(kind=JOB_KIND).latest("pk").pk, clock=timezone.now)
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    stop.set()
    reader.join()
    left = ServiceRequest.objects.filter(area_code=old).count() + WorkOrder.objects.filter(area_code=old).count()
    print(
        f"{job.state} {job.error}: {job.done:,} rows in {took:.1f} s wall ({cpu:.1f} s CPU of this process), {left} left"
    )
    if times:
        print(
            f"queue meanwhile: {len(times)} times, median {sorted(times)[len(times) // 2] * 1000:.0f} ms, "
            f"worst {max(times) * 1000:.0f} ms"
        )
    begun = time.perf_counter()
    rollups_fold_all()
    print(
        f"figures folded in {time.perf_counter() - begun:.1f} s; "
        f"{rollups_recount(at=timezone.now()).differences} differences"
    )


main()
