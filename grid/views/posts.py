"""Posts as staff see them: grids with their people, who is missing, and what can be done about it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Scope, Viewer
from governance.web.keyset import KeysetPage
from governance.web.navigation import resolve
from governance.web.pages import render_page
from grid.coverage import GridRow, grid_rows, grids_listed, post_rows
from grid.models import Area, Level, Post
from grid.permissions import Capability
from grid.post_forms import PostFilterForm
from grid.selectors import area_path, area_paths, areas_visible

PAGE_SIZE = 30


@requires(Capability.VIEW_AREA)
@require_safe
def post_list(request: HttpRequest) -> HttpResponse:
    """Grids in the order of their codes with who is in their posts today; the filters stand in the address."""
    viewer, at = viewer_of(request), timezone.now()
    places = areas_visible(viewer, day=timezone.localdate(at)).filter(level__in=(Level.SUBDISTRICT, Level.COMMUNITY))
    form = PostFilterForm(request.GET, areas=list(places.only("code", "name", "name_en")))
    form.is_valid()
    grids = grids_listed(
        viewer,
        at=at,
        within=form.cleaned_data.get("within", ""),
        words=form.cleaned_data.get("q", ""),
        uncovered=form.shown == form.UNCOVERED,
    )
    page = KeysetPage(grids, order=["code", "id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths = area_paths(area.parent_code for area in page.rows)
    context = {
        "form": form,
        "page": page,
        "posters_url": resolve("intake:posters"),
        "rows": [(row, paths.get(row.area.parent_code, "")) for row in grid_rows(page.rows, viewer, at=at)],
    }
    return render_page(request, "grid/posts.html", "grid/_posts.html", context)


@requires(Capability.VIEW_AREA)
@require_safe
def post_area(request: HttpRequest, code: str) -> HttpResponse:
    """One community, grid or micro-grid: who is in its posts, who will be, who was."""
    viewer, at = viewer_of(request), timezone.now()
    area = area_shown(viewer, code, at)
    mine = Post.objects.visible_to(viewer)
    inside = mine.filter(area_code__startswith=code) if area.level == Level.GRID else mine.filter(area_code=code)
    open_rows = post_rows(inside.open(at), at=at)
    ended = inside.exclude(pk__in=[row.post.pk for row in open_rows]).select_related("user", "appointed_by", "ended_by")
    micro = Area.objects.valid_on(timezone.localdate(at)).filter(code__startswith=code, level=Level.MICRO_GRID)
    context = {
        "area": area,
        "path": area_path(code),
        "row": GridRow(area, tuple(row for row in open_rows if row.post.life(at) == "live")),
        "posts": [_with_life(row, at) for row in open_rows],
        "page": KeysetPage(ended, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor")),
        "may_appoint": can(viewer, Capability.APPOINT_POSTS, Scope(code)),
        "micro": list(micro.defer("geometry").order_by("code")) if area.level == Level.GRID else [],
        "is_grid": area.level == Level.GRID,
    }
    return render(request, "grid/post_area.html", context)


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def area_shown(viewer: Viewer, code: str, at: datetime) -> Area:
    """The area of posts with this code, valid today and visible; else 404."""
    areas = areas_visible(viewer, day=timezone.localdate(at)).defer("geometry")
    area: Area = get_object_or_404(areas, code=code)
    if area.level not in (Level.COMMUNITY, Level.GRID, Level.MICRO_GRID):
        raise Http404
    return area


def post_decided(viewer: Viewer, pk: int) -> Post:
    """The post, if the viewer decides over it: one they may not know of is 404, one they may only see 403."""
    rows = Post.objects.visible_to(viewer).select_related("user", "grant", "appointed_by")
    post: Post = get_object_or_404(rows, pk=pk)
    if not can(viewer, Capability.APPOINT_POSTS, post):
        raise PermissionDenied
    return post


def _with_life(row: Any, at: datetime) -> dict[str, Any]:
    return {"post": row.post, "stand_ins": row.stand_ins, "life": row.post.life(at)}
