"""Code lists of components and matters: what is loaded, one list, one kind of it, what became of old codes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can, require
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.forms import attempt
from grid.code_files import SHIPPED, UNCONFIRMED
from grid.forms_codes import CodeFilterForm, ConfirmForm, ItemForm, OwnItemForm, SuccessionForm
from grid.models import CodeItem, CodeKind, CodeList, CodeSuccession
from grid.permissions import Capability
from grid.services.codes import (
    code_item_add,
    code_item_change,
    code_list_confirm,
    code_list_load,
    code_succession_drop,
    code_succession_set,
)

_READERS = (Capability.VIEW_COMPONENT, Capability.EDIT_CODES)


@requires(*_READERS)
@require_safe
def code_lists(request: HttpRequest) -> HttpResponse:
    """The lists that are loaded, the newest first, and those that could be. 1 SQL beyond the frame."""
    rows = list(CodeList.objects.select_related("confirmed_by"))
    there = {row.key for row in rows}
    context = {
        "rows": rows,
        "waiting": [one for key, one in SHIPPED.items() if key not in there],
        "unconfirmed": UNCONFIRMED,
        "may_edit": can(_viewer(request), Capability.EDIT_CODES),
    }
    return render(request, "grid/codes.html", context)


@requires(Capability.EDIT_CODES)
@require_POST
def code_list_loaded(request: HttpRequest, key: str) -> HttpResponse:
    """Load a list that comes with Liren."""
    if key not in SHIPPED:
        raise Http404
    row = code_list_load(shipped=SHIPPED[key], actor=_viewer(request), at=timezone.now())
    messages.success(request, _("装好了。还没有对过正式文本，对过以后请记下"))
    return redirect("grid:code-list", row.key)


@requires(*_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def code_list(request: HttpRequest, key: str) -> HttpResponse:
    """One list, narrowed by kind, class and words; confirming it and adding a kind of one's own."""
    may_edit = _may_write(request)
    row = _list(key)
    form = CodeFilterForm(request.GET, code_list=row)
    viewer, at, kind = _viewer(request), timezone.now(), form.shown_kind
    confirm, own = ConfirmForm(auto_id="confirm_%s"), OwnItemForm(code_list=row, kind=kind, auto_id="own_%s")
    if request.method == "POST":
        wanted = request.POST.get("do")
        if wanted == "confirm":
            confirm = ConfirmForm(request.POST, auto_id="confirm_%s")
            done = attempt(
                confirm, lambda data: code_list_confirm(code_list=row, note=data["note"], actor=viewer, at=at)
            )
        else:
            own = OwnItemForm(request.POST, code_list=row, kind=kind, auto_id="own_%s")
            done = attempt(own, lambda data: code_item_add(code_list=row, kind=kind, **data, actor=viewer, at=at))
        if done:
            messages.success(request, _("记下了") if wanted == "confirm" else _("加好了"))
            return redirect(request.get_full_path())
    items = form.narrowed(row)
    context = {
        "list": row,
        "unconfirmed": UNCONFIRMED,
        "form": form,
        "kind": kind,
        "kinds": CodeKind.choices,
        "items": items,
        "count": sum(len(item.code) == 5 for item in items),
        "may_edit": may_edit,
        "confirm_form": confirm,
        "own_form": own,
    }
    status = 422 if confirm.errors or own.errors else 200
    return render(request, "grid/code_list.html", context, status=status)


@requires(Capability.EDIT_CODES)
@require_http_methods(["GET", "HEAD", "POST"])
def code_item(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Rename a kind of one's own, or take any kind out of use here."""
    item = get_object_or_404(CodeItem.objects.select_related("code_list"), pk=pk, code_list__key=key)
    initial = {"name": item.name, "name_en": item.name_en, "is_active": item.is_active}
    form = ItemForm(request.POST or None, initial=initial)
    form.fields["name"].disabled = not item.is_own
    if request.method == "POST" and attempt(
        form, lambda data: code_item_change(item=item, **data, actor=_viewer(request), at=timezone.now())
    ):
        messages.success(request, _("改好了"))
        return redirect("grid:code-list", key)
    context = {"form": form, "item": item, "list": item.code_list}
    return render(request, "grid/code_item.html", context, status=422 if form.errors else 200)


@requires(*_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def code_successions(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """What became of the codes of older standards, for one kind; a line more, or one less."""
    may_edit = _may_write(request)
    row = _list(key)
    if kind not in CodeKind.values:
        raise Http404
    viewer, at = _viewer(request), timezone.now()
    form = SuccessionForm(request.POST or None, code_list=row, kind=kind)
    if request.method == "POST":
        dropped = request.POST.get("drop", "")
        if dropped.isdecimal() and len(dropped) < 10:
            found = get_object_or_404(CodeSuccession, pk=int(dropped), kind=kind)
            code_succession_drop(succession=found, actor=viewer, at=at)
            messages.success(request, _("去掉了"))
            return redirect("grid:code-successions", key, kind)
        if attempt(form, lambda data: _set(data, kind, viewer)):
            messages.success(request, _("记下了"))
            return redirect("grid:code-successions", key, kind)
    rows = CodeSuccession.objects.filter(kind=kind).select_related("item", "item__code_list")
    context = {
        "list": row,
        "kind": kind,
        "kind_label": CodeKind(kind).label,
        "kinds": CodeKind.choices,
        "rows": list(rows),
        "form": form if may_edit else None,
    }
    return render(request, "grid/code_successions.html", context, status=422 if form.errors else 200)


def _set(data: dict[str, Any], kind: str, viewer: Viewer) -> CodeSuccession:
    said = {("item" if name == "code" else name): value for name, value in data.items()}
    return code_succession_set(**said, kind=kind, actor=viewer, at=timezone.now())


def _may_write(request: HttpRequest) -> bool:
    """Whether the viewer keeps the lists. Raises `Forbidden` for a post of somebody who only reads them."""
    viewer = _viewer(request)
    if request.method == "POST":
        require(viewer, Capability.EDIT_CODES, None)
    return can(viewer, Capability.EDIT_CODES)


def _list(key: str) -> CodeList:
    return get_object_or_404(CodeList.objects.select_related("confirmed_by"), key=key)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
