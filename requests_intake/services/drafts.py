"""Drafts of a request: everything typed is kept under the token in the address, not in the session."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.viewer import ANONYMOUS, Viewer
from governance.errors import DomainError, StaleState
from governance.files.models import Recording, StoredFile
from governance.files.services import file_delete, files_keep
from governance.files.services.recordings import recording_delete, recordings_keep
from requests_intake.models import Draft
from requests_intake.services.submission import (
    PHOTOS_MAX,
    Concerned,
    Submission,
    Submitted,
    filed_once,
    request_file,
    token_digest,
)

LIFETIME = timedelta(days=7)


def draft_start(*, data: Mapping[str, Any], at: datetime, actor: Viewer = ANONYMOUS) -> tuple[Draft, str]:
    """Begin a draft and return it with its token (128 bit, shown once, stored as digest).

    A resident who is signed in finds it again in their account, so theirs keeps the token, encrypted.
    """
    token = secrets.token_urlsafe(16)
    account = actor.user if actor.kind == "resident" else None
    draft = Draft.objects.create(
        token_digest=token_digest(token),
        account=account,
        token=token if account is not None else None,
        data={**data, "submission_key": secrets.token_hex(16)},
        created_at=at,
        updated_at=at,
        expires_at=at + LIFETIME,
    )
    return draft, token


def draft_find(token: str, *, at: datetime) -> Draft | None:
    """Return a resident's living draft with this token, or None; what clerks take down is found by `entry_find`."""
    return Draft.objects.filter(token_digest=token_digest(token), clerk=None, expires_at__gt=at).first()


def draft_update(*, draft: Draft, changes: Mapping[str, Any], at: datetime) -> Draft:
    """Keep what was typed, merged into what is there; every change gives the draft and its photos seven more days.

    Raises `StaleState` when the draft was sent, or died, a moment ago.
    """
    with transaction.atomic():
        return _keep(_lock(draft), changes, at)


def draft_photo_add(*, draft: Draft, file: StoredFile, at: datetime) -> Draft:
    """Append an uploaded photo to the draft; raises `DomainError` when it holds nine, `StaleState` as above."""
    with transaction.atomic():
        locked = _lock(draft)
        photos = locked.data.get("photos", [])
        if len(photos) >= PHOTOS_MAX:
            raise DomainError("too_many_photos", _("最多放 9 张照片，请去掉几张"), field="photos")
        return _keep(locked, {"photos": [*photos, str(file.pk)]}, at)


def draft_photo_remove(*, draft: Draft, file_id: UUID | str, at: datetime) -> Draft:
    """Take a photo out of the draft and delete its file; anything that is not in it changes nothing."""
    with transaction.atomic():
        locked = _lock(draft)
        photos = locked.data.get("photos", [])
        if str(file_id) not in photos:
            return locked
        stored = StoredFile.objects.filter(pk=file_id).first()
        if stored is not None:
            file_delete(stored_file=stored, actor=ANONYMOUS)
        return _keep(locked, {"photos": [pk for pk in photos if pk != str(file_id)]}, at)


def draft_recording_set(*, draft: Draft, recording: Recording, at: datetime) -> Draft:
    """Put an uploaded film or voice note into the draft, in place of the one before; raises `StaleState` as above."""
    with transaction.atomic():
        locked = _lock(draft)
        if before := locked.data.get("recording"):
            recording_delete(recording_id=UUID(before))
        return _keep(locked, {"recording": str(recording.pk)}, at)


def draft_recording_remove(*, draft: Draft, at: datetime) -> Draft:
    """Take the film or voice note out of the draft and delete it."""
    with transaction.atomic():
        locked = _lock(draft)
        if before := locked.data.get("recording"):
            recording_delete(recording_id=UUID(before))
        return _keep(locked, {"recording": None}, at)


def _lock(draft: Draft) -> Draft:
    locked = Draft.objects.select_for_update(no_key=True).filter(pk=draft.pk).first()
    if locked is None:
        raise gone()
    return locked


def gone() -> StaleState:
    """What is said of a draft that was sent a moment ago, or died."""
    return StaleState("draft_gone", _("这份填写已经交了，或者过期了"))


