"""An area's page with its past, and the four ways to change it: look at the result first, then do it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.impact.selectors import Dependent, dependents_of
from governance.web.forms import add_domain_error
from governance.web.proof import proved
from grid.features import collection_of
from grid.forms import ChangeForm, DayForm, MergeForm, RedrawForm, RetireForm, SplitForm
from grid.history import changes_of, grid_on, versions_of
from grid.models import Area, AreaChange
from grid.permissions import Capability
from grid.selectors import area_path, areas_beside, areas_visible
from grid.views.territory import area_url


@dataclass(frozen=True, slots=True)
class Result:
    """What would be different: areas before and after, by code, and what depends on them."""

    after: list[Area]
    ended: list[Area]
    dependents: list[Dependent]


@requires(Capability.VIEW_AREA)
@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """An area, also one that is no more: what it is, was, and what was done to it; which grid a point lay in."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    shown = get_object_or_404(Area.objects.visible_to(viewer).defer("geometry"), code=code)
    today = timezone.localdate()
    form = DayForm(request.GET) if "point" in request.GET or "day" in request.GET else DayForm(initial={"day": today})
    then = path = None
    if form.is_bound and form.is_valid():
        lng, lat = form.cleaned_data["point"]
        then = grid_on(lng, lat, form.cleaned_data["day"])
        path = area_path(then.code) if then else ""
    is_over = _is_over(shown, today)
    may_settle = can(viewer, Capability.CHANGE_AREA, shown)
    changes = changes_of(code)
    # what lay in a retired area keeps its code; in one with successors it should have gone along
    has_heirs = is_over and any(code == old for change in changes for old, _new in change.moves)
    left = dependents_of([code], viewer=viewer, at=timezone.now()) if has_heirs and may_settle else []
    return render(
        request,
        "grid/area.html",
        {
            "area": shown,
            "path": area_path(code) or shown.label,
            "is_over": is_over,
            "hectares": None if shown.surface_m2 is None else shown.surface_m2 / 10_000,
            "map_url": area_url(code),
            "may_change": not is_over and may_settle,
            "may_reshape": shown.level != "district",
            "changes": changes,
            "versions": versions_of(code),
            "left": left,
            "form": form,
            "then": then,
            "then_path": path,
        },
    )


@requires(Capability.VIEW_AREA)
@require_safe
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The area and all below it that the viewer sees, as a GeoJSON file with full outlines; it can be loaded again."""
    day = timezone.localdate()
    visible = areas_visible(request.viewer, day=day).filter(code__startswith=code)  # type: ignore[attr-defined]
    areas = list(visible.order_by("code"))
    if not areas or areas[0].code != code:
        raise Http404
    response = JsonResponse(collection_of(areas), json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/geo+json"
    response["Content-Disposition"] = f'attachment; filename="{areas[0].code}_{day:%Y%m%d}.geojson"'
    return response


@requires(Capability.CHANGE_AREA)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def redraw(request: HttpRequest, code: str) -> HttpResponse:
    """A new outline, the neighbours with it."""
    return _change(request, code, RedrawForm, "redraw")


@requires(Capability.CHANGE_AREA)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, code: str) -> HttpResponse:
    """Two or more areas in its place."""
    return _change(request, code, SplitForm, "split")


@requires(Capability.CHANGE_AREA)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """One area in place of it and its neighbours."""
    return _change(request, code, MergeForm, "merge")


@requires(Capability.CHANGE_AREA)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """No more in use."""
    return _change(request, code, RetireForm, "retire")


def _change(request: HttpRequest, code: str, form_class: type[ChangeForm], act: str) -> HttpResponse:
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    shown = get_object_or_404(Area.objects.valid_on(timezone.localdate(at)).visible_to(viewer), code=code)
    if not can(viewer, Capability.CHANGE_AREA, shown):
        raise PermissionDenied
    siblings = areas_beside(shown, day=timezone.localdate(at))
    form = form_class(request.POST if request.method == "POST" else None, area=shown, siblings=siblings)
    result = None
    if form.is_bound and form.is_valid():
        is_confirmed = "confirm" in request.POST and form.cleaned_data["seen"] == form.digest()
        try:
            if is_confirmed:
                change = form.apply(reason=form.cleaned_data["reason"], actor=viewer, at=at)
                messages.success(request, _done(change))
                return redirect(_page_after(change, shown))
            result = _rehearse(form, viewer, at)
        except DomainError as error:
            add_domain_error(form, error)
    context = {
        "area": shown,
        "act": act,
        "title": form.title % {"area": shown.label},
        "form": form,
        "parts": getattr(form, "parts", []),
        "result": result,
        "digest": form.digest() if result else "",
        "versions": form["versions"].value() or json.dumps({one.code: one.version for one in (shown, *siblings)}),
        "back": reverse("grid:area", args=[code]),
        "outlines": _outlines([shown, *siblings]) if act != "retire" else None,
        "result_outlines": _outlines(result.after) if result and act != "retire" else None,
    }
    return render(request, "grid/area_change.html", context)


def _rehearse(form: ChangeForm, viewer: Viewer, at: datetime) -> Result:
    """Do it and undo it: the very same checks as when it is done. Raises `DomainError` as that would."""
    day = timezone.localdate(at)
    with transaction.atomic():
        change = form.apply(reason="-", actor=viewer, at=at)
        rows = list(Area.objects.filter(code__in=change.codes).order_by("code"))
        transaction.set_rollback(True)
    return Result(
        after=[one for one in rows if not _is_over(one, day)],
        ended=[one for one in rows if _is_over(one, day)],
        dependents=dependents_of(form.concerned(), viewer=viewer, at=at),
    )


def _is_over(shown: Area, day: date) -> bool:
    return shown.valid_to is not None and shown.valid_to <= day


def _done(change: AreaChange) -> str:
    if change.code_map or change.kind == "redraw":
        return _("已经改好，从今天起生效。诉求、授权等记录正在后台改到新的区域，通常不到一分钟。")
    return _("已经改好，从今天起生效。")


def _page_after(change: AreaChange, shown: Area) -> str:
    """The area itself, or what followed on it."""
    heirs = [line.partition(">")[2] for line in change.code_map if line.startswith(f"{shown.code}>")]
    return reverse("grid:area", args=[heirs[0] if heirs else shown.code])


def _outlines(areas: Sequence[Area]) -> dict[str, Any]:
    """GeoJSON for the map of the page, in full: what is drawn is written back."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": one.code, "name": one.label, "label": [one.label_lng, one.label_lat]},
            "geometry": one.geometry,
        }
        for one in areas
        if one.geometry
    ]
    return {"type": "FeatureCollection", "features": features}
