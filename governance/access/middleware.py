"""Sets `request.viewer`, lazily (pages for everybody read no grant), and refuses views without an access mark."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from governance.access.decorators import ACCESS_MARK
from governance.access.foreign_views import FOREIGN_VIEWS, view_name
from governance.access.second_step import held_back
from governance.access.viewer import Viewer, remembered_viewer


class ViewerMiddleware:
    """`request.viewer` is computed at its first use: one SQL statement per request of a signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Attach the viewer and go on."""
        lazy: Any = SimpleLazyObject(lambda: _viewer(request))
        request.viewer = lazy  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Deny by default: a view that was forgotten is closed, not open to everybody who is signed in.

        Somebody whose role wants a second step is led to set it up before anything that wants a capability answers.
        """
        mark = getattr(view, ACCESS_MARK, "")
        if not mark and view_name(view) not in FOREIGN_VIEWS:
            raise PermissionDenied(f"{view_name(view)} carries neither @requires nor @public")
        if mark.startswith("requires") and request.viewer.waits_for_second_step:  # type: ignore[attr-defined]
            return _to_second_step(request)
        return None


def _viewer(request: HttpRequest) -> Viewer:
    """The viewer, held back until the second step; `has_perm` of the same person answers the same."""
    at, user = timezone.now(), request.user
    viewer = held_back(remembered_viewer(user, at), request.session, at)
    if viewer.waits_for_second_step:
        user._liren_viewer = viewer  # type: ignore[union-attr]
    return viewer


def _to_second_step(request: HttpRequest) -> HttpResponseBase:
    page, here = resolve_url(settings.SECOND_STEP_URL), request.get_full_path()
    if request.headers.get("HX-Request"):  # a piece of an open page: the whole page goes
        return HttpResponse(headers={"HX-Redirect": page})
    return redirect_to_login(here if request.method in ("GET", "HEAD") else request.path, page)


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads whoever has to sign in to the right door: staff pages to the staff's, all others to the residents'."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Redirect to the sign-in page with the way back."""
        staff = request.path.startswith(settings.STAFF_PREFIX)
        door = settings.LOGIN_URL if staff else settings.RESIDENT_LOGIN_URL
        return redirect_to_login(request.get_full_path(), resolve_url(door))
