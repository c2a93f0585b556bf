"""Security headers, one log line a request, and language, size and contrast from cookies."""

import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.utils.cache import patch_vary_headers

from governance.errors import DomainError, Forbidden
from governance.web.preferences import read_preferences
from governance.web.views import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("liren.request")

PERMISSIONS = (
    "geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), serial=(), "
    "display-capture=(), browsing-topics=()"
)


def tile_source(tiles: Any) -> str:
    """Return the CSP source of the configured map tiles: its origin, sub-domain placeholders as a wildcard."""
    if not tiles or not tiles.get("url"):
        return ""
    parts = urlsplit(tiles["url"])
    host = parts.netloc
    if "{" in host:
        # https://t{s}.tianditu.gov.cn/... : CSP has wildcards for whole labels only.
        host = "*." + host.partition(".")[2]
    return f"{parts.scheme}://{host}"


def content_security_policy(tiles: Any) -> str:
    """Nothing from anywhere else, nothing inline; map tiles only where an office has configured them."""
    images = " ".join(filter(None, ["'self'", "data:", "blob:", tile_source(tiles)]))
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {images}",
            "media-src 'self'",
            "connect-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
        ]
    )


class SecurityHeadersMiddleware:
    """Outermost: every response carries the headers, errors and static files too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = content_security_policy(settings.LIREN_MAP_TILES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add what the inner layers have not set themselves."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # Pages hold names and drafts: no shared cache, asked again each time, back and forward stay instant.
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class RequestLogMiddleware:
    """One line a request: never the path or the query, because tracking tokens are secrets."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give the request an id, bind it to all log lines of this request, and report."""
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        started = time.perf_counter()
        response = self.get_response(request)
        log.info(
            "request",
            method=request.method,
            route=route_name(request),
            status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
            user=_public_id(request),
        )
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


def route_name(request: HttpRequest) -> str:
    """Return `intake:track` and the like; "-" where no route matched."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else "") or "-"


def _public_id(request: HttpRequest) -> str:
    """Return the person's public id if this request has already looked them up; a log line costs no SQL."""
    user = getattr(request, "_cached_user", None)
    return str(user.public_id) if user is not None and user.is_authenticated else ""


class PreferencesMiddleware:
    """Sets `request.preferences` and speaks the chosen language for the rest of the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the language; the page depends on the cookies and on Accept-Language."""
        preferences = read_preferences(request)
        request.preferences = preferences  # type: ignore[attr-defined]
        request.LANGUAGE_CODE = preferences.language
        with translation.override(preferences.language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", preferences.html_lang)
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response


class RefusalMiddleware:
    """Turns a service's refusal that no form has caught into a page that says what happened.

    So does an address that only takes what a form sends, when somebody opens it by itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through what is no refusal; those of services are in `process_exception`."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method in ("GET", "HEAD"):
            told = errors.only_sends(request)
            told.headers["Allow"] = response.headers["Allow"]
            return told
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """`Forbidden` is 403, any other `DomainError` 409, with its own words."""
        if isinstance(exception, Forbidden):
            return errors.forbidden(request, exception)
        if isinstance(exception, DomainError):
            return errors.refused(request, exception)
        return None
