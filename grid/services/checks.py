"""The only writers of checks on site: asking for one, doing it, taking it back.

Whoever asks keeps the matter; the grid keeps only what to look at, and tells by `grid.check_completed` what was seen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.files.services import files_adopt
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text, mask_personal_data
from grid import events
from grid.models import Check, CheckResult, CheckState
from grid.models.checks import PLACE_MAX, WORDS_MAX, offices_of
from grid.permissions import Capability

CHECK_PHOTOS_MAX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlace:
    """Where to look: the area, words, and a point in degrees WGS-84 where there is one."""

    area_code: str
    words: str = ""
    lng: float | None = None
    lat: float | None = None


def check_create(
    *,
    kind: str,
    subject_ref: str,
    place: CheckPlace,
    what: str,
    due_at: datetime,
    actor: Viewer,
    at: datetime,
    excluded_user_ids: Collection[int] = (),
    excluded_organisation_ids: Collection[int] = (),
) -> Check:
    """Ask for a look on site at what `subject_ref` is about; while one is open, that one is returned.

    Numbers and names in the words are masked. Whether the actor may ask is the caller's question, and so is who is
    excluded: everybody who dispatched or handled the matter. Raises `DomainError` on "text" for no words.
    """
    words = mask_personal_data(clean_text(what))[:WORDS_MAX]
    if not words:
        raise DomainError("text_required", _("请写明到现场看什么"), field="text")
    check = Check(
        kind=kind,
        subject_ref=subject_ref,
        area_code=place.area_code,
        what=words,
        place=mask_personal_data(clean_text(place.words, multiline=False))[:PLACE_MAX],
        lng=place.lng,
        lat=place.lat,
        asked_at=at,
        asked_by=actor.staff_user,
        due_at=due_at,
        excluded_user_ids=sorted(set(excluded_user_ids)),
        excluded_organisation_ids=sorted(set(excluded_organisation_ids)),
    )
    with constraint_errors(), transaction.atomic():
        known = Check.objects.open().filter(subject_ref=subject_ref).first()
        if known is not None:
            return known
        check.save(force_insert=True)
        payload = {"kind": check.kind, "subject": subject_ref, "due_at": due_at}
        publish(events.CHECK_ASKED, subject=check, actor=actor, area_code=check.area_code, payload=payload, at=at)
    return check


def check_complete(
    *, check: Check, result: str, words: str, file_ids: Sequence[UUID], actor: Viewer, at: datetime
) -> Check:
    """Say what was seen on site. Photos are welcome and never required. Sent again by the same person, it is kept once.

    Raises `Forbidden` out of reach and for whoever dispatched or handled the matter, `StaleState` where somebody else
    was there or nobody needs to look any more, `DomainError` on "result", "words" or "photos".
    """
    said = clean_text(words)
    if len(said) > WORDS_MAX:
        raise DomainError("words_too_long", _("太长了，最多 %(limit)s 个字") % {"limit": WORDS_MAX}, field="words")
    if len(file_ids) > CHECK_PHOTOS_MAX:
        raise DomainError("too_many_photos", _("最多放 6 张照片"), field="photos")
    with constraint_errors(), transaction.atomic():
        locked = _lock(check, actor)
        if locked.state == CheckState.DONE and locked.checked_by_id == actor.user_id:
            return locked
        if locked.state == CheckState.DONE and locked.checked_by is not None:
            message = _("%(who)s 已经去看过了") % {"who": locked.checked_by.display_name}
            raise StaleState("check_done", message)
        if locked.state == CheckState.WITHDRAWN:
            raise StaleState("check_withdrawn", _("这件事不用去看了"))
        if result not in CheckResult.values:
            raise DomainError("result_unknown", _("请选看到了什么"), field="result")
        if result == CheckResult.CANNOT_TELL and not said:
            raise DomainError("words_required", _("请写一句为什么看不出来"), field="words")
        locked.state, locked.result, locked.words, locked.ended_at = CheckState.DONE, result, said, at
        locked.checked_by, locked.checked_organisation_ids = actor.user, offices_of(actor)
        locked.save()
        files_adopt(files=file_ids, owner_ref=ref_of(locked), actor=actor, at=at)
        payload = {"kind": locked.kind, "subject": locked.subject_ref, "result": result}
        publish(events.CHECK_COMPLETED, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at)
    return locked


def check_withdraw(*, subject_ref: str, actor: Viewer, at: datetime) -> Check | None:
    """Nobody needs to look at this any more; None where nobody was asked to. Whether the actor may is the caller's."""
    with transaction.atomic():
        rows = Check.objects.open().select_for_update(of=("self",), no_key=True)
        check: Check | None = rows.filter(subject_ref=subject_ref).first()
        if check is None:
            return None
        check.state, check.ended_at = CheckState.WITHDRAWN, at
        check.save(update_fields=["state", "ended_at"])
        payload = {"kind": check.kind, "subject": subject_ref}
        publish(events.CHECK_WITHDRAWN, subject=check, actor=actor, area_code=check.area_code, payload=payload, at=at)
    return check


def _lock(check: Check, actor: Viewer) -> Check:
    rows = Check.objects.select_for_update(of=("self",), no_key=True).select_related("checked_by")
    locked: Check = rows.get(pk=check.pk)
    require(actor, Capability.CHECK_ON_SITE, locked)
    if actor.user is None or locked.keeps_away(actor):
        raise Forbidden("check_of_own_case", _("您或者您单位派过、办过这件事，请别人去看"))
    return locked
