"""The only writers of tables of the registry: taken, mapped, looked over, written and taken back by jobs, forgotten."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.checked_tables import StoredRow
from governance.files.tables import XLSX
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.outbox.services import publish
from governance.text import clean_text
from population import events
from population.import_people import (
    LEFT_OUT,
    SOMEBODY_NEW,
    Outcome,
    PersonRow,
    judge,
    key_in_file,
    read_rows,
    same_place,
)
from population.import_places import PLACE_FAULTS, building_book
from population.import_tables import ROWS_MAX, SHAPES, signature
from population.models.imports import (
    KEPT,
    ImportMapping,
    RegistryImport,
    RegistryImportPart,
    RegistryImportPiece,
)
from population.permissions import Capability
from population.services.import_people import rows_write
from population.services.import_undoing import batch_undo

CHECK_KIND, WRITE_KIND, UNDO_KIND = "population.import_check", "population.import_write", "population.import_undo"
COUNTS = ("new", "changed", "same", "asked", "refused")
PIECE = 4 << 20
PARTS_AT_ONCE = 10  # that one step reads from a file
LONGER = 80  # rows that a part may be longer, so that a household is not cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a table is to be read, and what is done where the registry says something else."""

    columns: Mapping[str, str]
    rule: str
    kind_default: str = ""
    takes_from_number: bool = False
    makes_dwellings: bool = False


def import_take(
    *, kind: str, upload: IO[bytes] | Any, file_name: str, submission_key: UUID, actor: Viewer, at: datetime
) -> RegistryImport:
    """Keep a table, encrypted, to be looked over. The same key twice is one. Raises `DomainError` on "file"."""
    _require(actor)
    if kind not in SHAPES:
        raise DomainError("kind_unknown", _("请选表里是什么"), field="kind")
    known = RegistryImport.objects.visible_to(actor).filter(submission_key=submission_key).first()
    if known is not None:
        return known
    head = SHAPES[kind].head_of(upload)
    with transaction.atomic():
        found = RegistryImport.objects.create(
            submission_key=submission_key,
            owner=actor.user,
            kind=kind,
            file_name=clean_text(file_name, multiline=False)[-120:] or head.format,
            format=head.format,
            titles=head.titles,
            samples=head.samples,
            has_merged=head.has_merged,
            created_at=at,
        )
        for number, data in enumerate(_pieces(upload, head.format)):
            RegistryImportPiece.objects.create(registry_import=found, number=number, data=data)
    return found


def remembered(*, kind: str, titles: Sequence[str], actor: Viewer) -> dict[str, str]:
    """How the actor's office read such a table the last time: column -> title; {} if it never did. 1 SQL."""
    rows = ImportMapping.objects.filter(kind=kind, signature=signature(titles), **_keeper(actor))
    columns: dict[str, str] = rows.order_by("-used_at").values_list("columns", flat=True).first() or {}
    return columns


