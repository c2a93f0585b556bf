"""So many calls a minute for each token; without one, for each address. A lost cache lets everybody through."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from governance.web.throttle import By, seconds_to_wait

SECONDS = 60


class TokenThrottle(BaseThrottle):
    """API_PER_MINUTE calls a minute."""

    def __init__(self) -> None:
        self._wait = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this call; whether it is within the limit."""
        token = request.auth
        by: By = "ip" if token is None else lambda _request: f"token:{token.pk}"  # type: ignore[union-attr]
        self._wait = seconds_to_wait(request._request, "api", settings.API_PER_MINUTE, SECONDS, by)
        return not self._wait

    def wait(self) -> float:
        """Seconds until the next minute, for Retry-After."""
        return float(self._wait)
