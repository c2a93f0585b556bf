"""Full page for a browser, its partial for HTMX: same URL, same view, same context."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_partial(request: HttpRequest) -> bool:
    """Whether HTMX asks for a piece of the page; restoring history and boosted links want all of it."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    page_template: str,
    partial_template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `partial_template` for HTMX and `page_template`, which includes that very partial, for everybody else."""
    template = partial_template if wants_partial(request) else page_template
    response = render(request, template, dict(context or {}), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response