def import_map(*, registry_import: RegistryImport, seen: int, reading: Reading, actor: Viewer, at: datetime) -> Job:
    """Say how the table reads, and start looking it over. Raises `StaleState` where somebody was first, `Forbidden`."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(registry_import, seen, actor)
        if locked.written_at is not None or locked.parts.filter(is_written=True).exists():
            raise StaleState("import_half_written", _("已经写了一部分，请接着写完；要换列的对应，请另交一次"))
        locked.parts.all().delete()
        locked.columns, locked.rule = dict(reading.columns), reading.rule
        locked.kind_default, locked.takes_from_number = reading.kind_default, reading.takes_from_number
        locked.makes_dwellings, locked.checked_at = reading.makes_dwellings, None
        locked.version += 1
        locked.job = _start(CHECK_KIND, locked, actor, at)
        locked.save()
        ImportMapping.objects.update_or_create(
            kind=locked.kind,
            signature=signature(locked.titles),
            **_keeper(actor),
            defaults={"columns": locked.columns, "used_at": at},
        )
    return locked.job


def import_check(
    *, pk: int, seen: int, cursor: list[Any] | None, limit: int, actor: Viewer, at: datetime
) -> tuple[int, list[Any] | None]:
    """A step of looking over: first the file is read into parts, then each is judged. (rows, where to go on or None).

    The cursor is ["read", rows read, parts made], then ["judge", the next part].
    """
    found = RegistryImport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk, version=seen).first()
    if found is None or found.written_at is not None:
        return 0, None
    step, done, number = (*cursor, 0)[:3] if cursor else ("read", 0, 0)
    if step == "read":
        return 0, _split(found, done, number, limit)
    part = found.parts.filter(number=done).first()
    if part is None:
        found.checked_at = at
        found.save(update_fields=["checked_at"])
        return 0, None
    rows = _judge(part, found, CHECK_KIND, actor, at)
    _note(part, rows)
    part.save(update_fields=["problems", "asks", *COUNTS])
    return len(part.rows), ["judge", done + 1]


def import_answer(*, registry_import: RegistryImport, line: int, answer: int, actor: Viewer, at: datetime) -> None:
    """Say who a row is: one of those it may be, somebody new (0), or nobody: the row stays out (-1)."""
    _require(actor)
    with transaction.atomic():
        found = RegistryImport.objects.visible_to(actor).filter(pk=registry_import.pk).first()
        rows = RegistryImportPart.objects.select_for_update(of=("self",), no_key=True)
        part = rows.filter(registry_import=found, asks__has_key=str(line)).first() if found is not None else None
        if found is None or part is None or found.undone_at is not None:
            raise StaleState("nothing_asked", _("这一行已经不用决定了"))
        if answer not in (SOMEBODY_NEW, LEFT_OUT) and answer not in part.asks[str(line)]:
            raise DomainError("answer_unknown", _("请选是不是同一个人"), field="answer")
        part.answers[str(line)] = answer
        part.is_written = False
        part.save(update_fields=["answers", "is_written"])


def import_start(*, registry_import: RegistryImport, seen: int, actor: Viewer, at: datetime) -> Job:
    """Start writing what can be written. Raises `StaleState`, `DomainError` before it was looked over, `Forbidden`."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(registry_import, seen, actor)
        if locked.checked_at is None:
            raise DomainError("not_checked", _("还没有检查完"))
        locked.job = _start(WRITE_KIND, locked, actor, at)
        locked.save(update_fields=["job"])
    return locked.job


def import_write(*, pk: int, seen: int, number: int, actor: Viewer, at: datetime) -> tuple[int, int | None]:
    """Write one part, judged anew: (rows, the next part or None). A part that was written is passed over."""
    _require(actor)
    found = RegistryImport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk, version=seen).first()
    if found is None:
        return 0, None
    part = found.parts.filter(number=number).first()
    if part is None:
        found.written_at = at
        found.save(update_fields=["written_at"])
        found.pieces.all().delete()
        counts = counts_of(found)
        told = {"made": counts["new"], "updated": counts["changed"], "refused": counts["refused"]}
        publish(events.REGISTRY_IMPORTED, subject=found, actor=actor, payload={"kind": found.kind, **told}, at=at)
        return 0, None
    if not part.is_written:
        rows = _judge(part, found, WRITE_KIND, actor, at)
        part.written += rows_write([row for row in rows if row.writes], actor=actor, at=at)
        part.is_written = True
        _note(part, rows)
        part.save(update_fields=["problems", "asks", "written", "is_written", *COUNTS])
    return len(part.rows), number + 1


