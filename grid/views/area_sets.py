"""Named sets of grids beside the territory: which there are, one on the map and in a table, making and ending one."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can, require
from governance.access.decorators import requires
from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.web.forms import attempt, moment_held
from governance.web.keyset import KeysetPage
from grid.forms_sets import AreaSetForm, LastDayForm
from grid.models import Area, AreaSet, Level, SetKind
from grid.permissions import Capability
from grid.selectors import area_path, area_paths
from grid.services.area_sets import area_set_change, area_set_end, area_set_make
from grid.views.territory import area_url

PAGE_SIZE = 50
ROWS_MAX = 600


@requires(Capability.VIEW_AREA)
@require_safe
def area_sets(request: HttpRequest) -> HttpResponse:
    """Sets of one's area; `?kind=` one kind, `?over=1` those that are no more in use."""
    viewer, today = _viewer(request), timezone.localdate()
    kind, is_over = request.GET.get("kind", ""), bool(request.GET.get("over"))
    rows = AreaSet.objects.visible_to(viewer)
    rows = rows.filter(ends_on__lte=today) if is_over else rows.open(today)
    if kind in SetKind.values:
        rows = rows.filter(kind=kind)
    counted = rows.annotate(size=Count("members"))
    page = KeysetPage(counted, order=["area_code", "id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths = area_paths({one.area_code for one in page.rows})
    context = {
        "page": page,
        "rows": [(one, paths.get(one.area_code, "")) for one in page.rows],
        "kinds": [("", _("全部")), *SetKind.choices],
        "kind": kind if kind in SetKind.values else "",
        "is_over": is_over,
        "may_plan": can(viewer, Capability.PLAN_PATROL),
    }
    return render(request, "grid/area_sets.html", context)


@requires(Capability.VIEW_AREA)
@require_safe
def area_set(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One set: its grids on the map and in a table."""
    return _shown(request, _found(request, public_id))


@requires(Capability.PLAN_PATROL)
@require_http_methods(["GET", "HEAD", "POST"])
def area_set_new(request: HttpRequest) -> HttpResponse:
    """Put grids together under a name."""
    viewer, at = _viewer(request), timezone.now()
    initial = {"kind": SetKind.PATROL, "starts_on": timezone.localdate(at), "area_code": request.GET.get("area", "")}
    form = AreaSetForm(request.POST or None, viewer=viewer, initial=initial)
    if "find" in request.POST:
        form.without_judgement()
    else:
        made = attempt(
            form,
            lambda data: area_set_make(
                **{name: data[name] for name in ("kind", "name", "name_en", "area_code", "starts_on")},
                codes=sorted(form.chosen()),
                submission_key=data["key"],
                actor=viewer,
                at=at,
            ),
        )
        if made is not None:
            messages.success(request, _("建好了"))
            return redirect("grid:area-set", made.public_id)
    return _edited(request, form, None)


@requires(Capability.PLAN_PATROL)
@require_http_methods(["GET", "HEAD", "POST"])
def area_set_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give it another name, or other grids."""
    viewer, one = _viewer(request), _found(request, public_id)
    require(viewer, Capability.PLAN_PATROL, one)
    initial = {"name": one.name, "name_en": one.name_en, "seen": one.changed_at.isoformat()}
    form = AreaSetForm(request.POST or None, viewer=viewer, area_set=one, initial=initial)

    def change(data: dict[str, Any]) -> AreaSet:
        return area_set_change(
            area_set=one,
            name=data["name"],
            name_en=data["name_en"],
            codes=sorted(form.chosen()),
            seen=moment_held(data["seen"]),
            actor=viewer,
            at=timezone.now(),
        )

    if "find" in request.POST:
        form.without_judgement()
    elif attempt(form, change) is not None:
        messages.success(request, _("改好了"))
        return redirect("grid:area-set", one.public_id)
    return _edited(request, form, one)


@requires(Capability.PLAN_PATROL)
@require_POST
def area_set_ended(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say until which day it is in use."""
    viewer, one, form = _viewer(request), _found(request, public_id), LastDayForm(request.POST)
    require(viewer, Capability.PLAN_PATROL, one)
    done = attempt(form, lambda data: area_set_end(area_set=one, **data, actor=viewer, at=timezone.now()))
    if done is None:
        return _shown(request, one, form)
    messages.success(request, _("记下了：到那天为止"))
    return redirect("grid:area-set", one.public_id)


def _edited(request: HttpRequest, form: AreaSetForm, one: AreaSet | None) -> HttpResponse:
    grids, is_long = form.grids()
    context = {"form": form, "one": one, "grids": grids, "is_long": is_long}
    return render(request, "grid/area_set_edit.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, one: AreaSet, form: LastDayForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    may_plan = not one.is_over(today) and can(_viewer(request), Capability.PLAN_PATROL, one)
    context = {
        "one": one,
        "path": area_path(one.area_code),
        "rows": _rows(one, today),
        "level": "grid",
        "within": one.area_code,
        "title": one.label,
        "is_over": one.is_over(today),
        "today": today,
        "may_plan": may_plan,
        "form": form or (LastDayForm(initial={"last_day": today}) if may_plan else None),
    }
    return render(request, "grid/area_set.html", context, status=422 if form is not None else 200)


def _rows(one: AreaSet, today: date) -> list[dict[str, Any]]:
    """The set's grids, and beside them the others of their communities, so that the map shows where it ends. 2 SQL."""
    codes = set(one.members.values_list("area_code", flat=True))
    beside = area_q(sorted({code[:12] for code in codes}), "code") or Q(pk=None)
    others = Q(
        pk__in=Area.objects.valid_on(today).filter(beside, level=Level.GRID).exclude(code__in=codes).values("pk")
    )
    areas = Area.objects.filter(Q(code__in=codes) | others).defer("geometry").order_by("code")[:ROWS_MAX]
    return [
        {"code": area.code, "name": area.label, "url": area_url(area.code), "area": area, "is_in": area.code in codes}
        for area in areas
    ]


def _found(request: HttpRequest, public_id: UUID) -> AreaSet:
    rows = AreaSet.objects.visible_to(_viewer(request)).select_related("changed_by")
    one: AreaSet = get_object_or_404(rows, public_id=public_id)
    return one


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
