"""Calls to departments as the request page shows them, and who may call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.organisations.models import OrganisationKind
from requests_intake.models import RequestGrant, ServiceRequest, Whistle, WhistleRating, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.workflow import OrderRole

# Which side's mark a step stores.
RATED_BY = {"rate_called": WhistleRating.Side.CALLER, "rate_call": WhistleRating.Side.CALLED}
CALLERS = (OrganisationKind.SUBDISTRICT_OFFICE, OrganisationKind.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Called:
    """One call with the orders of those who were called, and who sees the request because of it."""

    whistle: Whistle
    orders: list[WorkOrder]
    grants: list[RequestGrant]


def may_whistle(request: ServiceRequest, viewer: Viewer) -> bool:
    """Whether this viewer may call departments in: from the desk, or where a sub-district or community leads."""
    if can(viewer, Capability.DISPATCH_REQUEST, request):
        return can(viewer, Capability.BLOW_WHISTLE, request)
    leads = request.organisation is not None and request.organisation.kind in CALLERS
    return leads and can(viewer, Capability.BLOW_WHISTLE, request)


def rated_sides(order: WorkOrder) -> set[str]:
    """Sides that have given their mark; no SQL where the ratings were read with the order."""
    return {rating.side for rating in order.ratings.all()}


def whistles_of(request: ServiceRequest, helpers: Sequence[WorkOrder], at: datetime) -> list[Called]:
    """Return the calls of a request in their order. 1 SQL for the grants, none where nobody was called."""
    called = [order for order in helpers if order.role == OrderRole.WHISTLE]
    if not called:
        return []
    grants = list(
        RequestGrant.objects.filter(content_object=request, expires_at__gt=at)
        .select_related("user", "organisation")
        .order_by("organisation", "user")
    )
    whistles = {order.whistle_id: order.whistle for order in called if order.whistle is not None}
    found = []
    for pk, whistle in whistles.items():
        orders = [order for order in called if order.whistle_id == pk]
        offices = {order.organisation_id for order in orders}
        found.append(Called(whistle, orders, [grant for grant in grants if grant.organisation_id in offices]))
    return found