def import_undo_start(*, registry_import: RegistryImport, actor: Viewer, at: datetime) -> Job:
    """Start taking back what was written. Raises `StaleState` once the time is over, or while a job runs."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(registry_import, registry_import.version, actor, written_too=True)
        if locked.undo_until is None or at > locked.undo_until:
            raise StaleState("undo_too_late", _("撤回的期限已经过了，请在登记里一条一条改"))
        locked.job = _start(UNDO_KIND, locked, actor, at)
        locked.save(update_fields=["job"])
    return locked.job


def import_undo(*, pk: int, seen: int, number: int | None, actor: Viewer, at: datetime) -> tuple[int, int | None]:
    """Take back one part, the last first: (rows, the part before or None)."""
    _require(actor)
    found = RegistryImport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk, version=seen).first()
    if found is None or found.undone_at is not None:
        return 0, None
    parts = found.parts.filter(is_undone=False).order_by("-number")
    part = parts.first() if number is None else parts.filter(number__lte=number).first()
    if part is None:
        found.undone_at = at
        found.save(update_fields=["undone_at"])
        left = sum(len(one) for one in found.parts.values_list("left", flat=True))
        publish(
            events.IMPORT_UNDONE, subject=found, actor=actor, payload={"kind": found.kind, "remaining": left}, at=at
        )
        return 0, None
    for note in reversed(part.written):
        part.left |= {str(line): why for line, why in batch_undo(note, actor=actor, at=at).items()}
    part.is_undone = True
    part.save(update_fields=["left", "is_undone"])
    return len(part.rows), part.number


def import_drop(*, registry_import: RegistryImport, actor: Viewer) -> None:
    """Forget a table; what was written stays, and can no longer be taken back at once."""
    _require(actor)
    RegistryImport.objects.visible_to(actor).filter(pk=registry_import.pk).delete()


def imports_expire(*, at: datetime) -> int:
    """Forget tables that were handed in a month ago, and their faulty rows; what was written stays."""
    return RegistryImport.objects.filter(created_at__lt=at - KEPT).delete()[0]


def counts_of(found: RegistryImport) -> dict[str, int]:
    """How many rows are new, changed, the same, to be decided by hand, refused. 1 SQL."""
    sums = found.parts.aggregate(**{name: Sum(name) for name in COUNTS})
    return {name: sums[name] or 0 for name in COUNTS}


def rows_total(pk: int) -> int:
    """How many rows of a table were looked over. 1 SQL."""
    sums = RegistryImportPart.objects.filter(registry_import=pk).aggregate(**{name: Sum(name) for name in COUNTS})
    return sum(count or 0 for count in sums.values())


# --- reading ---


def _pieces(upload: Any, form: str) -> Iterator[bytes]:
    """The file as it is kept: an Excel file is packed already."""
    packer = zlib.compressobj(1) if form != XLSX else None
    upload.seek(0)
    waiting = b""
    while data := upload.read(PIECE):
        waiting += packer.compress(data) if packer else data
        while len(waiting) >= PIECE:
            yield waiting[:PIECE]
            waiting = waiting[PIECE:]
    waiting += packer.flush() if packer else b""
    if waiting:
        yield waiting


def _file(found: RegistryImport) -> BytesIO:
    """The file as it came, in memory: nothing of it touches a disk in the clear."""
    unpacker = zlib.decompressobj() if found.format != XLSX else None
    whole = BytesIO()
    for piece in found.pieces.order_by("number").iterator(chunk_size=1):
        whole.write(unpacker.decompress(piece.data) if unpacker else piece.data)
    return whole


@dataclass(slots=True)
class _Open:
    """A file that is being read, kept between two steps of one job."""

    key: tuple[int, int]
    rows: Iterator[StoredRow]
    done: int = 0
    seen: dict[int, int] = field(default_factory=dict)  # who was met before, and in which line
    ahead: StoredRow | None = None

    def take(self) -> StoredRow | None:
        """The next row; one whose person stands further up in the file says so."""
        row = self.ahead or next(self.rows, None)
        self.ahead = None
        if row is None:
            return None
        self.done += 1
        line, values, faults = row
        key = key_in_file(values)
        first = self.seen.setdefault(key, line) if key else line
        if first != line:
            column = "document_number" if values.get("document_number") else "name"
            faults = {**faults, column: f"twice:{first}"}
        return line, values, faults

    def part(self, limit: int) -> list[StoredRow]:
        """The next rows; a few more where the last ones live behind one door."""
        rows: list[StoredRow] = []
        while len(rows) < limit + LONGER and (row := self.take()) is not None:
            if len(rows) >= limit and not same_place(row[1], rows[-1][1]):
                self.ahead, self.done = row, self.done - 1
                break
            rows.append(row)
        return rows


_open: _Open | None = None


def _opened(found: RegistryImport, done: int) -> _Open:
    """The file at a row: the one this process has open, else opened again and read up to there."""
    global _open
    key = (found.pk, found.version)
    if _open is None or _open.key != key or _open.done != done or done == 0:
        _open = _Open(key, SHAPES[found.kind].rows_of(_file(found), found.columns))
        while _open.done < done and _open.take() is not None:
            pass
    return _open


def _split(found: RegistryImport, done: int, number: int, limit: int) -> list[Any]:
    """Read the next rows of the file into parts; where it ends, go on with judging."""
    global _open
    file = _opened(found, done)
    if done == 0:
        found.parts.all().delete()
    parts: list[RegistryImportPart] = []
    while len(parts) < PARTS_AT_ONCE and (rows := file.part(limit)):
        parts.append(RegistryImportPart(registry_import=found, number=number + len(parts), rows=rows))
    if file.done > ROWS_MAX:
        _open = None
        message = _("行数太多：一次最多 %(most)s 行，请拆成几个文件再传")
        raise DomainError("table_too_long", str(message) % {"most": f"{ROWS_MAX:,}"}, field="file")
    RegistryImportPart.objects.bulk_create(parts)
    if len(parts) == PARTS_AT_ONCE:
        return ["read", file.done, number + len(parts)]
    _open = None
    return ["judge", 0]


# --- judging ---


def _judge(part: RegistryImportPart, found: RegistryImport, phase: str, actor: Viewer, at: datetime) -> list[PersonRow]:
    rows = read_rows(part.rows, found, timezone.localdate(at))
    book = building_book((found.pk, found.version, phase))
    judge(rows, found, answers=part.answers, book=book, actor=actor, at=at, locks=phase == WRITE_KIND)
    return rows


def _note(part: RegistryImportPart, rows: Sequence[PersonRow]) -> None:
    """Keep what became of each row. What a row was once written for counts as that, also when it is judged again."""
    made = {line for note in part.written for line, _pk in note.get("people", [])}
    keys = ("changed", "stays_changed", "stays")
    changed = {line for note in part.written for key in keys for line, _pk in note.get(key, [])} - made
    kept = [row for row in rows if row.problems and row.line not in made | changed]
    part.problems = {str(row.line): _looked_up(row) for row in kept}
    part.asks |= {str(row.line): row.asks for row in rows if row.outcome is Outcome.ASKED and not row.problems}
    outcomes = [row.outcome for row in rows if not row.problems and row.line not in made | changed]
    part.new = len(made) + outcomes.count(Outcome.NEW)
    part.changed = len(changed) + outcomes.count(Outcome.CHANGED)
    part.same = outcomes.count(Outcome.SAME)
    part.asked = outcomes.count(Outcome.ASKED) + outcomes.count(Outcome.LEFT_OUT)
    part.refused = len(kept)


def _looked_up(row: PersonRow) -> list[tuple[str, str, str]]:
    """The problems that only the registry can tell; those of the row alone are found again whenever it is shown."""
    return row.problems if row.door is not None or row.problems[0][1] in PLACE_FAULTS else []


def _start(kind: str, found: RegistryImport, actor: Viewer, at: datetime) -> Job:
    return job_start(kind=kind, params={"import": found.pk, "version": found.version}, actor=actor, at=at)


def _keeper(actor: Viewer) -> dict[str, Any]:
    """Whose mapping it is: of the office, else of the person."""
    office = actor.user.organisation_id if actor.user is not None else None
    return {"organisation_id": office, "owner_id": None if office else actor.user_id}


def _lock(found: RegistryImport, seen: int, actor: Viewer, *, written_too: bool = False) -> RegistryImport:
    rows = RegistryImport.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: RegistryImport | None = rows.select_related("job").filter(pk=found.pk).first()
    if locked is None or locked.undone_at is not None:
        raise StaleState("import_done", _("这个文件已经丢掉或撤回了"))
    if locked.job is not None and locked.job.is_active:
        raise StaleState("import_running", _("后台正在做这个文件，请等它做完，或者先取消"))
    if locked.version != seen:
        raise StaleState("import_changed", _("列的对应刚刚改过，请看过现在的结果再写入"))
    if locked.written_at and not written_too and not locked.parts.filter(is_written=False).exists():
        raise StaleState("import_done", _("这个文件已经写入了"))
    return locked


def _require(actor: Viewer) -> None:
    if actor.user is None or not actor.can(Capability.IMPORT_REGISTRY):
        raise Forbidden("forbidden", _("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))
