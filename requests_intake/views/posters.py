"""Posters (码上办): paper that opens a report with the place filled in, for a grid, an estate or a building."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from governance.access.decorators import public, requires
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation, OrganisationKind
from governance.web.qr import qr_of
from grid.models import Area, Level
from grid.permissions import Capability
from grid.selectors import areas_visible
from population.models import StandardAddress
from requests_intake.here import code_of, code_of_estate, here_of, short_of

SIZES = ("a4", "a5")
MOST = 200  # sheets in one go: a page of more is slow to print


@dataclass(frozen=True, slots=True)
class Poster:
    """One sheet: what it says the place is, the picture, and the address for those who type."""

    title: str
    place: str
    qr: SafeString
    link: str
    office: Organisation | None


@public("A poster in the street opens the report; its code names a place and nothing else.")
@require_safe
def here(request: HttpRequest, code: str) -> HttpResponse:
    """Open the report with the place of the poster; a code that names nothing any more opens it without one."""
    found = here_of(code)
    start = reverse("intake:start")
    return HttpResponseRedirect(f"{start}?here={found.code}" if found else start)


@requires(Capability.VIEW_AREA)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a community, or one of its grids, the size, and what gets sheets of its own."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    today = areas_visible(viewer, day=timezone.localdate()).defer("geometry")
    within = request.GET.get("within", "")
    communities = list(today.filter(level=Level.COMMUNITY))
    known = {area.code for area in communities}
    grids = list(today.filter(level=Level.GRID, code__startswith=within)) if within in known else []
    context = {"communities": communities, "within": within, "grids": grids, "most": MOST}
    return render(request, "requests_intake/posters.html", context)


@requires(Capability.VIEW_AREA)
@require_safe
def printed(request: HttpRequest) -> HttpResponse:
    """`?within=` a community or grid, `?of=estates` or `addresses` a sheet for each, `?size=a5`. 5 SQL."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    within = request.GET.get("within", "")
    size = request.GET.get("size", "")
    grids: list[Area] = []
    if len(within) in (12, 15):
        visible = areas_visible(viewer, day=timezone.localdate()).filter(level=Level.GRID, code__startswith=within)
        grids = list(visible.defer("geometry"))
    above = {area.code: area for area in _above(grids)}
    rows = _sheets(request, grids, above, request.GET.get("of", ""))
    context: dict[str, Any] = {
        "posters": rows[:MOST],
        "is_cut": len(rows) > MOST,
        "most": MOST,
        "size": size if size in SIZES else SIZES[0],
        "within": within,
    }
    return render(request, "requests_intake/posters_printed.html", context)


def _above(grids: Iterable[Area]) -> list[Area]:
    codes = {code for grid in grids for code in (grid.code[:9], grid.code[:12])}
    return list(Area.objects.filter(code__in=codes).defer("geometry").order_by("code"))


def _sheets(request: HttpRequest, grids: list[Area], above: dict[str, Area], of: str) -> list[Poster]:
    offices: dict[str, Organisation] = {}
    wanted = {grid.code[:12] for grid in grids}
    for one in Organisation.objects.filter(
        kind=OrganisationKind.COMMUNITY, area_code__in=wanted, is_active=True
    ).order_by("-pk"):
        offices[one.area_code] = one

    def sheet(grid: Area, title: str, code: str) -> Poster:
        areas = [above[part] for part in (grid.code[:9], grid.code[:12]) if part in above]
        place = " · ".join(area.label for area in [*areas, *([grid] if of == "addresses" else [])])
        link = request.build_absolute_uri(reverse("intake:here", args=[code]))
        return Poster(title, place, qr_of(link), link, offices.get(grid.code[:12]))

    by_code = {grid.code: grid for grid in grids}
    found = StandardAddress.objects.filter(area_code__in=list(by_code)).defer("search_text")
    if of == "estates":
        lying = found.order_by("estate", "area_code").values_list("estate", "area_code").distinct()[: MOST * 3]
        first = {(code[:12], estate): by_code[code] for estate, code in reversed(lying)}
        return [
            sheet(grid, estate, code_of_estate(community, estate))
            for (community, estate), grid in sorted(first.items())
        ]
    if of != "addresses":
        return [sheet(grid, grid.label, grid.code) for grid in grids]
    sheets = []
    for address in found.order_by("area_code", "pk")[: MOST + 1]:
        grid = by_code[address.area_code]
        names = [above[part] for part in (grid.code[:9], grid.code[:12]) if part in above]
        sheets.append(sheet(grid, short_of(address.text, [*names, grid]), code_of(address)))
    return sheets
