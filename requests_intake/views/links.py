"""A link to a party outside, for the staff who sent it: to copy, to scan, to call back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.qr import qr_of
from requests_intake.models import ExternalLink, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.detail import request_for
from requests_intake.selectors.outside import link_end, sent_to
from requests_intake.services.outside import link_revoke


@requires(Capability.SEND_OUTSIDE)
@never_cache
@require_safe
def link(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Show the link with its picture to scan, while it lives."""
    found, shown = _found(request, number, pk)
    end = link_end(shown, shown.order, timezone.now())
    address = request.build_absolute_uri(reverse("intake:outside", args=[shown.token]))
    context = {
        "service_request": found,
        "link": shown,
        "order": shown.order,
        "to": sent_to(shown),
        "end": end,
        "address": "" if end else address,
        "qr": "" if end else qr_of(address),
    }
    return render(request, "requests_intake/external_link.html", context)


@requires(Capability.SEND_OUTSIDE)
@require_POST
def revoke(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Call the link back."""
    _request, shown = _found(request, number, pk)
    link_revoke(link=shown, actor=_viewer(request), at=timezone.now())
    messages.success(request, _("链接已收回，打开只看得到“已收回”"))
    return redirect("intake:external-link", number=number, pk=pk)


def _found(request: HttpRequest, number: str, pk: int) -> tuple[ServiceRequest, ExternalLink]:
    viewer = _viewer(request)
    found = request_for(number, viewer)
    if found is None:
        raise Http404
    if not can(viewer, Capability.SEND_OUTSIDE, found):
        raise PermissionDenied
    links = ExternalLink.objects.filter(order__request=found, pk=pk)
    shown = links.select_related("order__request", "order__organisation", "made_by").first()
    if shown is None:
        raise Http404
    return found, shown


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
