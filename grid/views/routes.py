"""Patrol routes: who plans walks puts places in an order; buttons do it, so a keyboard does, too."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.checks import can, require
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import add_domain_error, attempt
from governance.web.keyset import KeysetPage
from grid.forms_patrol import PlaceForm, RouteForm
from grid.models import Area, Component, PatrolRoute, RoutePoint
from grid.permissions import Capability
from grid.selectors import area_path, area_paths
from grid.services.patrols import grids_of, point_add, point_drop, point_move, route_end, route_make

PAGE_SIZE = 50
FOUND_SHOWN = 20


@requires(Capability.VIEW_FINDING)
@require_http_methods(["GET", "HEAD", "POST"])
def routes(request: HttpRequest) -> HttpResponse:
    """The routes of one's area; on POST, a new one."""
    viewer, may_plan = _viewer(request), can(_viewer(request), Capability.PLAN_PATROL)
    if request.method == "POST":
        require(viewer, Capability.PLAN_PATROL, None)
    form = RouteForm(request.POST or None, viewer=viewer) if may_plan else None
    if form is not None:
        made = attempt(form, lambda _data: route_make(**form.order(), actor=viewer, at=timezone.now()))
        if made is not None:
            messages.success(request, _("路线建好了，接着加要看的地方"))
            return redirect("grid:route", made.public_id)
    rows = PatrolRoute.objects.visible_to(viewer).filter(ended_at=None).select_related("area_set")
    page = KeysetPage(rows, order=["area_code", "id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths = area_paths({one.area_code for one in page.rows})
    context = {"page": page, "rows": [(one, paths.get(one.area_code, "")) for one in page.rows], "form": form}
    return render(request, "grid/routes.html", context, status=422 if form is not None and form.errors else 200)


@requires(Capability.VIEW_FINDING)
@require_http_methods(["GET", "HEAD", "POST"])
def route(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One route: its places in their order; who plans adds, moves and drops them, and ends the route."""
    viewer, at = _viewer(request), timezone.now()
    rows = PatrolRoute.objects.visible_to(viewer).select_related("area_set", "changed_by")
    one = get_object_or_404(rows, public_id=public_id)
    areas = Area.objects.filter(code__in=grids_of(one)).only("code", "name", "name_en").order_by("code")
    grids = [(area.code, area.label) for area in areas]
    form = PlaceForm(grids=grids)
    if request.method == "POST":
        require(viewer, Capability.PLAN_PATROL, one)
        act = next((act for name, act in _ACTS.items() if name in request.POST), _add_place)
        form = PlaceForm(request.POST if act is _add_place else None, grids=grids)
        try:
            done = act(request, one, form, viewer, at)
        except DomainError as error:
            if act is not _add_place:
                raise
            add_domain_error(form, error)
        else:
            if done:
                messages.success(request, done)
                return redirect("grid:routes" if act is _end else "grid:route", *([] if act is _end else [public_id]))
    may_plan = one.ended_at is None and can(viewer, Capability.PLAN_PATROL, one)
    points = list(one.points.select_related("component").order_by("position"))
    words = request.GET.get("q", "").strip()
    context = {
        "one": one,
        "path": area_path(one.area_code),
        "points": points,
        "form": form if may_plan else None,
        "words": words,
        "found": _components(viewer, grids, words, points) if may_plan and words else [],
        "today": timezone.localdate(at),
    }
    return render(request, "grid/route.html", context, status=422 if form.errors else 200)


def _components(viewer: Viewer, grids: list[tuple[str, str]], words: str, points: list[RoutePoint]) -> list[Component]:
    """Components of the route's grids that have the word in their name or begin with it; at most 20. 1 SQL."""
    rows = Component.objects.visible_to(viewer).standing().filter(area_code__in=[code for code, _name in grids])
    rows = rows.exclude(pk__in=[point.component_id for point in points if point.component_id is not None])
    named = rows.filter(identity__startswith=words.upper()) | rows.filter(name__contains=words)
    return list(named.order_by("area_code", "pk")[:FOUND_SHOWN])


def _add_place(_request: HttpRequest, one: PatrolRoute, form: PlaceForm, viewer: Viewer, at: datetime) -> str:
    if not form.is_valid():
        return ""
    said = form.cleaned_data
    point_add(
        route=one,
        name=said["name"],
        every_days=said["every_days"],
        area_code=said["area_code"],
        actor=viewer,
        at=at,
    )
    return _("加上了：%(name)s") % {"name": said["name"]}


def _add_component(request: HttpRequest, one: PatrolRoute, _form: Any, viewer: Viewer, at: datetime) -> str:
    rows = Component.objects.visible_to(viewer)
    component = get_object_or_404(rows, public_id=_uuid(request.POST.get("component", "")))
    point_add(route=one, component=component, actor=viewer, at=at)
    return _("加上了：%(name)s") % {"name": component.name}


def _up(request: HttpRequest, one: PatrolRoute, _form: Any, viewer: Viewer, at: datetime) -> str:
    return _moved(_point(request, one, "up"), viewer, at, up=True)


def _down(request: HttpRequest, one: PatrolRoute, _form: Any, viewer: Viewer, at: datetime) -> str:
    return _moved(_point(request, one, "down"), viewer, at, up=False)


def _moved(point: RoutePoint, viewer: Viewer, at: datetime, *, up: bool) -> str:
    point_move(point=point, up=up, actor=viewer, at=at)
    return _("“%(name)s”挪好了") % {"name": point.label}


def _drop(request: HttpRequest, one: PatrolRoute, _form: Any, viewer: Viewer, at: datetime) -> str:
    point = _point(request, one, "drop")
    point_drop(point=point, actor=viewer, at=at)
    return _("去掉了：%(name)s") % {"name": point.label}


def _end(_request: HttpRequest, one: PatrolRoute, _form: Any, viewer: Viewer, at: datetime) -> str:
    route_end(route=one, actor=viewer, at=at)
    return _("路线停用了")


_ACTS: dict[str, Callable[[HttpRequest, PatrolRoute, Any, Viewer, datetime], str]] = {
    "component": _add_component,
    "up": _up,
    "down": _down,
    "drop": _drop,
    "end": _end,
}


def _point(request: HttpRequest, one: PatrolRoute, button: str) -> RoutePoint:
    rows = one.points.select_related("component", "route")
    return get_object_or_404(rows, public_id=_uuid(request.POST.get(button, "")))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
