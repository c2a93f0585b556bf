"""Who has taken part in a request: whoever handles never verifies (济南 §27)."""

from collections.abc import Iterable

from governance.access.viewer import Viewer
from requests_intake.models import RequestTransition, ServiceRequest

# Calling back is not taking part: the same agent may ask again after a rework.
CALLING_BACK = ("close", "bring_back", "call_at_limit")


def is_independent(request: ServiceRequest, viewer: Viewer, history: Iterable[RequestTransition] | None = None) -> bool:
    """Whether this person neither accepted, dispatched nor handled the request, nor belongs to its office.

    1 SQL, none with the request's `history` at hand.
    """
    if viewer.user is None:
        return False
    if viewer.user.organisation_id is not None and viewer.user.organisation_id == request.organisation_id:
        return False
    if history is None:
        history = RequestTransition.objects.filter(request=request, actor_id=viewer.user_id)
    return all(row.actor_id != viewer.user_id or row.name in CALLING_BACK for row in history)
