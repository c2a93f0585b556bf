"""Photos and papers that come with a form: kept while the rest is put right, each fault said beside the field."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.keys import file_key
from governance.files.models import StoredFile
from governance.files.selectors import files_kept
from governance.files.services import DRAFT_LIFE, image_store
from governance.web.forms import add_domain_error
from grid.photos import Photo, photo_of


class TakesFiles(Protocol):
    """A form with files: what it has taken, and how many it takes."""

    taken: Sequence[StoredFile]
    most: int


def uploads_take(
    form: Any, request: HttpRequest, viewer: Viewer, at: datetime, *, store: Callable[..., StoredFile] = image_store
) -> list[StoredFile]:
    """Put into `form.taken` what it kept from the attempt before and what comes now, and return it.

    `form` is bound and `TakesFiles`; the field of the page is `photos`, what was kept `kept`, what is taken out again
    `drop`. What cannot be stored is said on the form with its name, the others stay.
    """
    taken = _kept(request, viewer, form.most)
    form.taken = taken
    for upload in request.FILES.getlist("photos"):
        if len(taken) >= form.most:
            message = _("最多放 %(count)s 份，多出来的没有存。") % {"count": form.most}
            add_domain_error(form, DomainError("too_many_files", message, field="photos"))
            break
        try:
            taken.append(store(upload=upload, owner_ref="", actor=viewer, at=at))
        except DomainError as fault:
            said = {"name": (upload.name or "")[:60], "why": fault.message}
            add_domain_error(form, DomainError(fault.code, _("“%(name)s”：%(why)s") % said, field="photos"))
    return taken


def kept_photos(form: TakesFiles) -> list[tuple[StoredFile, Photo]]:
    """The photos a form has taken, as its page shows them again; their addresses open while drafts live. No SQL."""
    seconds = int(DRAFT_LIFE.total_seconds())
    return [(file, photo_of(file, key=file_key(file, seconds))) for file in form.taken]


def _kept(request: HttpRequest, viewer: Viewer, most: int) -> list[StoredFile]:
    """What this person has sent with the attempt before and has not taken out. At most 1 SQL."""
    dropped = request.POST.getlist("drop")
    wanted = [text for text in request.POST.getlist("kept")[:most] if text not in dropped]
    return files_kept(wanted, user_id=viewer.user_id)
