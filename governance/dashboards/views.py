"""The overview: figures on top, then panels, for an area and a period; each panel also alone; a wall for the hall."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.dashboards.models import Export
from governance.dashboards.periods import CHOICES, MONTH, RANGE, YEAR, Period, period_at, period_of
from governance.dashboards.permissions import Capability
from governance.dashboards.registry import Panel, panel_for, panels_for
from governance.dashboards.scope import area_choices, chosen_area
from governance.dashboards.services import export_start
from governance.errors import DomainError
from governance.files.tables import book_xlsx
from governance.jobs.models import State
from governance.web.pages import render_page

MORE = ((MONTH, _("一个月")), (YEAR, _("一年")), (RANGE, _("自己选日期")))


@dataclass(frozen=True, slots=True)
class Card:
    """A panel with its inside drawn, or None while it is only a link; `url` gives it alone."""

    panel: Panel
    inside: SafeString | None
    url: str


@requires(Capability.VIEW)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All panels the viewer may see. Area and period are in the URL, so a view can be kept and sent.

    `all` draws those, too, that are fetched when they are scrolled to (for print); `wall` shows what may hang in the
    hall, and reads it anew every minute.
    """
    area, period, error = _chosen(request)
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    choices = area_choices(area, viewer)
    wall = bool(request.GET.get("wall"))
    shown = [panel for panel in panels_for(viewer) if panel.wall or not wall]
    everything = wall or bool(request.GET.get("all"))
    context = _shared(area, period) | {
        "cards": [_card(request, panel, area, period, drawn=everything or not panel.lazy) for panel in shown],
        "areas": choices,
        "trail": [choice for choice in choices if area.startswith(choice.code)],
        "area_name": next((choice.name for choice in choices if choice.code == area), ""),
        "periods": [*((key, label) for key, _days, label, _than in CHOICES), *MORE],
        "chosen": RANGE if error else period.key,
        "typed": {name: request.GET.get(name, "") for name in ("from", "to")},
        "error": error,
        "wall": wall,
    }
    if wall:
        return render(request, "dashboards/wall.html", context)
    return render_page(request, "dashboards/overview.html", "dashboards/_overview.html", context)


@requires(Capability.VIEW)
@require_safe
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """One panel: a fragment for HTMX, a page of its own for everybody else. 404 for one the viewer may not see."""
    area, period, _error = _chosen(request)
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = panel_for(key, viewer)
    if found is None:
        raise Http404
    context = _shared(area, period) | {"card": _card(request, found, area, period, drawn=True)}
    return render_page(request, "dashboards/panel.html", "dashboards/_panel.html", context)


@requires(Capability.EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """One's own exports; on POST, one more of the area and period in the form."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if request.method == "POST":
        area = chosen_area(request.POST.get("area", ""), viewer)
        if area is None:
            raise Http404
        now = timezone.now()
        try:
            made = export_start(area=area, period=period_of(request.POST.dict(), now), actor=viewer, at=now)
        except DomainError as error:
            messages.error(request, str(error.message))
            return redirect("dashboards:overview")
        return redirect("jobs:show", made.job.public_id) if made.job else redirect("dashboards:exports")
    rows = list(Export.objects.visible_to(viewer).select_related("job").order_by("-created_at")[:20])
    names = areas.names({row.area for row in rows})
    context = {"rows": [(row, names.get(row.area, ""), period_of(row.period, row.created_at)) for row in rows]}
    return render(request, "dashboards/exports.html", context)


@requires(Capability.EXPORT)
@require_safe
def export_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own finished export as an Excel file: one sheet a panel."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    made = get_object_or_404(
        Export.objects.visible_to(viewer).filter(job__state=State.DONE, expires_at__gt=timezone.now()),
        public_id=public_id,
    )
    response = HttpResponse(
        book_xlsx([(sheet["title"], sheet["titles"], sheet["rows"]) for sheet in made.sheets]),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    name = f"liren-{made.area}-{timezone.localtime(made.created_at):%Y%m%d-%H%M}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chosen(request: HttpRequest) -> tuple[str, Period, DomainError | None]:
    """Area and period of the address; where the dates make no period, the default one, and what is wrong."""
    area = chosen_area(request.GET.get("area", ""), request.viewer)  # type: ignore[attr-defined]
    if area is None:
        raise Http404
    now = timezone.now()
    if request.GET.get("period") == RANGE and not (request.GET.get("from") or request.GET.get("to")):
        week = period_at("", now)  # just chosen, nothing typed yet: the dates of the week to begin with
        values = {"period": RANGE, "from": _iso(week.start), "to": _iso(week.last_day)}
        return area, period_of(values, now), None
    try:
        return area, period_of(request.GET.dict(), now), None
    except DomainError as error:
        return area, period_at("", now), error


def _iso(moment: Any) -> str:
    return timezone.localtime(moment).date().isoformat()


def _shared(area: str, period: Period) -> dict[str, Any]:
    return {"area": area, "period": period, "query": _query(area, period)}


def _query(area: str, period: Period) -> str:
    return urlencode({"area": area, **dict(period.query)})


def _card(request: HttpRequest, panel: Panel, area: str, period: Period, *, drawn: bool) -> Card:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    url = f"{reverse('dashboards:panel', args=[panel.key])}?{_query(area, period)}"
    if not drawn:
        return Card(panel, None, url)
    context = {**panel.data(viewer, area, period), "panel": panel, "area": area, "period": period}
    return Card(panel, render_to_string(panel.template, context, request), url)
