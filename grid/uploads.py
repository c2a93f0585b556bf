"""Photos and papers that come with an answer: kept while the rest is put right, each fault said beside the field."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.models import StoredFile
from governance.files.services import file_store
from grid.services.tasks_doing import PHOTOS_MAX


def take(form: Any, request: HttpRequest, viewer: Viewer, at: datetime) -> None:
    """Put into `form.taken` what it kept from the attempt before and what comes now; a fault is said on the form."""
    form.taken = _kept(request, viewer)
    form.is_valid()
    for upload in request.FILES.getlist("photos"):
        if len(form.taken) >= PHOTOS_MAX:
            form.add_error(None, _("最多放 %(most)s 份，多出来的没有存。") % {"most": PHOTOS_MAX})
            break
        try:
            form.taken.append(file_store(upload=upload, owner_ref="", actor=viewer, at=at))
        except DomainError as fault:
            form.add_error(None, str(fault.message))


def _kept(request: HttpRequest, viewer: Viewer) -> list[StoredFile]:
    """What this person has sent with the attempt before; nobody else's files."""
    wanted = [pk for text in request.POST.getlist("kept")[:PHOTOS_MAX] if (pk := _uuid(text))]
    found = StoredFile.objects.filter(owner_ref="", created_by=viewer.user_id).in_bulk(wanted) if wanted else {}
    return [found[pk] for pk in wanted if pk in found]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
