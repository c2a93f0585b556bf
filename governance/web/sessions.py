"""What a session of staff goes through: it ends when nobody seems to be there, and what was typed comes back.

With a script the page itself keeps what was typed, just before the end (`static/js/idle.js`). Without one, a form that
arrives after the end is kept here, on the way to the entrance. Either way it lies on the server, encrypted, for the
person who typed it: on a shared computer nothing of it stays, and whoever signs in next sees nothing.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from governance.access import idle
from governance.access.models import User
from governance.access.services import kept
from governance.web import device
from governance.web.filling import fill


class StaffSessionMiddleware:
    """Ends sessions, keeps forms that come too late, gives them back; notes in the browser who signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Residents and programs pass untouched."""
        at = timezone.now()
        if idle.is_staff(request.session):
            if idle.is_over(request.session, at):
                session_end(request)
            elif idle.BACKGROUND not in request.headers:
                idle.mark_seen(request.session, at)
        response = self.get_response(request)
        if request.session.get("kept") and idle.is_staff(request.session):
            _after(request, response)
        entered = getattr(request, "entered", None)
        if isinstance(entered, User):
            device.remember(request, response, entered)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """A form of staff that arrives signed out is kept for whoever was signed in here, and led to the entrance."""
        needs_somebody = getattr(view, "login_required", True) and request.path.startswith(settings.STAFF_PREFIX)
        if request.method != "POST" or not needs_somebody or request.user.is_authenticated:
            return None
        person = getattr(request, "timed_out", None) or device.last_here(request)
        if person is None:
            return None
        page = _page_of(request)
        fields = [[name, value] for name, values in request.POST.lists() for value in values]
        form = {"action": request.path, "fields": fields}
        is_kept = kept.forms_keep(user=person, page=urlsplit(page).path, forms=[form], at=timezone.now())
        door = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': page, 'ended': 'kept' if is_kept else 'idle'})}"
        if request.headers.get("HX-Request"):  # a piece of an open page: the whole page goes
            return HttpResponse(headers={"HX-Redirect": door})
        return redirect(door)


def session_end(request: HttpRequest) -> None:
    """Sign out whoever was not seen for too long."""
    user, key = request.user, request.session.session_key or ""
    if isinstance(user, User):
        kept.session_time_out(user=user, session_key=key, at=timezone.now())
        request.timed_out = user  # type: ignore[attr-defined]
    logout(request)


def _page_of(request: HttpRequest) -> str:
    """The page on which a form stood, with its query; where the browser does not say, the form's own address."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    is_ours = url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(said) if is_ours else None
    if parts is None or not parts.path.startswith(settings.STAFF_PREFIX):
        return request.path
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _after(request: HttpRequest, response: HttpResponse) -> None:
    """Give back what this page's forms held; forget it once it was sent."""
    user: Any = request.user
    if request.method == "POST":
        if response.status_code < 400:
            kept.form_sent(user=user, action=request.path)
            request.session["kept"] = kept.has_kept(user, timezone.now())
        return
    is_page = response.headers.get("Content-Type", "").startswith("text/html") and response.status_code == 200
    if request.method != "GET" or response.streaming or not is_page:
        return
    page = urlsplit(_page_of(request)).path if request.headers.get("HX-Request") else request.path
    forms = kept.kept_on(user, page, timezone.now())
    if forms:
        html = response.content.decode()
        response.content = fill(html, forms=forms, here=request.path, note=lambda: _note(request, page))


def _note(request: HttpRequest, page: str) -> str:
    return render_to_string("web/_given_back.html", {"page": page}, request=request)
