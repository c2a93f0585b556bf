"""What was found on walks, as those see it who look after an area: findings, and places that wait to be looked at."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance import refs
from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from grid.forms_patrol import FindingFilterForm
from grid.models import Finding
from grid.patrol_day import overdue_stops
from grid.permissions import Capability
from grid.photos import photo_of
from grid.selectors import area_path, area_paths

PAGE_SIZE = 50
OVERDUE_SHOWN = 20


@requires(Capability.VIEW_FINDING)
@require_safe
def patrols(request: HttpRequest) -> HttpResponse:
    """Findings of one's area, the newest first; beside them places, not people, that are overdue."""
    viewer, at = _viewer(request), timezone.now()
    form = FindingFilterForm(request.GET, viewer=viewer)
    rows = Finding.objects.visible_to(viewer)
    for name, lookup in (("kind", "kind"), ("state", "state"), ("area", "area_code__startswith")):
        if value := form.cleaned_data.get(name):
            rows = rows.filter(**{lookup: value})
    page = KeysetPage(rows.select_related("matter"), order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths = area_paths({one.area_code for one in page.rows})
    overdue = overdue_stops(viewer, at, OVERDUE_SHOWN + 1)
    context = {
        "form": form,
        "page": page,
        "rows": [(one, paths.get(one.area_code, "")) for one in page.rows],
        "is_narrowed": any(form.cleaned_data.get(name) for name in form.fields),
        "overdue": overdue[:OVERDUE_SHOWN],
        "is_long": len(overdue) > OVERDUE_SHOWN,
        "may_plan": can(viewer, Capability.PLAN_PATROL),
    }
    return render_page(request, "grid/patrols.html", "grid/_patrols.html", context)


@requires(Capability.VIEW_FINDING)
@require_safe
def finding(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One finding with its photos, and what became of it."""
    viewer = _viewer(request)
    rows = Finding.objects.visible_to(viewer).select_related("matter", "component", "found_by")
    one = get_object_or_404(rows, uuid=uuid)
    context = {
        "one": one,
        "path": area_path(one.area_code),
        "photos": [photo_of(photo.file) for photo in one.photos.select_related("file")],
        "order": refs.describe(one.order_ref, viewer) if one.order_ref else None,
    }
    return render(request, "grid/finding.html", context)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
