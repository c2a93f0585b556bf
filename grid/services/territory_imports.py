"""The only writers of files of areas that were handed in: taken, mapped, loaded by a job, forgotten."""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.text import clean_text
from grid.models import TerritoryImport
from grid.permissions import Capability
from grid.services.changes import areas_take_in
from grid.surveying import properties_of
from grid.territory_report import found_in, leaving_of

JOB_KIND = "grid.territory_import"
MAX_BYTES = 30 * 1024 * 1024
KEPT = timedelta(days=30)
_ENCODINGS = ("utf-8-sig", "gb18030")


def territory_import_take(
    *, upload: IO[bytes] | Any, file_name: str, submission_key: UUID, actor: Viewer, at: datetime
) -> TerritoryImport:
    """Keep a file to be looked over; the same key twice is one. Raises `DomainError` on "file", `Forbidden`."""
    _require(actor)
    known = TerritoryImport.objects.visible_to(actor).filter(submission_key=submission_key).first()
    if known is not None:
        return known
    collection = _read(upload)
    properties_of(collection)
    packed = zlib.compress(json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode(), 1)
    return TerritoryImport.objects.create(
        submission_key=submission_key,
        owner=actor.user,
        file_name=clean_text(file_name, multiline=False)[-120:] or "geojson",
        content=packed,
        features=len(collection["features"]),
        crs=_crs(collection),
        created_at=at,
    )


def territory_import_map(
    *,
    territory_import: TerritoryImport,
    seen: int,
    columns: Mapping[str, str],
    datum: str,
    level: str,
    repairs: Sequence[str],
    ends_missing: bool,
    is_sure: bool,
    actor: Viewer,
) -> TerritoryImport:
    """Say how the file reads and what may be mended. Raises `StaleState` where somebody said otherwise meanwhile."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(territory_import, seen, actor)
        locked.columns, locked.datum, locked.level = dict(columns), datum, level
        locked.repairs, locked.ends_missing, locked.is_sure = list(repairs), ends_missing, is_sure
        locked.version += 1
        locked.save(update_fields=["columns", "datum", "level", "repairs", "ends_missing", "is_sure", "version"])
    return locked


def territory_import_load(*, territory_import: TerritoryImport, seen: int, actor: Viewer, at: datetime) -> Job:
    """Start the job that loads it. Raises `StaleState`, `DomainError` where nobody said how it reads, `Forbidden`."""
    _require(actor)
    with transaction.atomic():
        locked = _lock(territory_import, seen, actor)
        if not locked.is_mapped:
            raise DomainError("not_mapped", gettext_lazy("请先选好哪一列是什么"))
        locked.job = job_start(kind=JOB_KIND, params={"import": locked.pk, "version": seen}, actor=actor, at=at)
        locked.save(update_fields=["job"])
    return locked.job


def territory_import_write(*, pk: int, seen: int, actor: Viewer, at: datetime) -> int:
    """Load the areas of a file, all or none, and forget its content; returns how many it has, 0 where that was done.

    Raises `DomainError` with the first thing that is wrong, `StaleState` where the mapping is another by now.
    """
    _require(actor)
    with transaction.atomic():
        locked = TerritoryImport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
        if locked is None or locked.loaded_at is not None:
            return 0
        if locked.version != seen:
            raise StaleState("import_changed", gettext_lazy("列的对应刚刚改过，请看过现在的结果再写入"))
        found = found_in(locked, at)
        if found.found:
            message = _("%(fault)s。另外可能还有问题，请先看检查结果") % {"fault": found.faults[0]}
            raise DomainError("import_has_faults", message)
        if found.advice and not locked.is_sure:
            raise DomainError("datum_doubtful", found.advice, field="datum")
        leaving = [area.code for area in leaving_of(found.drafts, at)] if locked.ends_missing else []
        reason = _("导入文件 %(name)s") % {"name": locked.file_name}
        _loaded, locked.change = areas_take_in(drafts=found.drafts, ended=leaving, reason=reason, actor=actor, at=at)
        locked.loaded_at, locked.content = at, b""
        locked.save(update_fields=["change", "loaded_at", "content"])
    return len(found.drafts)


def territory_import_drop(*, territory_import: TerritoryImport, actor: Viewer) -> None:
    """Forget a file; what was loaded from it stays."""
    _require(actor)
    TerritoryImport.objects.visible_to(actor).filter(pk=territory_import.pk).delete()


def territory_imports_expire(*, at: datetime) -> int:
    """Forget files that nobody loaded within a month; those that were loaded hold no content any more."""
    return TerritoryImport.objects.filter(loaded_at__isnull=True, created_at__lt=at - KEPT).delete()[0]


def _lock(territory_import: TerritoryImport, seen: int, actor: Viewer) -> TerritoryImport:
    rows = TerritoryImport.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: TerritoryImport | None = rows.select_related("job").filter(pk=territory_import.pk).first()
    if locked is None or locked.loaded_at is not None:
        raise StaleState("import_done", gettext_lazy("这个文件已经写入或丢掉了"))
    if locked.job is not None and locked.job.is_active:
        raise StaleState("import_running", gettext_lazy("正在写入，请等它做完"))
    if locked.version != seen:
        raise StaleState("import_changed", gettext_lazy("列的对应刚刚改过，请看过现在的结果再写入"))
    return locked


def _read(upload: IO[bytes] | Any) -> Any:
    upload.seek(0)
    data = upload.read(MAX_BYTES + 1)
    if not data:
        raise DomainError("file_empty", gettext_lazy("这个文件是空的"), field="file")
    if len(data) > MAX_BYTES:
        message = _("文件太大：最多 %(size)s MB，请分几次") % {"size": MAX_BYTES >> 20}
        raise DomainError("file_too_big", message, field="file")
    if data.startswith(b"PK\x03\x04"):
        message = _("这是压缩包（例如 Shapefile）。请在制图软件里另存为 GeoJSON 再传。")
        raise DomainError("file_packed", message, field="file")
    for encoding in _ENCODINGS:
        try:
            return json.loads(data.decode(encoding))
        except UnicodeDecodeError:
            continue
        except (ValueError, RecursionError):
            break
    message = _("这个文件不是 GeoJSON，或者没有写完整。请重新导出一次。")
    raise DomainError("not_geojson", message, field="file")


def _crs(collection: Mapping[str, Any]) -> str:
    """What the file says of its coordinates (an old member of GeoJSON that offices' programs still write)."""
    crs = collection.get("crs")
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return clean_text(str(name or ""), multiline=False)[:80]


def _require(actor: Viewer) -> None:
    if actor.user is None or not actor.can(Capability.CHANGE_AREA):
        raise Forbidden("forbidden", gettext_lazy("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))
