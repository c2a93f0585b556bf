"""What a resident has in their account, and what only the requester may do with their own details."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import public
from governance.access.viewer import Viewer, requester
from governance.accounts.decorators import resident
from governance.errors import DomainError
from governance.refs import ref_of
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from population.selectors.own import my_person_refs
from requests_intake.models import ServiceRequest
from requests_intake.selectors.looks import ACCOUNT_REQUESTS, look_rows, looks_at
from requests_intake.selectors.mine import my_drafts, my_requests, my_rows
from requests_intake.selectors.tracking import request_by_token
from requests_intake.services.drafts import draft_discard
from requests_intake.services.ownership import contact_remove, request_hide_name, request_take_over

PAGE_SIZE = 20
_CAPABILITY = "The 128-bit token in the address is the right to this one request."


@resident
@never_cache
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests of the account, newest first; `view=open` leaves out what is over."""
    at, only_open = timezone.now(), request.GET.get("view") == "open"
    page = KeysetPage(
        my_requests(_viewer(request), only_open=only_open),
        order=("-submitted_at", "-id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    context = {"page": page, "rows": my_rows(page.rows, at=at), "only_open": only_open, "tab": "mine"}
    return render_page(request, "requests_intake/mine.html", "requests_intake/_mine.html", context)


@resident
@never_cache
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at the contact details of the account's requests, and at the own record, when and why."""
    viewer = _viewer(request)
    own = list(my_requests(viewer).order_by("-submitted_at", "-id")[:ACCOUNT_REQUESTS])
    page = KeysetPage(
        looks_at(own, my_person_refs(viewer)), order=("-at", "-id"), size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    context = {"page": page, "rows": look_rows(page.rows, own), "tab": "looks", "is_account": True}
    return render_page(request, "requests_intake/looks.html", "requests_intake/_looks.html", context)


@public(_CAPABILITY)
@never_cache
@require_safe
def looks_of_one(request: HttpRequest, token: str) -> HttpResponse:
    """The same for one request, for whoever holds its link."""
    found = request_by_token(token, at=timezone.now())
    if found is None:
        raise Http404
    page = KeysetPage(looks_at([found]), order=("-at", "-id"), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {"page": page, "rows": look_rows(page.rows, [found]), "service_request": found, "token": token}
    return render_page(request, "requests_intake/looks.html", "requests_intake/_looks.html", context)


@resident
@never_cache
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """List what was begun and not sent."""
    context = {"drafts": my_drafts(_viewer(request), at=timezone.now()), "tab": "drafts"}
    return render_page(request, "requests_intake/my_drafts.html", "requests_intake/_my_drafts.html", context)


@resident
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    if not draft_discard(draft_id=pk, actor=_viewer(request)):
        raise Http404
    messages.success(request, _("没写完的那份扔掉了。"))
    return redirect("intake:my-drafts")


@resident
@require_POST
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Put the request behind this link into the account."""
    try:
        request_take_over(request=_found(token), actor=_viewer(request), at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("放到您的账号里了，以后在“我的诉求”里找得到。"))
    return redirect("intake:track", token=token)


@public(_CAPABILITY)
@require_POST
def hide_name(request: HttpRequest, token: str) -> HttpResponse:
    """Hide the name from those who handle the request, or show it again."""
    found, is_hidden = _found(token), request.POST.get("hide") == "1"
    try:
        request_hide_name(request=found, is_hidden=is_hidden, actor=requester(ref_of(found)), at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("办事的人看不到您的称呼了。") if is_hidden else _("办事的人又能看到您的称呼了。"))
    return redirect("intake:track", token=token)


@public(_CAPABILITY)
@require_POST
def forget(request: HttpRequest, token: str) -> HttpResponse:
    """Delete the contact details of a request that is over."""
    found = _found(token)
    if request.POST.get("sure") != "on":
        messages.error(request, _("要去掉，请先打勾"))
        return redirect("intake:track", token=token)
    try:
        contact_remove(request=found, actor=requester(ref_of(found)), at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("称呼、电话和邮箱都去掉了。"))
    return redirect("intake:track", token=token)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def _found(token: str) -> ServiceRequest:
    found = request_by_token(token, at=timezone.now()) if len(token) <= 64 else None
    if found is None:
        raise Http404
    return found
