"""Components: the list beside its map, one component with its history, entering, changing, inspecting."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import Forbidden
from governance.web.forms import attempt, moment_held
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.sections import sections_of
from grid.boxes import answered, box_of, gathered, zoom_of
from grid.component_lists import components_for
from grid.forms_components import ComponentFilterForm, ComponentForm, InspectForm
from grid.models import Component, EntryKind, ExportFormat
from grid.permissions import Capability
from grid.selectors import area_path, area_paths, start_code
from grid.services.codes import code_list_on
from grid.services.components import CHANGEABLE, component_change, component_enter, component_inspect

PAGE_SIZE = 50
HISTORY_ROWS = 100
AREAS_FROM = 15  # zoom at which clusters name the grid they lie in


@requires(Capability.VIEW_COMPONENT)
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Components the viewer may see, narrowed by the address, in the order of entry, the newest first."""
    viewer, today = _viewer(request), timezone.localdate()
    form = ComponentFilterForm(request.GET, code_list=code_list_on(today), viewer=viewer)
    rows = components_for(viewer, form.wanted(), today)
    page = KeysetPage(
        rows.select_related("item", "manager", "maintainer"),
        order=("-id",),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    paths = area_paths({row.area_code for row in page.rows})
    query = {key: value for key, value in request.GET.items() if value and key != "cursor"}
    context = {
        "form": form,
        "page": page,
        "rows": [
            {"one": row, "path": paths.get(row.area_code, ""), "due": row.inspection_word(today)} for row in page.rows
        ],
        "map_query": urlencode(query),
        "map_within": start_code(viewer)[:12],
        "is_narrowed": bool(query),
        "export_query": list(query.items()),
        "export_formats": ExportFormat.choices,
        "may_enter": can(viewer, Capability.EDIT_COMPONENT),
    }
    return render_page(request, "grid/components.html", "grid/_components.html", context)


@requires(Capability.VIEW_COMPONENT)
@require_safe
@gzip_page
def component_clusters(request: HttpRequest) -> HttpResponse:
    """Clusters in a box: `?box=west,south,east,north&zoom=` and the filters of the list."""
    box = box_of(request.GET.get("box", ""))
    if box is None:
        message = _("没有看懂地图的范围：box 应是 西,南,东,北 四个经纬度")
        return JsonResponse({"error": message}, status=400)
    viewer, today, zoom = _viewer(request), timezone.localdate(), zoom_of(request.GET.get("zoom", ""))
    form = ComponentFilterForm(request.GET, code_list=code_list_on(today), viewer=viewer)
    found = gathered(components_for(viewer, form.wanted(), today), box, zoom, areas_from=AREAS_FROM)
    response = JsonResponse(answered(found, box, zoom), json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = "private, max-age=30"
    return response


@requires(Capability.VIEW_COMPONENT)
@require_safe
def component(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One component: what it is, who cares for it and its history."""
    return _shown(request, _found(request, public_id))


@requires(Capability.EDIT_COMPONENT)
@require_http_methods(["GET", "HEAD", "POST"])
def component_new(request: HttpRequest) -> HttpResponse:
    """Enter a component."""
    viewer, at = _viewer(request), timezone.now()
    today = timezone.localdate(at)
    form = ComponentForm(
        request.POST or None, viewer=viewer, code_list=code_list_on(today), initial=ComponentForm.begun(today)
    )
    made = attempt(
        form,
        lambda data: component_enter(draft=form.draft(), submission_key=data["key"], actor=viewer, at=at),
    )
    if made is not None:
        messages.success(request, _("登记好了，标识码 %(code)s") % {"code": made.identity})
        return redirect("grid:component", made.public_id)
    context = {"form": form, "one": None}
    return render(request, "grid/component_edit.html", context, status=422 if form.errors else 200)


@requires(Capability.EDIT_COMPONENT)
@require_http_methods(["GET", "HEAD", "POST"])
def component_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a component; its number and kind stay."""
    viewer, row = _viewer(request), _found(request, public_id)
    if not can(viewer, Capability.EDIT_COMPONENT, row):
        raise Forbidden("forbidden", _("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))
    form = ComponentForm(
        request.POST or None, viewer=viewer, code_list=row.item.code_list, initial=ComponentForm.of(row)
    )
    for name in ("code", "identity"):
        form.fields[name].disabled = True

    def change(data: dict[str, Any]) -> Component:
        seen = moment_held(data["seen"])
        return component_change(component=row, draft=form.draft(), seen=seen, actor=viewer, at=timezone.now())

    if attempt(form, change) is not None:
        messages.success(request, _("改好了"))
        return redirect("grid:component", row.public_id)
    context = {"form": form, "one": row}
    return render(request, "grid/component_edit.html", context, status=422 if form.errors else 200)


@requires(Capability.INSPECT_COMPONENT)
@require_POST
def component_inspected(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Note an inspection."""
    row, form = _found(request, public_id), InspectForm(request.POST)
    actor, at = _viewer(request), timezone.now()
    if attempt(form, lambda data: component_inspect(component=row, **data, actor=actor, at=at)) is not None:
        messages.success(request, _("记下了这次检查"))
        return redirect("grid:component", row.public_id)
    return _shown(request, row, form)


def _shown(request: HttpRequest, row: Component, form: InspectForm | None = None) -> HttpResponse:
    viewer, today = _viewer(request), timezone.localdate()
    may_inspect = can(viewer, Capability.INSPECT_COMPONENT, row) and not row.is_gone
    history = list(row.entries.select_related("by").order_by("-pk")[: HISTORY_ROWS + 1])
    context: dict[str, Any] = {
        "one": row,
        "path": area_path(row.area_code),
        "due": row.inspection_word(today),
        "history": [
            {"one": entry, "title": EntryKind(entry.kind).label, "fields": _named(entry.fields)}
            for entry in history[:HISTORY_ROWS]
        ],
        "is_long": len(history) > HISTORY_ROWS,
        "sections": sections_of("grid.component", row, viewer),
        "may_edit": can(viewer, Capability.EDIT_COMPONENT, row),
        "inspect_form": form or (InspectForm(initial={"state": row.state}) if may_inspect else None),
    }
    return render(request, "grid/component.html", context, status=422 if form is not None else 200)


def _named(names: list[str]) -> list[str]:
    """Labels of changed fields, each once."""
    labels = [ComponentForm.base_fields[name].label for name in names if name in CHANGEABLE]
    return list(dict.fromkeys(str(label) for label in labels))


def _found(request: HttpRequest, public_id: UUID) -> Component:
    rows = Component.objects.visible_to(_viewer(request))
    return get_object_or_404(
        rows.select_related("item__code_list", "manager", "owner", "maintainer"), public_id=public_id
    )


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
