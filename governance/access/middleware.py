"""Sets `request.viewer`, lazily: pages for everybody read no grant."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from governance.access.viewer import viewer_for


class ViewerMiddleware:
    """`request.viewer` is computed at its first use: one SQL statement per request of a signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the viewer and go on."""
        lazy: Any = SimpleLazyObject(lambda: viewer_for(request.user, timezone.now()))
        request.viewer = lazy  # type: ignore[attr-defined]
        return self.get_response(request)
