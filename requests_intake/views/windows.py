"""The directory of service windows, for everybody: where to go, when, whom to call."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.web.throttle import throttle
from requests_intake.forms_windows import WindowFilterForm
from requests_intake.selectors.windows import window_groups, window_page

_WHY = "Offices want to be found: addresses, hours and telephones of their windows are public."


@public(_WHY)
@require_safe
@throttle("windows", limit=240, seconds=300, methods=("GET", "HEAD"))
def windows(request: HttpRequest) -> HttpResponse:
    """List the windows by area, filtered by the address of the page."""
    form = WindowFilterForm(request.GET)
    form.is_valid()
    words, area = form.cleaned_data.get("q", ""), form.cleaned_data.get("area", "")
    groups = window_groups(area_code=area, words=words, at=timezone.now())
    context = {"form": form, "groups": groups, "is_filtered": bool(words or area)}
    return render(request, "requests_intake/public/windows.html", context)


@public(_WHY)
@require_safe
@throttle("windows", limit=240, seconds=300, methods=("GET", "HEAD"))
def window(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one window with its week and the days that differ."""
    page = window_page(public_id, at=timezone.now())
    if page is None:
        raise Http404
    return render(request, "requests_intake/public/window.html", {"page": page, "window": page.line.window})
