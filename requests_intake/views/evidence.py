"""Evidence that comes with a form: kept while the rest is put right, each fault said beside the field."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.selectors import files_kept
from governance.text import clean_text
from governance.web.forms import add_domain_error
from requests_intake.evidence_forms import EvidenceForm
from requests_intake.services.evidence import EVIDENCE_MAX, NAME_MAX, Evidence, evidence_receive


def take(form: EvidenceForm, request: HttpRequest, viewer: Viewer) -> list[Evidence]:
    """Return what the form kept and what comes now, at most six; what cannot be kept is an error of the field."""
    taken = _kept(request, viewer)
    form.taken = taken
    for upload in request.FILES.getlist("evidence"):
        if len(taken) >= EVIDENCE_MAX:
            form.add_error("evidence", _("最多放 %(most)s 份，多出来的没有存。") % {"most": EVIDENCE_MAX})
            break
        try:
            taken.append(evidence_receive(upload=upload, actor=viewer, at=timezone.now()))
        except DomainError as fault:
            add_domain_error(form, fault)
    return taken


def _kept(request: HttpRequest, viewer: Viewer) -> list[Evidence]:
    """What this person has sent with the attempt before and has not taken out; nobody else's files."""
    dropped = request.POST.getlist("drop")
    wanted = [text for text in request.POST.getlist("kept")[:EVIDENCE_MAX] if text not in dropped]
    found = files_kept(wanted, user_id=viewer.user_id)
    names = {
        file.pk: clean_text(request.POST.get(f"name-{file.pk}", ""), multiline=False)[-NAME_MAX:] for file in found
    }
    return [Evidence(file, names[file.pk] or str(file.get_kind_display())) for file in found]
