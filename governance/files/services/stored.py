"""The only writers of stored files: rows here, bytes in the default storage."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.files.covering import Rectangle, picture_covered
from governance.files.documents import document_kind
from governance.files.models import StoredFile, Variant
from governance.files.pictures import MAX_BYTES, Picture, picture_from
from governance.files.sniffing import IMAGE_FORMATS, format_of

DRAFT_LIFE = timedelta(days=7)
_EXPIRED_PER_RUN = 500


def image_store(*, upload: IO[bytes] | Any, owner_ref: str, actor: Viewer, at: datetime) -> StoredFile:
    """Keep an uploaded photo, encoded anew, and return its row. Takes tenths of a second of processor time. 1-2 SQL.

    `upload` is an open binary file (a Django upload is one). `owner_ref` names the object whose viewers may see it; ""
    keeps it for a draft, for seven days. The same photo again for the same owner returns the row that is there.
    Raises `DomainError` with a message for the sender: see `pictures.picture_from`.
    """
    upload.seek(0)
    return _keep(picture_from(upload.read(MAX_BYTES + 1)), owner_ref, actor, at)


def file_store(*, upload: IO[bytes] | Any, owner_ref: str, actor: Viewer, at: datetime) -> StoredFile:
    """Keep what proves something: a photo, encoded anew, or a PDF or Excel file as it came. 1-2 SQL.

    What it is, its first bytes say. Otherwise as `image_store`; for documents see `documents.document_kind`, too.
    """
    upload.seek(0)
    head = upload.read(1024)
    if format_of(head) in IMAGE_FORMATS:
        return image_store(upload=upload, owner_ref=owner_ref, actor=actor, at=at)
    kind = document_kind(upload)
    upload.seek(0)
    data = upload.read()
    stored = StoredFile(kind=kind, sha256=hashlib.sha256(data).hexdigest(), size=len(data), width=0, height=0)
    return _saved(stored, {Variant.FULL: data}, owner_ref, actor, at)


def image_cover(
    *, stored_file: StoredFile, areas: Sequence[Rectangle], owner_ref: str, actor: Viewer, at: datetime
) -> StoredFile:
    """Keep a copy of a stored picture with the areas painted over, and return its row; the original stays as it is.

    No areas make a plain copy, with an owner of its own. Raises `DomainError` when the original's bytes are gone.
    """
    try:
        with default_storage.open(stored_file.path(Variant.FULL)) as original:
            data = original.read()
    except FileNotFoundError as error:
        raise DomainError("file_gone", _("这张照片的文件不在了，没有办法遮盖。"), field="areas") from error
    return _keep(picture_covered(data, areas), owner_ref, actor, at)


def _keep(picture: Picture, owner_ref: str, actor: Viewer, at: datetime) -> StoredFile:
    stored = StoredFile(
        sha256=hashlib.sha256(picture.full).hexdigest(),
        size=len(picture.full),
        width=picture.width,
        height=picture.height,
    )
    return _saved(stored, {Variant.FULL: picture.full, Variant.THUMB: picture.thumb}, owner_ref, actor, at)


def _saved(
    stored: StoredFile, parts: Mapping[Variant, bytes], owner_ref: str, actor: Viewer, at: datetime
) -> StoredFile:
    """Write the bytes and the row; the same file again for the same owner returns the row that is there."""
    stored.owner_ref, stored.created_by_id, stored.created_at = owner_ref, actor.user_id, at
    stored.expires_at = None if owner_ref else at + DRAFT_LIFE
    if owner_ref and (twin := StoredFile.objects.filter(owner_ref=owner_ref, sha256=stored.sha256).first()):
        return twin
    with ExitStack() as undo:
        undo.callback(_remove_bytes, [stored])
        for variant, data in parts.items():
            default_storage.save(stored.path(variant), ContentFile(data))
        with constraint_errors(), transaction.atomic():
            stored.save(force_insert=True)
        undo.pop_all()
    return stored


def files_adopt(*, files: Sequence[StoredFile | UUID], owner_ref: str, actor: Viewer, at: datetime) -> list[StoredFile]:
    """Give draft files to the object that was made of the draft, in their order. 2 SQL, in a transaction.

    Whether these files belong to the actor's draft is the caller's question; a draft file of another signed-in person
    is refused here, too. Adopting again changes nothing; of two equal photos one stays. Raises `DomainError` when a
    file is gone, its seven days are over, or it belongs to something else.
    """
    wanted = [item.uuid if isinstance(item, StoredFile) else item for item in files]
    if not wanted:
        return []
    with transaction.atomic():
        rows = (
            StoredFile.objects.select_for_update(of=("self",), no_key=True)
            .filter(Q(uuid__in=wanted) | Q(owner_ref=owner_ref))
            .order_by("uuid")
        )
        found = {row.uuid: row for row in rows}
        kept = {row.sha256: row for row in found.values() if row.owner_ref == owner_ref}
        adopted: dict[UUID, StoredFile] = {}
        for uuid in wanted:
            row = found.get(uuid)
            if row is None or not _adoptable(row, owner_ref, actor, at):
                raise DomainError("file_gone", _("有照片已过期或不在了，请重新添加。"), field="photos")
            adopted[uuid] = kept.setdefault(row.sha256, row)
        fresh = [uuid for uuid, row in adopted.items() if row.uuid == uuid and not row.owner_ref]
        if fresh:
            StoredFile.objects.filter(uuid__in=fresh).update(owner_ref=owner_ref, expires_at=None)
        _delete([found[uuid] for uuid, row in adopted.items() if row.uuid != uuid])
        for row in kept.values():
            row.owner_ref, row.expires_at = owner_ref, None
    return list({row.uuid: row for row in adopted.values()}.values())


def files_keep(*, files: Sequence[UUID], at: datetime) -> int:
    """Give draft files seven more days, because their draft was touched; return how many. 1 SQL."""
    return StoredFile.objects.filter(uuid__in=files, owner_ref="").update(expires_at=at + DRAFT_LIFE)


def file_delete(*, stored_file: StoredFile, actor: Viewer) -> None:
    """Delete a file for good, its bytes at the commit. Whether the actor may is the caller's question."""
    with transaction.atomic():
        _delete([stored_file])


def files_expire(at: datetime) -> int:
    """Delete the drafts' files whose seven days are over and return how many; one transaction per 500."""
    total = 0
    while True:
        with transaction.atomic():
            rows = StoredFile.objects.select_for_update(skip_locked=True, of=("self",))
            expired = list(rows.filter(owner_ref="", expires_at__lte=at).order_by("expires_at")[:_EXPIRED_PER_RUN])
            _delete(expired)
        total += len(expired)
        if len(expired) < _EXPIRED_PER_RUN:
            return total


def _adoptable(row: StoredFile, owner_ref: str, actor: Viewer, at: datetime) -> bool:
    if row.owner_ref:
        return row.owner_ref == owner_ref
    in_time = row.expires_at is not None and at < row.expires_at
    return in_time and row.created_by_id in (None, actor.user_id)


def _delete(rows: list[StoredFile]) -> None:
    if rows:
        StoredFile.objects.filter(uuid__in=[row.uuid for row in rows]).delete()
        transaction.on_commit(lambda: _remove_bytes(rows))


def _remove_bytes(rows: list[StoredFile]) -> None:
    for row in rows:
        for variant in Variant:
            default_storage.delete(row.path(variant))
