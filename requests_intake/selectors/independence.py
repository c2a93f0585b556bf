"""Who has taken part in a request: whoever handles never verifies (济南 §27)."""

from governance.access.viewer import Viewer
from requests_intake.models import RequestTransition, ServiceRequest

# Calling back is not taking part: the same agent may ask again after a rework.
CALLING_BACK = ("close", "bring_back")


def is_independent(request: ServiceRequest, viewer: Viewer) -> bool:
    """Whether this person neither accepted, dispatched nor handled the request, nor belongs to its office. 0-1 SQL."""
    if viewer.user is None:
        return False
    if viewer.user.organisation_id is not None and viewer.user.organisation_id == request.organisation_id:
        return False
    taken = RequestTransition.objects.filter(request=request, actor_id=viewer.user_id).exclude(name__in=CALLING_BACK)
    return not taken.exists()
