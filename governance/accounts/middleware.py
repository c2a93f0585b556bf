"""Account pages are residents' pages, and a form with a fault answers 422 like every other form of the portal."""

from collections.abc import Callable
from typing import Any

from allauth.core.exceptions import RateLimited
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.web.views import errors

OURS = ("allauth.", "governance.accounts.")
FOR_STAFF = "governance.accounts.views.staff"


class AccountPagesMiddleware:
    """Keeps staff out of the account pages: their accounts are the administrators' matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass through; the work is below."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Lead staff to their work."""
        request.is_account_page = view.__module__.startswith(OURS)  # type: ignore[attr-defined]
        user = request.user
        if view.__module__ == FOR_STAFF:
            return None
        if request.is_account_page and user.is_authenticated and user.kind == "staff":  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("web:work"))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """A limit that allauth meets outside its own forms is "too many", not a fault of the program."""
        return errors.slow_down(request) if isinstance(exception, RateLimited) else None

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """Answer 422 when the page shows a fault; nothing of these pages stays in the browser's history."""
        if getattr(request, "is_account_page", False):
            response.headers.setdefault("Cache-Control", "no-store, private")
            context = response.context_data or {}
            context.pop("site", None)  # allauth's; ours comes from the context processor
            form = context.get("form")
            if request.method == "POST" and response.status_code == 200 and form is not None and form.errors:
                response.status_code = 422
        return response
