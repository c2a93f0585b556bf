"""Who has taken part in a request: whoever handles never verifies (济南 §27; GB/T 30428.8: command and supervision)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from governance.access.viewer import Viewer
from grid.models.checks import offices_of
from requests_intake.models import RequestTransition, ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.workflow import CHECKED_STEPS, OrderState

# Calling back is not taking part: the same agent may ask again after a rework. Nor is looking on site.
CALLING_BACK = ("close", "bring_back", "call_at_limit", "verify", "verify_back", *CHECKED_STEPS)
# What the verdict of whoever verifies does to the order.
_BY_VERDICT = ("finish", "rework")


@dataclass(frozen=True, slots=True)
class TookPart:
    """Keys of those who dispatched or handled a request, and of the organisations that have or had it."""

    people: frozenset[int]
    offices: frozenset[int]


def took_part(request: ServiceRequest) -> TookPart:
    """Everybody whom a look on site before closing keeps away. Whoever found it may look again. 3 SQL."""
    steps = RequestTransition.objects.filter(request=request, actor__isnull=False)
    people = set(steps.exclude(name__in=("submit", *CALLING_BACK)).values_list("actor_id", flat=True))
    people |= set(_order_steps(request).filter(actor__isnull=False).values_list("actor_id", flat=True))
    orders = list(_orders(request).values_list("organisation_id", "handler_id"))
    people |= {handler for _office, handler in orders if handler is not None}
    return TookPart(frozenset(people), frozenset(office for office, _handler in orders))


def with_hand(rows: "QuerySet[Any]", viewer: Viewer) -> "QuerySet[Any]":
    """The requests, each saying in `had_a_hand` whether this person, or their organisation, is in any of its orders."""
    mine = _orders(OuterRef("pk")).filter(organisation_id__in=offices_of(viewer))
    took = _order_steps(OuterRef("pk")).filter(actor_id=viewer.user_id or 0)
    return rows.annotate(had_a_hand=ExpressionWrapper(Q(Exists(mine)) | Q(Exists(took)), BooleanField()))


def is_independent(request: ServiceRequest, viewer: Viewer, history: Iterable[RequestTransition] | None = None) -> bool:
    """Whether this person neither accepted, dispatched nor handled the request, nor belongs to an office that did.

    At most 2 SQL, none with the request's `history` at hand and read by `with_hand`.
    """
    if viewer.user is None or request.organisation_id in offices_of(viewer):
        return False
    if history is None:
        history = RequestTransition.objects.filter(request=request, actor_id=viewer.user_id)
    if any(row.actor_id == viewer.user_id and row.name not in CALLING_BACK for row in history):
        return False
    if not hasattr(request, "had_a_hand"):
        rows = with_hand(ServiceRequest.objects.filter(pk=request.pk), viewer)
        return not rows.values_list("had_a_hand", flat=True).get()
    return not request.had_a_hand


def _orders(request: ServiceRequest | OuterRef) -> "QuerySet[WorkOrder]":
    """All but those taken back before anybody was told: they were nobody's."""
    return WorkOrder.objects.filter(request=request).exclude(state=OrderState.UNDONE)


def _order_steps(request: ServiceRequest | OuterRef) -> "QuerySet[WorkOrderTransition]":
    return WorkOrderTransition.objects.filter(order__request=request).exclude(name__in=_BY_VERDICT)
