"""The only writers of recordings: what came lies in the default storage unseen until it is encoded anew, then goes."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.files.models import Recording
from governance.files.nudging import nudge
from governance.files.services.stored import DRAFT_LIFE
from governance.files.sniffing import IMAGE_FORMATS, format_of, recording_demuxer
from governance.text import clean_text

DESCRIPTION_MAX = 200
FIELD = "recording"
_EXPIRED_PER_RUN = 500


def recording_receive(*, upload: Any, description: str, actor: Viewer, at: datetime) -> Recording:
    """Keep a film or voice note for a draft, for seven days; a worker encodes it anew after the commit. 1 SQL.

    `upload` is a Django upload. What it is, its first bytes say. Raises `DomainError` on field "recording" for an empty
    file, one of over `settings.RECORDING_MB`, a photo and anything else that is none. Its length is known only later.
    """
    head = upload.read(4096)
    upload.seek(0)
    demuxer = recording_demuxer(head)
    if not head:
        raise DomainError("recording_empty", _("这个文件是空的，请重新选一个。"), field=FIELD)
    if upload.size > settings.RECORDING_MB * 1024 * 1024:
        message = _("文件太大：最多 %(most)s MB。请录短一些，或用手机发送较小的尺寸。")
        raise DomainError("recording_too_big", message % {"most": settings.RECORDING_MB}, field=FIELD)
    if not demuxer and format_of(head[:1024]) in IMAGE_FORMATS:
        raise DomainError("recording_is_photo", _("这是照片，请放到上面“照片”里。"), field=FIELD)
    if not demuxer:
        raise DomainError("not_a_recording", _("这个文件不是视频，也不是录音。请直接用手机录一段。"), field=FIELD)
    row = Recording(
        demuxer=demuxer,
        description=checked_description(description),
        created_by_id=actor.user_id,
        created_at=at,
        expires_at=at + DRAFT_LIFE,
    )
    with ExitStack() as undo:
        undo.callback(default_storage.delete, row.raw_path)
        default_storage.save(row.raw_path, File(upload))
        with constraint_errors(), transaction.atomic():
            row.save(force_insert=True)
            nudge(row.pk)
        undo.pop_all()
    return row


def checked_description(text: str) -> str:
    """Return what is seen or heard as one line; raises `DomainError` on field "recording_words" when too long."""
    words = clean_text(text, multiline=False)
    if len(words) > DESCRIPTION_MAX:
        message = _("太长了，最多 %(limit)s 个字") % {"limit": DESCRIPTION_MAX}
        raise DomainError("description_too_long", message, field="recording_words")
    return words


def recording_describe(*, recording_id: UUID, description: str) -> None:
    """Say what is seen or heard, for those who cannot. Whether the actor may is the caller's question."""
    Recording.objects.filter(pk=recording_id).update(description=checked_description(description))


def recording_adopt(*, recording_id: UUID, owner_ref: str, actor: Viewer, at: datetime) -> None:
    """Give a draft's recording to the object that was made of the draft, prepared or not. 1 SQL, in a transaction.

    Whether it belongs to the actor's draft is the caller's question. Raises `DomainError` when it is gone.
    """
    mine = Q(created_by=None) if actor.user_id is None else Q(created_by=None) | Q(created_by=actor.user_id)
    own = Recording.objects.filter(mine, pk=recording_id, owner_ref="", expires_at__gt=at)
    if not own.update(owner_ref=owner_ref, expires_at=None):
        raise DomainError("recording_gone", _("这段视频或录音已过期或不在了，请重新添加。"), field=FIELD)


def recordings_keep(*, recordings: Sequence[UUID], at: datetime) -> int:
    """Give drafts' recordings seven more days, because their draft was touched; return how many. 1 SQL."""
    return Recording.objects.filter(pk__in=recordings, owner_ref="").update(expires_at=at + DRAFT_LIFE)


def recording_delete(*, recording_id: UUID) -> None:
    """Delete a recording for good, its bytes at the commit. Whether the actor may is the caller's question."""
    with transaction.atomic():
        _delete(list(Recording.objects.select_for_update(of=("self",)).filter(pk=recording_id)))


def recordings_expire(at: datetime) -> int:
    """Delete the drafts' recordings whose seven days are over, at most 500, and return how many."""
    with transaction.atomic():
        rows = Recording.objects.select_for_update(skip_locked=True, of=("self",))
        expired = list(rows.filter(owner_ref="", expires_at__lte=at).order_by("expires_at")[:_EXPIRED_PER_RUN])
        _delete(expired)
    return len(expired)


def _delete(rows: list[Recording]) -> None:
    Recording.objects.filter(pk__in=[row.pk for row in rows]).delete()

    def remove() -> None:
        for row in rows:
            default_storage.delete(row.raw_path)
            default_storage.delete(row.path)

    if rows:
        transaction.on_commit(remove)
