"""Photos that come with a form: kept while the rest is put right, each fault said beside the field."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.models import StoredFile
from governance.files.services import image_store
from governance.web.forms import add_domain_error
from grid.forms_patrol import FindingForm


def take_photos(form: FindingForm, request: HttpRequest, viewer: Viewer) -> list[StoredFile]:
    """Return what the form kept and what comes now; what cannot be kept is an error of the field, the others stay."""
    taken = _kept(request, viewer, form.most)
    form.taken = taken
    for upload in request.FILES.getlist("photos"):
        if len(taken) >= form.most:
            form.add_error("photos", _("最多放 %(count)s 张照片，多出来的没有存。") % {"count": form.most})
            break
        try:
            taken.append(image_store(upload=upload, owner_ref="", actor=viewer, at=timezone.now()))
        except DomainError as fault:
            said = {"name": (upload.name or "")[:60], "why": fault.message}
            add_domain_error(form, DomainError(fault.code, _("“%(name)s”：%(why)s") % said, field="photos"))
    return taken


def _kept(request: HttpRequest, viewer: Viewer, most: int) -> list[StoredFile]:
    """What this person has sent with the attempt before and has not taken out; nobody else's files. At most 1 SQL."""
    dropped = request.POST.getlist("drop")
    wanted = [pk for text in request.POST.getlist("kept")[:most] if text not in dropped and (pk := _uuid(text))]
    found = StoredFile.objects.filter(owner_ref="", created_by=viewer.user_id).in_bulk(wanted) if wanted else {}
    return [found[pk] for pk in wanted if pk in found]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
