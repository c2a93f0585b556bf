"""Editing the directory of service windows."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, StaleState
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.forms_windows import WindowForm
from requests_intake.models import ServiceWindow
from requests_intake.permissions import Capability
from requests_intake.selectors.appointments import unfit
from requests_intake.selectors.windows import window_changes, windows_to_edit
from requests_intake.services.windows import window_change, window_create

PAGE_SIZE = 50


@requires(Capability.EDIT_WINDOWS)
@require_safe
def windows(request: HttpRequest) -> HttpResponse:
    """List the windows that this person may change."""
    page = KeysetPage(
        windows_to_edit(_viewer(request)),
        order=("area_code", "position", "id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    names = areas.names({row.area_code for row in page.rows})
    rows = [(row, names.get(row.area_code, row.area_code)) for row in page.rows]
    context = {"page": page, "rows": rows}
    return render_page(request, "requests_intake/admin/windows.html", "requests_intake/admin/_windows.html", context)


@requires(Capability.EDIT_WINDOWS)
@require_http_methods(["GET", "HEAD", "POST"])
def window_new(request: HttpRequest) -> HttpResponse:
    """Add a window."""
    form = WindowForm(request.POST or None, viewer=_viewer(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = window_create(draft=form.draft(), actor=_viewer(request), at=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("窗口已加上，居民看得到了") if made.is_active else _("窗口已存好"))
            return redirect("intake:window-edit", public_id=made.public_id)
    status = 422 if form.errors else 200
    return render(request, "requests_intake/admin/window.html", {"form": form}, status=status)


@requires(Capability.EDIT_WINDOWS)
@require_http_methods(["GET", "HEAD", "POST"])
def window(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a window; the page shows who changed what."""
    found = _found(request, public_id)
    form = WindowForm(request.POST or None, viewer=_viewer(request), window=found)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            window_change(
                window=found,
                draft=form.draft(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                actor=_viewer(request),
                at=timezone.now(),
            )
        except StaleState as error:  # the next press saves over what the page shows by then
            form.data = request.POST.copy()
            form.data["seen"] = ServiceWindow.objects.get(pk=found.pk).changed_at.isoformat()
            add_domain_error(form, error)
            status = 409
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已保存"))
            return redirect("intake:window-edit", public_id=public_id)
    if form.errors and status == 200:
        status = 422
    labels = {name: field.label for name, field in form.fields.items()} | {"hours": _("几点到几点开")}
    changes = [(change, [labels.get(name, name) for name in change.fields]) for change in window_changes(found)]
    at_odds = len(unfit(SYSTEM, at=timezone.now(), window=found))
    context = {"form": form, "window": found, "changes": changes, "unfit": at_odds}
    return render(request, "requests_intake/admin/window.html", context, status=status)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def _found(request: HttpRequest, public_id: UUID) -> ServiceWindow:
    found = windows_to_edit(_viewer(request)).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
