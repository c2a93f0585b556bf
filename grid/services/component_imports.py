"""The only writers of tables of components: taken, mapped, looked over and written by jobs, forgotten."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.files.checked_tables import Verdict
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.text import clean_text
from grid.component_judging import TWICE, Judged, changes_of, datum_hints, identity_key, judge
from grid.component_tables import ROWS_MAX, SHAPE, packed, rows_of
from grid.models import ComponentImport, ComponentImportPart, EntryKind
from grid.permissions import Capability
from grid.services.components import components_change, components_write, publish_entered

CHECK_KIND, WRITE_KIND = "grid.component_check", "grid.component_import"
COUNTS = ("new", "changed", "same", "refused")
KEPT = timedelta(days=30)
AT_ONCE = 20  # parts that are kept in memory while a file is read


def component_import_take(
    *, upload: IO[bytes] | Any, file_name: str, submission_key: UUID, actor: Viewer, at: datetime
) -> ComponentImport:
    """Keep a table to be looked over; the same key twice is one. Raises `DomainError` on "file", `Forbidden`."""
    _require(actor)
    known = ComponentImport.objects.visible_to(actor).filter(submission_key=submission_key).first()
    if known is not None:
        return known
    head = SHAPE.head_of(upload)
    return ComponentImport.objects.create(
        submission_key=submission_key,
        owner=actor.user,
        file_name=clean_text(file_name, multiline=False)[-120:] or head.format,
        content=packed(upload, head.format),
        format=head.format,
        titles=head.titles,
        samples=head.samples,
        has_merged=head.has_merged,
        created_at=at,
    )


def component_import_map(
    *,
    component_import: ComponentImport,
    seen: int,
    columns: Mapping[str, str],
    datum: str,
    actor: Viewer,
    at: datetime,
) -> Job:
    """Say how the table reads, and start looking it over. Raises `StaleState` where somebody was first, `Forbidden`."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(component_import, seen, actor)
        if locked.parts.filter(is_written=True).exists():
            raise StaleState("import_half_written", _("已经写了一部分，请接着写完；要换列的对应，请另交一次"))
        locked.parts.all().delete()
        locked.columns, locked.datum, locked.hints, locked.checked_at = dict(columns), datum, {}, None
        locked.version += 1
        locked.job = job_start(
            kind=CHECK_KIND, params={"import": locked.pk, "version": locked.version}, actor=actor, at=at
        )
        locked.save(update_fields=["columns", "datum", "hints", "checked_at", "version", "job"])
    return locked.job


def component_import_check(
    *, pk: int, seen: int, number: int | None, limit: int, actor: Viewer, at: datetime
) -> tuple[int, int | None]:
    """A step of looking over: first the file is read into parts, then each is judged. (rows, the next part or None)."""
    found = ComponentImport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk, version=seen).first()
    if found is None or found.written_at is not None:
        return 0, None
    if number is None:
        _split(found, limit)
        return 0, 0
    part = found.parts.filter(number=number).first()
    if part is None:
        found.checked_at = at
        found.save(update_fields=["checked_at"])
        return 0, None
    _judge(part, found.datum, actor, at)
    part.save(update_fields=["problems", *COUNTS])
    for datum, count in datum_hints(part.rows).items():
        found.hints[datum] = found.hints.get(datum, 0) + count
    found.save(update_fields=["hints"])
    return len(part.rows), number + 1


