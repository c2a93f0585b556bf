"""Photos and a recording that come with a form: each fault is told, the others stay."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.services import image_store
from governance.files.services.recordings import recording_describe, recording_receive
from governance.web.throttle import seconds_to_wait
from requests_intake.models import Draft
from requests_intake.services.drafts import draft_photo_add, draft_recording_set
from requests_intake.services.submission import PHOTOS_MAX

RECORDINGS_AN_HOUR = 30


def store_photos(request: HttpRequest, draft: Draft, actor: Viewer) -> tuple[Draft, list[str]]:
    """Store the photos that were sent along; return the draft and what was wrong with the others."""
    errors: list[str] = []
    for upload in request.FILES.getlist("photos"):
        if len(draft.data.get("photos", [])) >= PHOTOS_MAX:
            errors.append(_("最多放 %(count)s 张照片，多出来的没有存。") % {"count": PHOTOS_MAX})
            break
        try:
            stored = image_store(upload=upload, owner_ref="", actor=actor, at=timezone.now())
        except DomainError as error:
            errors.append(_("“%(name)s”：%(why)s") % {"name": (upload.name or "")[:60], "why": error.message})
        else:
            draft = draft_photo_add(draft=draft, file=stored, at=timezone.now())
    return draft, errors


def recording_upload(request: HttpRequest) -> Any:
    """The film or voice note that was sent along, whichever field it came in; None where there is none.

    Raises `DomainError` on "recording" for more than thirty an hour: each costs a minute of a processor.
    """
    upload = request.FILES.get("video") or request.FILES.get("voice")
    if upload is not None and seconds_to_wait(request, "recording", RECORDINGS_AN_HOUR, 3600, "user"):
        message = _("您一小时里放了很多段了，请过一会儿再放。")
        raise DomainError("recordings_too_often", message, field="recording")
    return upload


def store_recording(request: HttpRequest, draft: Draft, actor: Viewer) -> tuple[Draft, str]:
    """Receive the film or voice note that was sent along, or the words for the one there is; return what was wrong."""
    words, there = request.POST.get("recording_words", ""), draft.data.get("recording")
    try:
        upload = recording_upload(request)
        if upload is not None:
            stored = recording_receive(upload=upload, description=words, actor=actor, at=timezone.now())
            return draft_recording_set(draft=draft, recording=stored, at=timezone.now()), ""
        if there and "recording_words" in request.POST:
            recording_describe(recording_id=UUID(there), description=words)
    except DomainError as error:
        return draft, str(error.message)
    return draft, ""
