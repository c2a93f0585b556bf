"""Counters that slow down robots on public forms. A lost cache lets everybody through: help comes before order."""

import ipaddress
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

By = Literal["ip", "user"] | Callable[[HttpRequest], str]


def client_address(request: HttpRequest) -> str:
    """Return the address a request came from; IPv6 as its /64, because one home owns all of it.

    Behind our own proxy the last entry of X-Forwarded-For is the one that the proxy itself wrote; the others are
    whatever the client claims.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        address = forwarded.rpartition(",")[2].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def _who(request: HttpRequest, by: By) -> str:
    if callable(by):
        return by(request)
    if by == "user" and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"ip:{client_address(request)}"


def seconds_to_wait(request: HttpRequest, name: str, limit: int, seconds: int, by: By = "ip") -> int:
    """Count one attempt. Return 0 when it is within the limit, else the seconds until the window ends.

    `by` is "ip", "user" (the address for people who are signed out) or a function of the request. The key is a
    keyed digest, so that the cache holds no addresses.
    """
    now = int(time.time())
    window = now // seconds
    digest = salted_hmac("liren.throttle", _who(request, by)).hexdigest()[:32]
    key = f"throttle:{name}:{window}:{digest}"
    cache.add(key, 0, timeout=seconds + 1)
    try:
        count = cache.incr(key)
    except ValueError:  # no cache: fail open
        return 0
    return 0 if count <= limit else (window + 1) * seconds - now


def throttle(
    name: str, limit: int, seconds: int, by: By = "ip", methods: tuple[str, ...] = ("POST",)
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let at most `limit` requests with these methods through per `seconds`; answer the rest with the 429 page."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def throttled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods and (wait := seconds_to_wait(request, name, limit, seconds, by)):
                from governance.web.views.errors import too_many_requests

                return too_many_requests(request, wait)
            return view(request, *args, **kwargs)

        return throttled

    return decorate
