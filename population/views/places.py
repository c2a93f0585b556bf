"""Compounds and buildings: what stands where, and a building as floors and doors."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access.checks import can
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.sections import sections_of
from grid.selectors import area_path
from population.models import Building, Compound
from population.permissions import Capability
from population.selectors.buildings import building_table, door_order, neighbourhood_of
from population.selectors.compounds import building_lines, buildings_for

PAGE_SIZE = 60


@requires(Capability.VIEW_REGISTRY)
@never_cache
@require_safe
def compound(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One compound: its buildings, by number within a page."""
    viewer, at = viewer_of(request), timezone.now()
    row: Compound = get_object_or_404(Compound.objects.visible_to(viewer), public_id=public_id)
    page = KeysetPage(buildings_for(row, viewer), order=("id",), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    ordered = sorted(page.rows, key=lambda one: door_order(one.address.text))
    context = {
        "one": row,
        "path": area_path(row.area_code),
        "page": page,
        "rows": building_lines(ordered, at),
        "may_change": can(viewer, Capability.CHANGE_REGISTRY, row),
        "may_enter": can(viewer, Capability.CHANGE_ENTITY, row),
    }
    return render_page(request, "population/compound.html", "population/_buildings.html", context)


@requires(Capability.VIEW_REGISTRY)
@never_cache
@require_safe
def building(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One building as a table of floors and doors; `?entrance=` chooses the one a narrow screen shows."""
    viewer, at = viewer_of(request), timezone.now()
    row = building_found(viewer, public_id)
    table = building_table(row, at)
    wanted = request.GET.get("entrance", "")
    chosen = next((str(part.entrance.pk) for part in table.entrances if str(part.entrance.pk) == wanted), "")
    context: dict[str, Any] = {
        "one": row,
        "path": area_path(row.area_code),
        "table": table,
        "chosen": chosen or next((str(part.entrance.pk) for part in table.entrances), ""),
        "beside": neighbourhood_of(row, viewer, at),
        "sections": sections_of("population.building", row, viewer),
        "may_change": can(viewer, Capability.CHANGE_REGISTRY, row),
        "may_enter": can(viewer, Capability.CHANGE_ENTITY, row),
    }
    return render(request, "population/building.html", context)


def building_found(viewer: Viewer, public_id: UUID) -> Building:
    """A building in the viewer's scope with its address and compound; 404 for any other."""
    rows = Building.objects.visible_to(viewer).select_related("address", "compound")
    found: Building = get_object_or_404(rows, public_id=public_id)
    return found
