"""What a resident asks about their own data: the list, a new one, one with its answer."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows import reauthentication
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.viewer import Viewer
from governance.accounts.decorators import resident
from governance.errors import DomainError, Forbidden
from governance.protection.person_requests.copies import copy_file, copy_shown
from governance.protection.person_requests.forms import OwnForm
from governance.protection.person_requests.models import Kind, PersonRequest
from governance.protection.person_requests.selectors import looks_at, working_days
from governance.protection.person_requests.services import (
    person_copy_take,
    person_request_file,
    person_request_withdraw,
)
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page

PAGE_SIZE = 20


@resident
@never_cache
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """One's own requests, the newest first, and the way to a new one. 1 SQL."""
    rows = PersonRequest.objects.visible_to(_viewer(request))
    page = KeysetPage(rows, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {"page": page, "rows": page.rows, "tab": "account"}
    return render_page(
        request, "protection/person_requests/mine.html", "protection/person_requests/_mine.html", context
    )


@resident
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_data_new(request: HttpRequest) -> HttpResponse:
    """Ask for something; `kind` in the address chooses it beforehand."""
    asked = request.GET.get("kind", "")
    form = OwnForm(request.POST or None, initial={"kind": asked if asked in Kind.values else ""})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = person_request_file(
                kind=data["kind"],
                words=data["words"],
                language=get_language() or settings.LANGUAGE_CODE,
                submission_key=data["key"],
                actor=_viewer(request),
                at=timezone.now(),
            )
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("收到了，号码和答复的日期在下面"))
            return redirect("protection:my-data-one", made.public_id)
    context = {"form": form, "days": working_days()}
    return render(request, "protection/person_requests/new.html", context, status=422 if form.errors else 200)


@resident
@never_cache
@require_safe
def my_data_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One request of one's own: where it stands, until when, the answer."""
    rows = PersonRequest.objects.visible_to(_viewer(request)).select_related("copy")
    found = get_object_or_404(rows, public_id=public_id)
    context = {
        "found": found,
        "copy": copy_shown(found, timezone.now()),
        "looks": looks_at(found),
        "must_confirm": reauthentication.is_reauthentication_required(request, app="allauth.account"),
    }
    return render(request, "protection/person_requests/one.html", context)


@resident
@never_cache
@reauthentication_required(app="allauth.account")
@require_safe
def my_data_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show once more who asks, and come back to the page: a file would leave them standing at the question."""
    messages.success(request, _("确认过了，现在可以取副本"))
    return redirect("protection:my-data-one", public_id)


@resident
@never_cache
@reauthentication_required(app="allauth.account")
@require_safe
def my_data_copy(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The copy as a file, after showing once more who asks: it holds all that is known of them."""
    viewer = _viewer(request)
    found = get_object_or_404(PersonRequest.objects.visible_to(viewer), public_id=public_id)
    try:
        return copy_file(*person_copy_take(request=found, actor=viewer, at=timezone.now()))
    except PersonRequest.DoesNotExist as missing:
        raise Http404 from missing


@resident
@require_POST
def my_data_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a request back that nobody has answered yet."""
    viewer = _viewer(request)
    found = get_object_or_404(PersonRequest.objects.visible_to(viewer), public_id=public_id)
    person_request_withdraw(request=found, actor=viewer, at=timezone.now())
    messages.success(request, _("撤回了，以后还可以再提"))
    return redirect("protection:my-data")


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    return viewer  # type: ignore[no-any-return]
