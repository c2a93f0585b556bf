"""Feed the hotline tickets of Pingshan (2018) as one upstream batch, mapped by demo/data/pingshan.toml.

    manage.py load_pingshan [--limit 8000]

The same services as the page 上级工单: the table is checked, filed by the job's steps, and a second run files nothing.
Records of the past: their dates stay, nobody is told, no clock calls. The tickets are read from LIREN_DATA_DIR.
"""

import csv
import io
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo.organisations import DISTRICT_CODE
from governance.access.models import Grant
from governance.access.viewer import Viewer, viewer_for
from governance.jobs.models import State
from governance.jobs.services import job_run
from requests_intake.models import BatchRow, Category, UpstreamBatch, UpstreamOrder, UpstreamSource
from requests_intake.models.upstream import RowState
from requests_intake.permissions import Capability
from requests_intake.selectors.upstream import remark_text
from requests_intake.services.upstream import batch_receive, batch_run
from requests_intake.services.upstream_sources import source_save

MAPPING = Path(__file__).parents[2] / "data" / "pingshan.toml"
KEY = "pingshan-2018"


class Command(BaseCommand):
    """`manage.py load_pingshan`: only where LIREN_DEMO is on, and the tickets are there."""

    help = "Feed the Pingshan tickets of LIREN_DATA_DIR as an upstream batch (needs LIREN_DEMO=1)."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many tickets, in the order of the file."""
        parser.add_argument("--limit", type=int, default=8000)

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        """Receive, file, report."""
        if not settings.LIREN_DEMO:
            raise CommandError("LIREN_DEMO is not set: these tickets are for trying out, never for a real portal.")
        path = Path(settings.DATA_DIR) / "pingshan" / "tickets.csv"
        if not path.is_file():
            raise CommandError(f"There is no {path}; set LIREN_DATA_DIR.")
        actor = importer(DISTRICT_CODE)
        source = self._source(actor)
        start = time.perf_counter()
        batch = batch_receive(
            source=source,
            upload=io.BytesIO(first_rows(path, limit)),
            file_name=f"pingshan-{limit}.csv",
            key=uuid4(),
            actor=actor,
            at=timezone.now(),
            is_history=True,
            most_rows=limit,
        )
        self.stdout.write(f"checked in {time.perf_counter() - start:.1f} s: {self._states(batch)}")
        job = batch_run(batch=batch, actor=actor, at=timezone.now())
        job_run(job_id=job.pk, clock=timezone.now)  # does nothing where a worker was faster
        while job.is_active:
            time.sleep(1)
            job.refresh_from_db()
            self.stdout.write(f"{job.done:>6} of {job.total or 0}, {time.perf_counter() - start:5.1f} s")
        job.refresh_from_db()
        if job.state != State.DONE:
            raise CommandError(f"The job did not end well: {job.error}")
        self.stdout.write(f"filed in {time.perf_counter() - start:.1f} s: {self._states(batch)}")
        self._report(batch, source)

    def _source(self, actor: Viewer) -> UpstreamSource:
        mapping = tomllib.loads(MAPPING.read_text(encoding="utf-8"))
        columns = mapping.pop("columns")
        return source_save(
            source=UpstreamSource.objects.filter(key=KEY).first(),
            key=KEY,
            name="坪山 2018 工单（试用）",
            name_en="Pingshan tickets of 2018 (trial)",
            area_code=DISTRICT_CODE,
            columns=columns,
            values=mapping,
            actor=actor,
            at=timezone.now(),
        )

    def _states(self, batch: UpstreamBatch) -> str:
        counts = Counter(BatchRow.objects.filter(batch=batch).values_list("state", flat=True))
        return ", ".join(f"{count} {state}" for state, count in counts.most_common())

    def _report(self, batch: UpstreamBatch, source: UpstreamSource) -> None:
        orders = UpstreamOrder.objects.filter(source=source)
        by_category = Counter(orders.values_list("request__category__code", flat=True))
        names = dict(Category.objects.values_list("code", "name"))
        self.stdout.write(f"\n{orders.count()} tickets are in; by category:")
        for code, count in by_category.most_common():
            self.stdout.write(f"  {count:>6}  {code or '------'} {names.get(code or '', '未分类')}")
        remarks = Counter(
            remark_text([remark]) for row in batch.rows.exclude(remarks=[]).iterator() for remark in row.remarks
        )
        self.stdout.write(f"\nnot understood, most frequent of {len(remarks)}:")
        for text, count in remarks.most_common(20):
            self.stdout.write(f"  {count:>6}  {text}")
        for row in batch.rows.filter(state=RowState.BROKEN).order_by("line")[:20]:
            self.stdout.write(f"  skipped line {row.line}: {remark_text(row.remarks)}")


def importer(area_code: str) -> Viewer:
    """The first of those who may import orders in this area: somebody must have done it."""
    now = timezone.now()
    for grant in Grant.objects.live(now).filter(area_code=area_code).select_related("user").order_by("pk"):
        viewer = viewer_for(grant.user, now)
        if area_code in viewer.areas(Capability.IMPORT_ORDERS):
            return viewer
    raise CommandError("Nobody may import orders here: run seed_demo first.")


def first_rows(path: Path, limit: int) -> bytes:
    """The titles and the first rows of a table, as bytes of a table."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            if number > limit:
                break
            writer.writerow(row)
    return out.getvalue().encode()
