"""Who stands back from a request."""

from governance.access.viewer import Viewer
from requests_intake.models import Recusal, ServiceRequest


def is_recused(request: ServiceRequest, user_id: int | None) -> bool:
    """Whether this person stands back from the request. 1 SQL, none where nobody does."""
    if user_id is None or not request.has_recusals:
        return False
    return Recusal.objects.filter(request=request, user_id=user_id).exists()


def stands_back(request: ServiceRequest, viewer: Viewer) -> bool:
    """Whether the viewer does."""
    return is_recused(request, viewer.user_id)


def recusals_of(request: ServiceRequest) -> list[Recusal]:
    """Return those who stand back, with their names. 1 SQL, none where nobody does."""
    if not request.has_recusals:
        return []
    return list(Recusal.objects.filter(request=request).select_related("user").order_by("at", "pk"))