def component_import_start(*, component_import: ComponentImport, seen: int, actor: Viewer, at: datetime) -> Job:
    """Start writing what can be written. Raises `StaleState`, `DomainError` before it was looked over, `Forbidden`."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(component_import, seen, actor)
        if locked.checked_at is None:
            raise DomainError("not_checked", _("还没有检查完"))
        params = {"import": locked.pk, "version": seen}
        locked.job = job_start(kind=WRITE_KIND, params=params, actor=actor, at=at)
        locked.save(update_fields=["job"])
    return locked.job


def component_import_write(*, pk: int, seen: int, number: int, actor: Viewer, at: datetime) -> tuple[int, int | None]:
    """Write one part, judged anew: (rows, the next part or None). A part that was written is passed over."""
    _require(actor)
    found = ComponentImport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk, version=seen).first()
    if found is None:
        return 0, None
    part = found.parts.filter(number=number).first()
    if part is None:
        found.written_at, found.content = at, b""
        found.save(update_fields=["written_at", "content"])
        return 0, None
    if not part.is_written:
        rows = _judge(part, found.datum, actor, at)
        _write_all(found, part, [row for row in rows if not row.problems], actor, at)
        part.is_written = True
        part.save(update_fields=["problems", "is_written", *COUNTS])
    return len(part.rows), number + 1


def component_import_drop(*, component_import: ComponentImport, actor: Viewer) -> None:
    """Forget a table; components that were written stay."""
    _require(actor)
    ComponentImport.objects.visible_to(actor).filter(pk=component_import.pk).delete()


def component_imports_expire(*, at: datetime) -> int:
    """Forget tables that were handed in a month ago; components that were written stay."""
    return ComponentImport.objects.filter(created_at__lt=at - KEPT).delete()[0]


def counts_of(component_import: ComponentImport) -> dict[str, int]:
    """How many rows are new, changed, the same, refused. 1 SQL."""
    found = component_import.parts.aggregate(**{name: Sum(name) for name in COUNTS})
    return {name: found[name] or 0 for name in COUNTS}


def rows_total(pk: int) -> int:
    """How many rows of a table were looked over. 1 SQL."""
    found = ComponentImportPart.objects.filter(component_import=pk).aggregate(**{name: Sum(name) for name in COUNTS})
    return sum(count or 0 for count in found.values())


def _split(found: ComponentImport, limit: int) -> None:
    """Read the file into parts of so many rows; a number that stands twice is a fault of the later row."""
    found.parts.all().delete()
    seen: dict[str, int] = {}
    total, number = 0, 0
    parts: list[ComponentImportPart] = []
    lines = rows_of(found)
    while rows := list(islice(lines, limit)):
        total += len(rows)
        if total > ROWS_MAX:
            message = _("行数太多：一次最多 %(most)s 行，请拆成几个文件再传")
            raise DomainError("table_too_long", str(message) % {"most": f"{ROWS_MAX:,}"}, field="file")
        for line, values, faults in rows:
            key = identity_key(values)
            if key and key in seen:
                faults["identity"] = f"{TWICE}:{seen[key]}"
            elif key:
                seen[key] = line
        parts.append(ComponentImportPart(component_import=found, number=number, rows=rows))
        number += 1
        if len(parts) == AT_ONCE:
            ComponentImportPart.objects.bulk_create(parts)
            parts = []
    ComponentImportPart.objects.bulk_create(parts)


def _judge(part: ComponentImportPart, datum: str, actor: Viewer, at: datetime) -> list[Judged]:
    rows = judge(part.rows, datum=datum, actor=actor, at=at)
    part.problems = [[row.line, row.problems] for row in rows if row.problems]
    good = [row for row in rows if not row.problems]
    part.new = sum(row.verdict is Verdict.NEW for row in good)
    part.changed = sum(row.verdict is Verdict.CHANGED for row in good)
    part.same = sum(row.verdict is Verdict.SAME for row in good)
    part.refused = len(rows) - len(good)
    return rows


def _write_all(
    found: ComponentImport, part: ComponentImportPart, rows: Sequence[Judged], actor: Viewer, at: datetime
) -> None:
    """All at once; where the services refuse one, one after the other, so that it alone stays behind."""
    try:
        with constraint_errors(), transaction.atomic():
            _write(found, rows, actor, at)
    except DomainError:
        for row in rows:
            try:
                with constraint_errors(), transaction.atomic():
                    _write(found, [row], actor, at)
            except DomainError as error:
                part.problems.append([row.line, [[error.field or "code", "refused", str(error)]]])
                part.refused += 1
                setattr(part, row.verdict.value, getattr(part, row.verdict.value) - 1)


def _write(found: ComponentImport, rows: Sequence[Judged], actor: Viewer, at: datetime) -> None:
    new = [row for row in rows if row.verdict is Verdict.NEW and row.draft is not None]
    if new:
        made = components_write(
            drafts=[row.draft for row in new if row.draft is not None],
            keys=[uuid5(found.public_id, str(row.line)) for row in new],
            kind=EntryKind.IMPORTED,
            text=found.file_name,
            actor=actor,
            at=at,
        )
        publish_entered(made, actor=actor, at=at)
    changes = [
        (row.known, changes_of(row.known, row.draft, row.values))
        for row in rows
        if row.verdict is Verdict.CHANGED and row.known is not None and row.draft is not None
    ]
    if changes:
        components_change(changes=changes, text=found.file_name, actor=actor, at=at)


def _lock(component_import: ComponentImport, seen: int, actor: Viewer) -> ComponentImport:
    rows = ComponentImport.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: ComponentImport | None = rows.select_related("job").filter(pk=component_import.pk).first()
    if locked is None or locked.written_at is not None:
        raise StaleState("import_done", _("这个文件已经写入或丢掉了"))
    if locked.job is not None and locked.job.is_active:
        raise StaleState("import_running", _("后台正在做这个文件，请等它做完，或者先取消"))
    if locked.version != seen:
        raise StaleState("import_changed", _("列的对应刚刚改过，请看过现在的结果再写入"))
    return locked


def _require(actor: Viewer) -> None:
    if actor.user is None or not actor.can(Capability.EDIT_COMPONENT):
        raise Forbidden("forbidden", _("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))