def _keep(locked: Draft, changes: Mapping[str, Any], at: datetime) -> Draft:
    locked.data = {**locked.data, **changes}
    locked.updated_at, locked.expires_at = at, at + LIFETIME
    locked.save(update_fields=["data", "updated_at", "expires_at"])
    if photos := locked.data.get("photos"):
        files_keep(files=[UUID(pk) for pk in photos], at=at)
    if recording := locked.data.get("recording"):
        recordings_keep(recordings=[UUID(recording)], at=at)
    return locked


def draft_discard(*, draft_id: int, actor: Viewer) -> bool:
    """Throw a draft of the actor's account away; anybody else's is left alone. Its photos expire by themselves."""
    if actor.kind != "resident":
        return False
    return Draft.objects.filter(pk=draft_id, account_id=actor.user_id, clerk=None).delete()[0] > 0


def draft_drop(*, draft: Draft) -> None:
    """Throw a draft away whose question has found its answer. Its photos expire by themselves."""
    Draft.objects.filter(pk=draft.pk).delete()


def drafts_expire(*, at: datetime) -> int:
    """Delete drafts that nobody touched for seven days; their files expire by themselves. Returns how many."""
    return Draft.objects.filter(expires_at__lte=at).delete()[0]


def draft_submit(
    *,
    token: str,
    submission_key: str,
    language: str,
    is_complete: Callable[[Mapping[str, Any]], bool],
    actor: Viewer,
    at: datetime,
) -> Submitted:
    """File the draft's request and delete the draft, in one transaction; sent twice, it files once.

    `submission_key` is the form's: a second click waits for the first one and gets its request. Raises `StaleState`
    for a draft that was sent or died meanwhile, `DraftIncomplete` where `is_complete` says that an answer is missing,
    and `DomainError` as `request_submit` does; in each case the draft is untouched.
    """
    with filed_once(submission_key) as filed, transaction.atomic():
        # one statement takes the draft as it is now, keeps everybody else off it, and removes it
        taken = next(iter(Draft.objects.raw(_TAKE, [token_digest(token), at])), None)
        if taken is None:
            raise gone()
        if taken.data.get("practice"):
            raise DomainError("practice", _("这是试填，什么也没有送出。可以回去改，也可以关掉这一页。"))
        if not is_complete(taken.data):
            raise DraftIncomplete("draft_incomplete", _("还有一题没有回答"))
        if taken.account_id is not None:  # whoever began it signed in, also where the session is lost meanwhile
            actor = Viewer(kind="resident", user=User(pk=taken.account_id))
        filed.result = request_file(submission=_submission(taken.data, language), actor=actor, at=at)
    return filed.result


class DraftIncomplete(DomainError):
    """An answer is missing that has to be there before the draft can be sent."""


_TAKE = f"""
DELETE FROM {Draft._meta.db_table} WHERE token_digest = %s AND clerk_id IS NULL AND expires_at > %s
RETURNING id, data, account_id
"""  # noqa: S608


def recording_in(data: Mapping[str, Any]) -> UUID | None:
    """The film or voice note that a draft holds."""
    return UUID(data["recording"]) if data.get("recording") else None


def _submission(data: Mapping[str, Any], language: str) -> Submission:
    return Submission(
        kind=data.get("kind", ""),
        body=data.get("body", ""),
        submission_key=data["submission_key"],
        category_id=data.get("category_id"),
        place_kind=data.get("place_kind", "none"),
        address=data.get("address", ""),
        area_code=data.get("area_code", ""),
        lng=data.get("lng"),
        lat=data.get("lat"),
        name=data.get("name", ""),
        phone=data.get("phone", ""),
        email=data.get("email", ""),
        may_be_public=bool(data.get("may_be_public")),
        concerned=Concerned(**data["concerned"]) if data.get("concerned") else None,
        complained_id=data.get("complained_id"),
        language=language,
        file_ids=tuple(UUID(pk) for pk in data.get("photos", [])),
        recording_id=recording_in(data),
        answers=data.get("answers", {}) if data.get("answers_for") == data.get("category_id") else {},
    )
