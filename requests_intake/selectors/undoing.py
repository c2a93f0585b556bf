"""Until when a dispatch can be taken back: as long as nobody has been told of it."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import Q

from governance.access.viewer import Viewer
from governance.notifications.services import DELAY
from requests_intake.models import RequestTransition, ServiceRequest, WorkOrder
from requests_intake.workflow import OrderRole, OrderState, RequestState

DISPATCHES = ("dispatch", "to_district")
UNDO = "undo_dispatch"
# Rows from which `without_undone` makes what residents read.
FOR_RESIDENTS = Q(is_public=True) | Q(name=UNDO)


def may_undo(
    request: ServiceRequest, viewer: Viewer, history: Iterable[RequestTransition] | None = None, *, at: datetime
) -> bool:
    """Whether this viewer may still take the dispatch back.

    Only whoever dispatched may (what a rule sent out, every dispatcher), as long as the notices wait and nothing else
    has happened. Without `history` 1 SQL, within these seconds only.
    """
    if viewer.user_id is None or not undo_seconds(request, at):
        return False
    steps = last_steps(request) if history is None else list(history)
    return bool(steps) and steps[-1].name in DISPATCHES and is_own(steps[-1], viewer)


def is_own(dispatch: RequestTransition, viewer: Viewer) -> bool:
    """Whether it is this viewer's to take back: their own dispatch, or one that a rule made for all dispatchers."""
    return dispatch.actor_kind == "system" or dispatch.actor_id == viewer.user_id


def undo_seconds(request: ServiceRequest, at: datetime) -> int:
    """For how many more seconds the notices of this request's dispatch wait; 0 where they do not wait any more."""
    if request.state != RequestState.DISPATCHED or request.dispatched_at is None:
        return 0
    return max(0, ceil((request.dispatched_at + DELAY - at).total_seconds()))


def last_steps(request: ServiceRequest) -> list[RequestTransition]:
    """The last step of a request, as a list of one: 1 SQL."""
    return list(RequestTransition.objects.filter(request=request).order_by("-at", "-pk")[:1])


def without_undone(history: Iterable[RequestTransition]) -> list[RequestTransition]:
    """Leave out what was taken back before anybody was told, and the taking back: residents read neither."""
    kept: list[RequestTransition] = []
    for row in history:
        if row.name == UNDO:
            if kept and kept[-1].name in DISPATCHES:
                kept.pop()
        else:
            kept.append(row)
    return kept


def taken_back(request: ServiceRequest) -> dict[str, Any]:
    """Return what the last dispatch said, {} unless it was taken back: only what was wrong is put right. 1 SQL."""
    orders = list(WorkOrder.objects.filter(request=request).order_by("-dispatched_at", "pk"))
    last = [order for order in orders if order.dispatched_at == orders[0].dispatched_at]
    if not last or any(order.state != OrderState.UNDONE for order in last):
        return {}
    lead = next(order for order in last if order.role == OrderRole.LEAD)
    helpers = [order.organisation_id for order in last if order.role == OrderRole.CO]
    return {"organisation": lead.organisation_id, "helpers": helpers, "instruction": lead.instruction}
