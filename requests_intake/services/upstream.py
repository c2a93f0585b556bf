"""Batches of the upstream hotline: received and checked at once, filed in steps by a job, forgotten after a while."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.files.tables import TableRow, table_read
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.outbox.services import publish
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import BatchRow, UpstreamBatch, UpstreamOrder, UpstreamSource
from requests_intake.models.upstream import RowState
from requests_intake.permissions import Capability
from requests_intake.services.submission_data import Submission, Submitted
from requests_intake.services.submission_many import requests_submit_many
from requests_intake.upstream.fields import INCOMING, titles_of
from requests_intake.upstream.placing import Placer
from requests_intake.upstream.reading import Read, Reader, header_of

MOST_ROWS = 5_000
ROWS_KEPT = timedelta(days=30)
RUN, RESULTS = "requests_intake.upstream_run", "requests_intake.upstream_results"
_STEP = 500


def batch_receive(
    *,
    source: UpstreamSource,
    upload: IO[bytes] | Any,
    file_name: str,
    key: UUID,
    actor: Viewer,
    at: datetime,
    is_history: bool = False,
    most_rows: int = MOST_ROWS,
) -> UpstreamBatch:
    """Read a table and say of each row whether it can be filed; files nothing yet. The same `key` gives the same batch.

    A table of 2,000 rows takes about two seconds. Raises `DomainError` on "file" for what is no table, has no such
    columns or too many rows, `Forbidden` outside the actor's areas.
    """
    require(actor, Capability.IMPORT_ORDERS, source)
    if (known := UpstreamBatch.objects.filter(submission_key=key).first()) is not None:
        return known
    table = table_read(upload, most_rows=most_rows + 10)
    index, titles = header_of(table.rows, source.columns)
    rows = table.rows[index + 1 :]
    if not rows:
        raise DomainError("table_empty", _("列名下面没有内容"), field="file")
    with constraint_errors(), transaction.atomic():
        batch = UpstreamBatch.objects.create(
            submission_key=key,
            source=source,
            area_code=source.area_code,
            file_name=file_name[-120:],
            format=table.format,
            titles=titles,
            has_merged=table.has_merged,
            is_history=is_history,
            received_at=at,
            received_by=actor.user,
        )
        BatchRow.objects.bulk_create(_checked_rows(batch, rows), batch_size=_STEP)
        publish(
            events.BATCH_RECEIVED,
            subject=ref_of(batch),
            actor=actor,
            area_code=batch.area_code,
            payload={"source": source.key, "rows": len(rows)},
            at=at,
        )
    return batch


def batch_recheck(*, batch: UpstreamBatch, actor: Viewer) -> Counter[str]:
    """Read the rows that are not filed anew, because the mapping was changed; return how many are in which state."""
    require(actor, Capability.IMPORT_ORDERS, batch)
    with transaction.atomic():
        _lock_source(batch)
        rows = list(batch.rows.exclude(state=RowState.FILED).order_by("line"))
        tables = [TableRow(row.line, row.cells, {int(at): fault for at, fault in row.faults.items()}) for row in rows]
        for row, fresh in zip(rows, _checked_rows(batch, tables), strict=True):
            row.state, row.remarks, row.order = fresh.state, fresh.remarks, fresh.order
        BatchRow.objects.bulk_update(rows, ["state", "remarks", "order"], batch_size=_STEP)
    return Counter(row.state for row in rows)


def batch_run(*, batch: UpstreamBatch, actor: Viewer, at: datetime) -> Job:
    """Start filing the good rows; raises `StaleState` while that is already going on."""
    require(actor, Capability.IMPORT_ORDERS, batch)
    with transaction.atomic():
        locked = (
            UpstreamBatch.objects.select_for_update(of=("self",), no_key=True).select_related("job").get(pk=batch.pk)
        )
        if locked.job is not None and locked.job.is_active:
            raise StaleState("batch_running", _("这一批正在导入"))
        locked.job = job_start(kind=RUN, params={"batch": locked.pk}, actor=actor, at=at)
        locked.save(update_fields=["job"])
    return locked.job


def batch_step(*, batch: UpstreamBatch, after: int, limit: int, actor: Viewer, at: datetime) -> list[int]:
    """File at most `limit` good rows below line `after`; return the lines dealt with. In the caller's transaction.

    One batch of a source at a time: what another has filed meanwhile is found to be known, and nothing is filed twice.
    """
    require(actor, Capability.IMPORT_ORDERS, batch)
    _lock_source(batch)
    rows = list(batch.rows.filter(state=RowState.GOOD, line__gt=after).order_by("line")[:limit])
    if not rows:
        return []
    reader = Reader(batch.source, batch.titles)
    known = _known(batch.source_id, [reader.number_of(row.cells) for row in rows])
    fresh: list[tuple[BatchRow, Read]] = []
    for row in rows:
        read = reader.read(row.cells, {})
        if (order := known.get(read.upstream_no)) is not None:
            _compare(row, read, order, batch.source)
        else:
            fresh.append((row, read))
    _file(batch, fresh, actor, at)
    BatchRow.objects.bulk_update(rows, ["state", "remarks", "order"], batch_size=_STEP)
    return [row.line for row in rows]


def batches_forget(*, at: datetime) -> int:
    """Delete the rows of batches that came in more than thirty days ago; the orders stay. Returns how many batches."""
    old = list(UpstreamBatch.objects.filter(received_at__lt=at - ROWS_KEPT, rows_forgotten_at=None).order_by("pk")[:50])
    for batch in old:
        with transaction.atomic():
            batch.rows.all().delete()
            batch.rows_forgotten_at = at
            batch.save(update_fields=["rows_forgotten_at"])
    return len(old)


def _lock_source(batch: UpstreamBatch) -> None:
    UpstreamSource.objects.select_for_update(no_key=True).get(pk=batch.source_id)


def _known(source_id: int, numbers: Iterable[str]) -> dict[str, UpstreamOrder]:
    found = UpstreamOrder.objects.filter(source_id=source_id, upstream_no__in=list(numbers))
    return {order.upstream_no: order for order in found}


def _checked_rows(batch: UpstreamBatch, rows: Sequence[TableRow]) -> list[BatchRow]:
    reader = Reader(batch.source, batch.titles)
    reads = [reader.read(row.cells, row.faults) for row in rows]
    known = _known(batch.source_id, [read.upstream_no for read in reads])
    first: dict[str, Read] = {}
    checked = []
    for row, read in zip(rows, reads, strict=True):
        one = BatchRow(
            batch=batch,
            line=row.line,
            cells=row.cells,
            faults={str(at): fault for at, fault in row.faults.items()},
            state=RowState.GOOD,
            remarks=read.problems + read.notes,
        )
        if read.problems:
            one.state = RowState.BROKEN
        elif (order := known.get(read.upstream_no)) is not None:
            _compare(one, read, order, batch.source)
        elif (earlier := first.setdefault(read.upstream_no, read)) is not read:
            _same(one, differences(batch.source, earlier.received, read.received))
        checked.append(one)
    return checked


def _compare(row: BatchRow, read: Read, order: UpstreamOrder, source: UpstreamSource) -> None:
    row.order = order
    # what came by the interface has no row to compare with
    _same(row, differences(source, order.received, read.received) if order.batch_id is not None else [])


def _same(row: BatchRow, changed: list[str]) -> None:
    row.state = RowState.CHANGED if changed else RowState.REPEATED
    row.remarks = [("changed", title, "") for title in changed]


def differences(source: UpstreamSource, first: Mapping[str, str], again: Mapping[str, str]) -> list[str]:
    """Return the titles of the mapped columns whose text is another now."""
    titles = [title for name in INCOMING for title in titles_of(source.columns, name)]
    return [title for title in dict.fromkeys(titles) if first.get(title, "") != again.get(title, "")]


def _file(batch: UpstreamBatch, fresh: list[tuple[BatchRow, Read]], actor: Viewer, at: datetime) -> None:
    """File the new ones, each number once; what the rules of a submission refuse becomes a broken row."""
    place = Placer(batch.source.area_code)
    submissions = [_submission(batch, read, place) for _row, read in fresh]
    outcomes = requests_submit_many(submissions=submissions, actor=actor, at=at)
    orders: dict[int, UpstreamOrder] = {}
    for (row, read), outcome in zip(fresh, outcomes, strict=True):
        if isinstance(outcome, Submitted) and not outcome.is_repeat:
            orders[row.line] = _order(batch, read, outcome)
            row.state = RowState.FILED
        elif isinstance(outcome, Submitted):
            row.state = RowState.REPEATED
        else:
            row.state, row.remarks = RowState.BROKEN, [("refused", "", str(outcome)[:200])]
    UpstreamOrder.objects.bulk_create(orders.values(), batch_size=_STEP)
    for row, _read in fresh:
        row.order = orders.get(row.line)


def _order(batch: UpstreamBatch, read: Read, filed: Submitted) -> UpstreamOrder:
    return UpstreamOrder(
        request=filed.request,
        source=batch.source,
        batch=batch,
        upstream_no=read.upstream_no,
        case_no=read.values["case_no"],
        channel=read.values["channel"],
        called_at=read.values["called_at"],
        dispatched_at=read.values["dispatched_at"],
        due_at=read.values["due_at"],
        received=read.received,
    )


def _key(source_id: int, upstream_no: str) -> str:
    """The key under which an order is filed once, whatever happens between its request and its own row."""
    return f"up{source_id}:{sha256(upstream_no.encode()).hexdigest()[:48]}"


def _submission(batch: UpstreamBatch, read: Read, place: Placer) -> Submission:
    told = read.values
    past = told["called_at"] or told["dispatched_at"]
    return Submission(
        kind=told["kind"],
        body=told["body"],
        title=told["title"],
        submission_key=_key(batch.source_id, read.upstream_no),
        category_id=told["category_id"],
        organisation_id=told["organisation"],
        name=told["name"],
        phone=told["phone"],
        channel="hotline",
        urgent_remark=told["urgent"],
        promised_at=told["due_at"],
        received_at=past if batch.is_history else None,
        **place.of(told),
    )
