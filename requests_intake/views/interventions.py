"""Supervisions (督办): the list of them, and the sheet that goes out on paper."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.qr import qr_of
from requests_intake.models import Intervention
from requests_intake.permissions import Capability
from requests_intake.selectors.sight import covered_all, is_shielded

PAGE_SIZE = 50
VIEWS = (("open", _("等回复的")), ("late", _("过了期的")), ("answered", _("已回复的")), ("all", _("全部")))


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@require_safe
def supervisions(request: HttpRequest) -> HttpResponse:
    """The supervisions that the viewer may see, open ones by their date, the others newest first."""
    at, viewer = timezone.now(), _viewer(request)
    view = request.GET.get("view", "open")
    if view not in dict(VIEWS):
        view = "open"
    unanswered = Q(answered_at__isnull=True)
    wanted = {
        "open": unanswered,
        "late": unanswered & Q(due_at__lt=at),
        "answered": Q(answered_at__isnull=False),
        "all": Q(),
    }[view]
    found = _visible(viewer).filter(wanted).select_related("request", "organisation", "by")
    order = ("due_at", "id") if view in ("open", "late") else ("-at", "-id")
    page = KeysetPage(found, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all([row.request for row in page.rows], viewer)
    context = {"page": page, "rows": page.rows, "view": view, "views": VIEWS, "now": at}
    return render_page(request, "requests_intake/supervisions.html", "requests_intake/_supervisions.html", context)


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@never_cache
@require_safe
def supervision(request: HttpRequest, number: str) -> HttpResponse:
    """One supervision as a sheet (督办单), black on white."""
    viewer = _viewer(request)
    found = (
        _visible(viewer).select_related("request__category", "organisation", "by", "answered_by").filter(number=number)
    )
    made = found.first()
    if made is None or is_shielded(made.request, viewer):
        raise Http404
    names = areas.names([made.area_code[:9], made.area_code[:12], made.area_code])
    context: dict[str, Any] = {
        "made": made,
        "service_request": made.request,
        "place": " · ".join(names[code] for code in sorted(names)),
        "qr": qr_of(request.build_absolute_uri(reverse("intake:request", args=[made.request.number]))),
        "printed_at": timezone.now(),
        "printed_by": viewer.user,
    }
    return render(request, "requests_intake/supervision.html", context)


def _visible(viewer: Viewer) -> Any:
    return Intervention.objects.visible_to(viewer).filter(kind=Intervention.Kind.SUPERVISE)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
