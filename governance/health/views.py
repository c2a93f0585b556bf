"""The health page, for machines."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.health.selectors import health


@public("Load balancers and the supervisor ask without an account; the answer says nothing about people.")
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 only while database, broker, worker and beat are alive; else 503 naming what failed."""
    found = health(at=timezone.now())
    parts = {"database": found.database, "broker": found.broker, "worker_and_beat": found.worker_and_beat}
    answer = {
        "status": "ok" if found.alive else "failed",
        "parts": {name: "ok" if alive else "failed" for name, alive in parts.items()},
        "heartbeat_age": found.heartbeat_age,
    }
    return JsonResponse(answer, status=200 if found.alive else 503)
