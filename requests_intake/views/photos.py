"""Photos of a draft that come with a form: each fault is told, the others stay."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.services import image_store
from requests_intake.models import Draft
from requests_intake.services.drafts import draft_photo_add
from requests_intake.services.submission import PHOTOS_MAX


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
