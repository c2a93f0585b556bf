"""Words for a film or voice note on the page of a request."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden
from requests_intake.models import ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.recordings import request_recording_describe


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@require_POST
def words(request: HttpRequest, number: str, uuid: UUID) -> HttpResponse:
    """Say what is seen or heard, for colleagues who cannot see or hear it."""
    viewer = request.viewer  # type: ignore[attr-defined]
    found = ServiceRequest.objects.visible_to(viewer).filter(number=number).first()
    if found is None:
        raise Http404
    text = request.POST.get("recording_words", "")
    try:
        request_recording_describe(request=found, recording_id=uuid, text=text, actor=viewer, at=timezone.now())
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("已记下"))
    return redirect("intake:request", number=number)
