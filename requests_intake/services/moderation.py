"""What a moderator does with a public version: release, revise, keep, take back, cover a photo, undo.

Every step locks the row, checks that nobody was faster, writes one `ModerationStep` with what stood before and after,
and publishes an event, from which the requester is told. No step is edited; undo is a step of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.files.covering import Rectangle
from governance.files.models import StoredFile
from governance.files.services import image_cover
from governance.outbox.services import publish
from governance.text import clean_text, mask_personal_data
from governance.text.words import bigrams
from governance.worktime.dates import moment_text
from requests_intake import events
from requests_intake.models import (
    ModerationStep,
    Publication,
    PublicPhoto,
    PublicReason,
    PublicState,
)
from requests_intake.permissions import Capability
from requests_intake.publication import PublicWords, automatic_words, last_answer, readable_attachments
from requests_intake.services.submission import BODY_MAX

TITLE_LENGTH = 60
NOTE_LENGTH = 200
AREAS_MAX = 12
_Name = ModerationStep.Name


def publication_release(
    *,
    publication: Publication,
    version: int,
    words: PublicWords,
    photo_ids: Sequence[UUID],
    reason: str,
    note: str = "",
    answer_id: int | None,
    actor: Viewer,
    at: datetime,
) -> Publication:
    """Show the public version to everybody in these words, with these of the request's photos; also to change one.

    Personal data in the words is masked whatever was typed. Words that differ from the automatic version need a
    reason, which the requester is told. `version` and `answer_id` (the office's last answer, None for none) are those
    that the moderator's page showed: nothing is released unread. Raises `StaleState` when
    somebody was faster, `DomainError` with the field for missing words or reason, `Forbidden` outside the actor's area.
    """
    with constraint_errors(), transaction.atomic():
        locked, before = _begin(publication, version, actor)
        request = locked.request
        if not request.may_be_public:
            raise DomainError("not_public", gettext_lazy("居民没有同意公开，不能公开"))
        last = last_answer(request)
        if (last.pk if last is not None else None) != answer_id:
            raise StaleState("answered_meanwhile", _("办理单位刚刚有了新的答复，请看过再定；您写的字还在下面。"))
        checked = _checked(words)
        proposed = automatic_words(request, last)
        edited = checked != replace(proposed, reply=proposed.reply if checked.reply else "")
        changes = not locked.is_released or checked != PublicWords(locked.title, locked.body, locked.reply)
        if edited and changes and reason not in PublicReason.values:
            raise DomainError(
                "reason_required", gettext_lazy("改动了居民的话，请选一个原因，会告诉居民"), field="reason"
            )
        was_released, new_reply = locked.is_released, checked.reply and checked.reply != locked.reply
        locked.title, locked.body, locked.reply = checked.title, checked.body, checked.reply
        locked.reply_seen_id = last.pk if last is not None else None
        locked.pieces = sorted(bigrams(f"{checked.title} {checked.body} {checked.reply}"))
        locked.state, locked.released_at = PublicState.RELEASED, locked.released_at or at
        locked.reason, locked.note = (reason if edited else ""), _note(note)
        _choose_photos(locked, photo_ids, actor, at)
        _end(locked, _Name.REVISE if was_released else _Name.RELEASE, before, actor, at)
        payload = {"publication_id": locked.pk, "reason": locked.reason}
        if was_released:
            _tell(events.PUBLICATION_REVISED, locked, actor, at, payload)
        else:
            _tell(events.PUBLICATION_RELEASED, locked, actor, at, {**payload, "edited": edited})
        if was_released and new_reply:
            publish(
                events.PUBLICATION_MOVED,
                subject=locked,
                actor=SYSTEM,
                area_code=locked.area_code,
                payload={"step": "reply"},
                at=at,
            )
    return locked


def publication_keep(
    *, publication: Publication, version: int, reason: str, note: str = "", actor: Viewer, at: datetime
) -> Publication:
    """Keep it private, or take it back where it is public; the reason is told to the requester. Raises as above."""
    with constraint_errors(), transaction.atomic():
        locked, before = _begin(publication, version, actor)
        if reason not in PublicReason.values:
            raise DomainError("reason_required", gettext_lazy("请选一个原因，会告诉居民"), field="reason")
        was_released = locked.is_released
        locked.state = PublicState.TAKEN_BACK if was_released else PublicState.KEPT
        locked.reason, locked.note = reason, _note(note)
        _end(locked, _Name.TAKE_BACK if was_released else _Name.KEEP, before, actor, at)
        event = events.PUBLICATION_TAKEN_BACK if was_released else events.PUBLICATION_KEPT
        _tell(event, locked, actor, at, {"publication_id": locked.pk, "reason": reason})
    return locked


def photo_cover(
    *,
    publication: Publication,
    version: int,
    source_id: UUID,
    areas: Sequence[Rectangle],
    actor: Viewer,
    at: datetime,
) -> PublicPhoto:
    """Make a new public copy of a photo with these areas painted over; where the old copy is shown, the new one is now.

    No areas make a copy without cover. Raises `DomainError` on field "areas" for rectangles outside the picture, empty
    or too many, and when the photo is not one of the request's.
    """
    checked = [_checked_area(area) for area in areas]
    if len(checked) > AREAS_MAX:
        raise DomainError("too_many_areas", gettext_lazy("一张照片最多遮 12 处"), field="areas")
    with constraint_errors(), transaction.atomic():
        locked, before = _begin(publication, version, actor)
        attachment = readable_attachments(locked.request_id).filter(file_id=source_id).first()
        if attachment is None:
            raise DomainError("photo_unknown", gettext_lazy("这张照片不是这件诉求的"), field="areas")
        old = PublicPhoto.objects.filter(publication=locked, source_id=source_id, is_current=True).first()
        shown = old is not None and old.is_shown
        PublicPhoto.objects.filter(publication=locked, source_id=source_id).update(is_current=False, is_shown=False)
        photo = _copy(locked, attachment.file, checked, attachment.reply_id is not None, shown, actor, at)
        _end(locked, _Name.COVER, before, actor, at)
        _tell(events.PUBLICATION_REVISED, locked, actor, at, {"publication_id": locked.pk, "reason": ""})
    return photo


def publication_undo(*, publication: Publication, version: int, actor: Viewer, at: datetime) -> Publication:
    """Bring back what stood before the last step; undoing an undo does it again. Raises as above."""
    with constraint_errors(), transaction.atomic():
        locked, before = _begin(publication, version, actor)
        last = ModerationStep.objects.filter(publication=locked).order_by("-at", "-pk").first()
        if last is None:
            raise DomainError("nothing_to_undo", gettext_lazy("还没有审核过，没有可以撤销的"))
        was_released = locked.is_released
        _restore(locked, last.before)
        _end(locked, _Name.UNDO, before, actor, at)
        payload = {"publication_id": locked.pk, "reason": PublicReason.MISTAKE}
        if was_released and not locked.is_released:
            _tell(events.PUBLICATION_TAKEN_BACK, locked, actor, at, payload)
        elif locked.is_released and not was_released:
            _tell(events.PUBLICATION_RELEASED, locked, actor, at, {**payload, "reason": "", "edited": False})
        else:
            _tell(events.PUBLICATION_REVISED, locked, actor, at, {**payload, "reason": ""})
    return locked


def _begin(publication: Publication, version: int, actor: Viewer) -> tuple[Publication, dict[str, Any]]:
    """Lock, check the right and that nobody was faster; return the row and what stands there now."""
    locked = (
        Publication.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request", "request__category")
        .get(pk=publication.pk)
    )
    require(actor, Capability.MODERATE, locked)
    if locked.version != version:
        raise StaleState("stale_publication", _already(locked))
    return locked, snapshot(locked)


def _already(locked: Publication) -> str:
    last = ModerationStep.objects.filter(publication=locked).select_related("actor").order_by("-at", "-pk").first()
    if last is None:
        return _("这件刚刚有了新进展，请看过最新的再定。")
    who = last.actor.display_name if last.actor is not None else _("系统")
    return _("%(who)s 在 %(time)s 已经做了“%(step)s”，您这一步没有做。请看过最新的再定；您写的字还在下面。") % {
        "who": who,
        "time": moment_text(timezone.localtime(last.at)),
        "step": last.get_name_display(),
    }


def _end(locked: Publication, name: str, before: dict[str, Any], actor: Viewer, at: datetime) -> None:
    locked.version += 1
    locked.decided_at = at
    locked.needs_review = locked.state == PublicState.WAITING
    locked.save()
    ModerationStep.objects.create(
        publication=locked,
        name=name,
        at=at,
        actor=actor.user,
        actor_kind=actor.kind,
        reason=locked.reason,
        note=locked.note,
        before=before,
        after=snapshot(locked),
    )


def _tell(event: Any, locked: Publication, actor: Viewer, at: datetime, payload: dict[str, Any]) -> None:
    publish(event, subject=locked.request, actor=actor, area_code=locked.area_code, payload=payload, at=at)


_KEPT = ("state", "title", "body", "reply", "reply_seen_id", "reason", "note")


def snapshot(publication: Publication) -> dict[str, Any]:
    """What a step may change, as it stands: words, state, and which copy of each photo is current and shown. 1 SQL."""
    return snapshot_of(
        publication,
        PublicPhoto.objects.filter(publication=publication, is_current=True).values_list("pk", "is_shown"),
    )


def snapshot_of(publication: Publication, photos: Iterable[tuple[UUID, bool]] = ()) -> dict[str, Any]:
    """The same with the photos at hand."""
    released = publication.released_at
    return {
        **{name: getattr(publication, name) for name in _KEPT},
        "released_at": released.isoformat() if released else None,
        "photos": {str(pk): shown for pk, shown in photos},
    }


def _restore(locked: Publication, kept: dict[str, Any]) -> None:
    for name in _KEPT:
        setattr(locked, name, kept[name])
    locked.released_at = datetime.fromisoformat(kept["released_at"]) if kept["released_at"] else None
    locked.pieces = sorted(bigrams(f"{locked.title} {locked.body} {locked.reply}"))
    shown = [pk for pk, is_shown in kept["photos"].items() if is_shown]
    own = PublicPhoto.objects.filter(publication=locked)
    own.update(is_current=False, is_shown=False)
    own.filter(pk__in=list(kept["photos"])).update(is_current=True)
    own.filter(pk__in=shown).update(is_shown=True)


def _checked(words: PublicWords) -> PublicWords:
    title = mask_personal_data(clean_text(words.title, multiline=False))
    body, reply = mask_personal_data(clean_text(words.body)), mask_personal_data(clean_text(words.reply))
    if not title:
        raise DomainError("title_required", gettext_lazy("请写公开的标题"), field="title")
    if len(title) > TITLE_LENGTH:
        raise DomainError("title_too_long", gettext_lazy("标题最多 60 个字"), field="title")
    if not body:
        raise DomainError("body_required", gettext_lazy("请写公开的内容；没有可以公开的，就选不公开"), field="body")
    for name, text in (("body", body), ("reply", reply)):
        if len(text) > 2 * BODY_MAX:
            raise DomainError("too_long", gettext_lazy("太长了，最多 4000 个字"), field=name)
    return PublicWords(title, body, reply)


def _note(note: str) -> str:
    cleaned = mask_personal_data(clean_text(note, multiline=False))
    if len(cleaned) > NOTE_LENGTH:
        raise DomainError("note_too_long", gettext_lazy("最多 200 个字"), field="note")
    return cleaned


def _checked_area(area: Rectangle) -> Rectangle:
    left, top, width, height = area
    inside = 0 <= left < 100 and 0 <= top < 100 and width > 0 and height > 0
    if not inside:
        raise DomainError(
            "area_outside", gettext_lazy("遮盖的框要在照片里面：左和上从 0 到 99，宽和高大于 0"), field="areas"
        )
    return (left, top, min(width, 100 - left), min(height, 100 - top))


def _choose_photos(locked: Publication, photo_ids: Sequence[UUID], actor: Viewer, at: datetime) -> None:
    """Show exactly these photos: the current copy of each, or a new plain one."""
    chosen = set(photo_ids)
    current = {row.source_id: row for row in PublicPhoto.objects.filter(publication=locked, is_current=True)}
    attachments = readable_attachments(locked.request_id).order_by("pk")
    for attachment in attachments:
        wanted, copy = attachment.file_id in chosen, current.get(attachment.file_id)
        if copy is None and wanted:
            _copy(locked, attachment.file, [], attachment.reply_id is not None, True, actor, at)
        elif copy is not None and copy.is_shown != wanted:
            copy.is_shown = wanted
            copy.save(update_fields=["is_shown"])


def _copy(
    locked: Publication,
    source: StoredFile,
    areas: Sequence[Rectangle],
    of_reply: bool,
    shown: bool,
    actor: Viewer,
    at: datetime,
) -> PublicPhoto:
    pk = uuid4()
    owner_ref = f"{PublicPhoto._meta.label_lower}:{pk}"
    file = image_cover(stored_file=source, areas=areas, owner_ref=owner_ref, actor=actor, at=at)
    return PublicPhoto.objects.create(
        pk=pk,
        publication=locked,
        source=source,
        file=file,
        areas=[list(area) for area in areas],
        of_reply=of_reply,
        is_current=True,
        is_shown=shown,
        created_at=at,
    )
