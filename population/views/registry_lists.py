"""Lists that one works through: legal entities, underground spaces, dwellings due for a check."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from grid.selectors import area_path, area_paths
from population.freshness import freshness
from population.models import EntityKind, registry_settings
from population.naming import dwelling_name
from population.permissions import Capability
from population.selectors.registry_lists import dwellings_due, entities_for, is_late, spaces_for

PAGE_SIZE = 50


class EntityFilter(forms.Form):
    """Which entities."""

    kind = forms.ChoiceField(label=_("类型"), required=False, choices=[("", _("全部")), *EntityKind.choices])


@requires(Capability.VIEW_ENTITY)
@never_cache
@require_safe
def entities(request: HttpRequest) -> HttpResponse:
    """Legal entities of one's area, in the order of entry; `?kind=` and `?area=` narrow them."""
    viewer, area = viewer_of(request), _area(request)
    kind = request.GET.get("kind", "")
    page = _page(request, entities_for(viewer, kind=kind, area=area), ("id",))
    context = {
        "form": EntityFilter(request.GET or None),
        "is_narrowed": bool(kind or area),
        **_where(page, area, viewer),
    }
    return render_page(request, "population/entities.html", "population/_entities.html", context)


@requires(Capability.VIEW_ENTITY)
@never_cache
@require_safe
def spaces(request: HttpRequest) -> HttpResponse:
    """Underground spaces, the inspection that is overdue longest first; `?undated=1` those without a day."""
    viewer, area, undated = viewer_of(request), _area(request), request.GET.get("undated") == "1"
    order = ("id",) if undated else ("inspect_due", "id")
    page = _page(request, spaces_for(viewer, undated=undated, area=area), order)
    today = timezone.localdate()
    context = {
        "undated": undated,
        "late": {row.pk for row in page.rows if is_late(row, today)},
        **_where(page, area, viewer),
    }
    return render_page(request, "population/spaces.html", "population/_spaces.html", context)


@requires(Capability.VIEW_REGISTRY)
@never_cache
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """Dwellings due for a check, grid by grid, those longest unseen first in each."""
    viewer, area, at = viewer_of(request), _area(request), timezone.now()
    page = _page(request, dwellings_due(viewer, at, area=area), ("area_code", "confirmed_at", "id"))
    months = registry_settings().dwelling_months
    context = {
        "months": months,
        **_where(page, area, viewer),
        "rows": [
            {"one": row, "name": dwelling_name(row), "fresh": freshness(row, due_months=months, at=at)}
            for row in page.rows
        ],
    }
    return render_page(request, "population/due.html", "population/_due.html", context)


def _page(request: HttpRequest, rows: Any, order: tuple[str, ...]) -> KeysetPage:
    return KeysetPage(rows, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))


def _where(page: KeysetPage, area: str, viewer: Viewer) -> dict[str, Any]:
    """The page, and where each row and the whole list lies in words. At most 2 SQL."""
    paths = area_paths({row.area_code for row in page.rows})
    for row in page.rows:
        row.path = paths.get(row.area_code, row.area_code)
    return {
        "page": page,
        "area": area,
        "area_name": (area_path(area) or area) if area else "",
        "may_people": viewer.can(Capability.VIEW_REGISTRY),
        "may_entities": viewer.can(Capability.VIEW_ENTITY),
    }


def _area(request: HttpRequest) -> str:
    """The area that the address names, "" for anything that is no code."""
    code = request.GET.get("area", "")
    return code if code.isascii() and code.isalnum() and len(code) <= 17 else ""
