"""My grid, for everybody: found by address, by position or from a list; then its people, telephones and outline."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.access.viewer import ANONYMOUS
from governance.web import geocoding
from governance.web.navigation import resolve
from governance.web.sections import sections_of
from governance.web.throttle import throttle
from grid.history import heirs_of
from grid.lookup import grid_at
from grid.models import Area, GeometryVersion, Level
from grid.my_grid import changed_at, people_public, sides, supervision_office
from grid.selectors import area_paths, place_of
from grid.views.geometry import WITHIN, degrees_of

WHY = "Who looks after a grid is public notice; only what was released for it is shown."
LONGEST = 100
SHOWN = 8
KEEP_SECONDS = 60  # so long a browser may show it without asking: a number that is withdrawn is gone soon


@dataclass(frozen=True, slots=True)
class Found:
    """An address that is like what was typed, with the grid where it lies."""

    text: str
    place: str
    url: str


@public(WHY)
@require_safe
@throttle("my-grid", limit=240, seconds=300, methods=("GET", "HEAD"))
def find(request: HttpRequest) -> HttpResponse:
    """`?q=` an address, `?lng=&lat=` a position in degrees WGS-84, `?within=` a community of the list."""
    typed = request.GET.get("q", "")[:LONGEST].strip()
    within = request.GET.get("within", "")
    lng, lat = degrees_of(request.GET.get("lng"), 180), degrees_of(request.GET.get("lat"), 90)
    is_outside = False
    if lng is not None and lat is not None:
        if code := grid_at(lng, lat):
            return redirect("grid:my-grid-one", code=code)
        is_outside = True
    today = Area.objects.valid_on(timezone.localdate()).defer("geometry")
    context: dict[str, Any] = {
        "typed": typed,
        "found": _found(typed) if typed else [],
        "is_outside": is_outside,
        "within": within,
        "groups": _communities(today),
    }
    if within:
        inside = WITHIN.fullmatch(within) and len(within) == 12
        context["grids"] = list(today.filter(level=Level.GRID, code__startswith=within)) if inside else []
    return render(request, "grid/my_grid_find.html", context)


@public(WHY)
@require_safe
@throttle("my-grid", limit=240, seconds=300, methods=("GET", "HEAD"))
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One grid: name, outline on the map and in words, people, telephones, what goes on there."""
    today = timezone.localdate()
    area = Area.objects.valid_on(today).filter(level=Level.GRID, code=code).first()
    place = place_of(code) if area is not None else None
    if area is None or place is None:
        return _successor(request, code)
    version = GeometryVersion.objects.first()
    neighbours = Area.objects.valid_on(today).filter(level=Level.GRID, code__startswith=code[:12]).defer("geometry")
    context = {
        "area": area,
        "path": place.path,
        "within": code[:12],
        "level": Level.GRID,
        "rows": [_row(grid, code) for grid in neighbours],
        "people": people_public(code, at=timezone.now()),
        "community": place.organisation,
        "supervision": supervision_office(code),
        "sides": sides(area, version),
        "hectares": area.surface_m2 / 10_000 if area.surface_m2 else None,
        "sections": sections_of("grid.area", area, ANONYMOUS),
        "report_url": resolve("intake:here", code),
        "changed_at": changed_at(code, version),
    }
    response = render(request, "grid/my_grid.html", context)
    patch_cache_control(response, private=True, max_age=KEEP_SECONDS)
    return response


def _successor(request: HttpRequest, code: str) -> HttpResponse:
    """The grid that took the place of one that ended; of several, a list to choose from. 404 where there is none."""
    heirs = [area for area in heirs_of(code) if area.level == Level.GRID]
    if not heirs:
        raise Http404
    if len(heirs) == 1:
        return redirect("grid:my-grid-one", code=heirs[0].code)
    groups = _communities(Area.objects.valid_on(timezone.localdate()).defer("geometry"))
    context = {"found": [], "was_split": True, "within": heirs[0].code[:12], "groups": groups, "grids": heirs}
    return render(request, "grid/my_grid_find.html", context)


def _row(grid: Area, code: str) -> dict[str, Any]:
    url = reverse("grid:my-grid-one", args=[grid.code])
    return {"code": grid.code, "name": grid.label, "value": None, "url": url, "is_current": grid.code == code}


def _found(typed: str) -> list[Found]:
    """Known addresses like the words, each with its grid, or with its community's list while it has none."""
    matches = geocoding.search(typed, SHOWN)
    paths = area_paths(match.area_code[:15] for match in matches)
    return [Found(match.text, paths.get(match.area_code[:15], ""), _address(match.area_code)) for match in matches]


def _address(code: str) -> str:
    if len(code) >= 15:
        return reverse("grid:my-grid-one", args=[code[:15]])
    return f"{reverse('grid:my-grid')}?within={code[:12]}#grids"


def _communities(today: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Communities under their sub-districts, for a plain list. 1 SQL."""
    groups: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for area in today.filter(level__in=(Level.SUBDISTRICT, Level.COMMUNITY)).only("code", "level", "name", "name_en"):
        if area.level == Level.SUBDISTRICT:
            groups[area.code] = (area.label, [])
        elif area.parent_code in groups:
            groups[area.parent_code][1].append((area.code, area.label))
    return list(groups.values())
