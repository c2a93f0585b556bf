"""The territory as staff see it: a map beside the table it draws, from the district down to the grid."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.access.areas import LEVELS
from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from grid.models import Area
from grid.models.area import ancestor_codes
from grid.permissions import Capability
from grid.selectors import AreaRow, areas_below, areas_visible, community_organisation, start_code

CODE = re.compile(r"[0-9A-Z]{0,17}")


@requires(Capability.VIEW_AREA)
@require_safe
def territory(request: HttpRequest) -> HttpResponse:
    """`?within=<code>`: the area, its parts in a table and on the map. Without it: the smallest area of the viewer."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    within = request.GET["within"] if "within" in request.GET else start_code(viewer)
    if not CODE.fullmatch(within):
        raise Http404
    day = timezone.localdate()
    shown = areas_visible(viewer, day=day).filter(code__in=[*ancestor_codes(within), within]).defer("geometry")
    way = {area.code: area for area in shown}
    if within and within not in way:
        raise Http404
    area = way.pop(within, None)
    rows = areas_below(viewer, within, day=day)
    is_leaf = area is not None and not rows
    if is_leaf:  # nothing below: show it among its neighbours
        rows = areas_below(viewer, area.parent_code, day=day)
    context = {
        "area": area,
        "way": [{"name": above.label, "url": area_url(above.code)} for above in way.values()],
        "is_leaf": is_leaf,
        "hectares": _hectares(area) if area else None,
        "organisation": community_organisation(within),
        "rows": [_row(row, within) for row in rows],
        "level": rows[0].area.level if rows else "",
        "within": rows[0].area.parent_code if rows else "",
        "parts_label": _parts_label(rows),
        "title": _title(area, rows, is_leaf=is_leaf),
        "may_import": can(viewer, Capability.CHANGE_AREA),
    }
    return render(request, "grid/map.html", context)


def area_url(code: str) -> str:
    """Address of an area on the staff map."""
    return f"{reverse('grid:map')}?within={code}"


def _row(row: AreaRow, within: str) -> dict[str, Any]:
    area = row.area
    return {
        "code": area.code,
        "name": area.label,
        "value": None,
        "url": area_url(area.code),
        "is_current": area.code == within,
        "kind": area.get_kind_display(),
        "parts": row.parts,
        "hectares": _hectares(area),
    }


def _hectares(area: Area) -> float | None:
    return None if area.surface_m2 is None else area.surface_m2 / 10_000


def _parts_label(rows: list[AreaRow]) -> str:
    """Heading of the column that counts the level below; "" where nothing is below."""
    if not any(row.parts for row in rows):
        return ""
    labels = {"subdistrict": _("街道数"), "community": _("社区数"), "grid": _("网格数"), "micro_grid": _("微网格数")}
    deeper = [LEVELS[length] for length in sorted(LEVELS) if length > len(rows[0].area.code)]
    return labels[deeper[0]]


def _title(area: Area | None, rows: list[AreaRow], *, is_leaf: bool) -> str:
    if area is None:
        return _("全部区域")
    if is_leaf or not rows:
        return area.label
    labels = {
        "subdistrict": _("%(area)s的街道"),
        "community": _("%(area)s的社区"),
        "grid": _("%(area)s的网格"),
        "micro_grid": _("%(area)s的微网格"),
    }
    return labels[rows[0].area.level] % {"area": area.label}
