"""Worklists with their numbers, and the page on which people keep their own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.permissions import ROLES
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import IdempotencyField, add_domain_error
from governance.web.portal import in_language
from requests_intake.models import SavedWorklist, WorklistPage
from requests_intake.permissions import Capability
from requests_intake.selectors.worklists import address, saved_by, tabs_for
from requests_intake.services.worklists import worklist_change, worklist_delete, worklist_move, worklist_save

_LISTS = (Capability.VIEW_REQUEST, Capability.VIEW_ORDER)


class WorklistForm(forms.Form):
    """Name of a list, and who else uses it."""

    name = forms.CharField(
        label=gettext_lazy("清单的名字"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": "60"}),
    )
    share = forms.ChoiceField(label=gettext_lazy("谁能用"), required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", gettext_lazy("只有我"))]
        if viewer.can(Capability.SHARE_WORKLIST):
            if viewer.user.organisation is not None:
                choices.append(("office", _("%(who)s的人") % {"who": viewer.user.organisation.short_label}))
            roles = sorted({grant.role for grant in viewer.grants if grant.role in ROLES})
            choices += [(f"role:{role}", _("%(who)s的人") % {"who": in_language(*ROLES[role])}) for role in roles]
        if len(choices) > 1:
            self.fields["share"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["share"]


class SaveForm(WorklistForm):
    """A new list: the query comes along, and may still be changed."""

    query = forms.CharField(label=gettext_lazy("条件"), required=False, widget=forms.TextInput)
    page = forms.CharField(required=False, widget=forms.HiddenInput)
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    key = IdempotencyField()


@requires(*_LISTS)
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """The worklists of a page with their numbers: asked for after the page, and every minute."""
    at = timezone.now()
    wanted = request.GET
    page = WorklistPage.ORDERS if wanted.get("page") == WorklistPage.ORDERS else WorklistPage.REQUESTS
    if not _viewer(request).can(Capability.VIEW_ORDER if page == WorklistPage.ORDERS else Capability.VIEW_REQUEST):
        page = WorklistPage.REQUESTS if page == WorklistPage.ORDERS else WorklistPage.ORDERS
    view, query = wanted.get("view", ""), wanted.get("q", "")
    tabs = tabs_for(_viewer(request), page=page, view=view, query=query, at=at, count=True)
    context = {"tabs": tabs, "page_key": page, "view": view, "q": query, "swap": True}
    return render(request, "requests_intake/_views.html", context)


@requires(*_LISTS)
def worklists(request: HttpRequest) -> HttpResponse:
    """The person's own lists: rename, share, order, delete."""
    if request.method == "POST":
        return _change(request)
    return _page(request)


@requires(*_LISTS)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present query under a name."""
    viewer = _viewer(request)
    if request.method == "POST":
        form = SaveForm(request.POST, viewer=viewer)
        if form.is_valid():
            values = {
                name: form.cleaned_data.get(name, "") for name in ("name", "page", "view", "query", "share", "key")
            }
            try:
                kept = worklist_save(**values, actor=viewer, at=timezone.now())
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, _("已存成清单“%(name)s”") % {"name": kept.name})
                return redirect(address(kept.page, kept.view, kept.query))
        return render(request, "requests_intake/worklist_new.html", {"form": form}, status=422)
    initial = {"query": request.GET.get("q", ""), "page": request.GET.get("page"), "view": request.GET.get("view")}
    form = SaveForm(initial=initial, viewer=viewer)
    return render(request, "requests_intake/worklist_new.html", {"form": form})


@requires(*_LISTS)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    worklist_move(worklist=_own(request, pk), up=request.POST.get("to") == "up", actor=_viewer(request))
    return redirect("intake:worklists")


@requires(*_LISTS)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a list."""
    worklist = _own(request, pk)
    worklist_delete(worklist=worklist, actor=_viewer(request))
    messages.success(request, _("清单“%(name)s”已删掉，里面的诉求都还在") % {"name": worklist.name})
    return redirect("intake:worklists")


def _change(request: HttpRequest) -> HttpResponse:
    worklist = _own(request, request.POST.get("worklist", ""))
    form = WorklistForm(request.POST, viewer=_viewer(request), prefix=f"w{worklist.pk}")
    if form.is_valid():
        share = form.cleaned_data.get("share", "")
        try:
            worklist_change(worklist=worklist, name=form.cleaned_data["name"], share=share, actor=_viewer(request))
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已改好"))
            return redirect("intake:worklists")
    return _page(request, {worklist.pk: form}, status=422)


def _page(request: HttpRequest, bound: dict[int, WorklistForm] | None = None, status: int = 200) -> HttpResponse:
    rows = []
    for worklist in saved_by(_viewer(request)):
        share = "office" if worklist.organisation_id else f"role:{worklist.role}" if worklist.role else ""
        initial = {"name": worklist.name, "share": share}
        blank = WorklistForm(initial=initial, viewer=_viewer(request), prefix=f"w{worklist.pk}")
        url = address(worklist.page, worklist.view, worklist.query)
        rows.append({"worklist": worklist, "form": (bound or {}).get(worklist.pk, blank), "url": url})
    return render(request, "requests_intake/worklists.html", {"lists": rows}, status=status)


def _own(request: HttpRequest, pk: Any) -> SavedWorklist:
    """One of the person's own lists, or 404."""
    number = int(pk) if str(pk).isascii() and str(pk).isdigit() and len(str(pk)) < 19 else 0
    return get_object_or_404(SavedWorklist, pk=number, owner_id=_viewer(request).user_id)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
