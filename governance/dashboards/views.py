"""The overview: figures on top, then panels, for an area and a period; each panel also alone."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.dashboards.periods import CHOICES, Period, period_at
from governance.dashboards.permissions import Capability
from governance.dashboards.registry import Panel, panel_for, panels_for
from governance.dashboards.scope import area_choices, chosen_area
from governance.web.pages import render_page


@dataclass(frozen=True, slots=True)
class Card:
    """A panel with its inside drawn; `url` gives it alone."""

    panel: Panel
    inside: SafeString
    url: str


@requires(Capability.VIEW)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All panels the viewer may see. Area and period are in the URL, so a view can be kept and sent."""
    area, period = _chosen(request)
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    choices = area_choices(area, viewer)
    context = _shared(area, period) | {
        "cards": [_card(request, panel, area, period) for panel in panels_for(viewer)],
        "areas": choices,
        "area_name": next((choice.name for choice in choices if choice.code == area), ""),
        "periods": [(key, label) for key, _days, label, _than in CHOICES],
    }
    return render_page(request, "dashboards/overview.html", "dashboards/_overview.html", context)


@requires(Capability.VIEW)
@require_safe
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """One panel: a fragment for HTMX, a page of its own for everybody else. 404 for one the viewer may not see."""
    area, period = _chosen(request)
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = panel_for(key, viewer)
    if found is None:
        raise Http404
    context = _shared(area, period) | {"card": _card(request, found, area, period)}
    return render_page(request, "dashboards/panel.html", "dashboards/_panel.html", context)


def _chosen(request: HttpRequest) -> tuple[str, Period]:
    area = chosen_area(request.GET.get("area", ""), request.viewer)  # type: ignore[attr-defined]
    if area is None:
        raise Http404
    return area, period_at(request.GET.get("period", ""), timezone.now())


def _shared(area: str, period: Period) -> dict[str, Any]:
    return {"area": area, "period": period, "query": urlencode({"area": area, "period": period.key})}


def _card(request: HttpRequest, panel: Panel, area: str, period: Period) -> Card:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    context = {**panel.data(viewer, area, period), "panel": panel, "area": area, "period": period}
    query = urlencode({"area": area, "period": period.key})
    url = f"{reverse('dashboards:panel', args=[panel.key])}?{query}"
    return Card(panel, render_to_string(panel.template, context, request), url)
