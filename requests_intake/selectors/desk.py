"""What stands beside a request for whoever works on it: notes, templates that fit, requests that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation

from governance.access import areas
from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.notifications.blocking import block_of
from governance.notifications.models import BlockedAddress
from governance.worktime.dates import date_text, moment_text
from requests_intake.models import AnswerTemplate, InternalNote, RequesterContact, ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.selectors.callers import SameCaller, same_caller
from requests_intake.selectors.sight import is_shielded
from requests_intake.selectors.similar import Similar, similar_open
from requests_intake.workflow import OPEN_ORDER_STATES, REQUEST_TRANSITIONS

COMMUNITY = 12
_MERGE = REQUEST_TRANSITIONS["merge"]


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the desk. `order` is that of the viewer's own office, None for everybody else."""

    notes: Sequence[InternalNote]
    order: WorkOrder | None
    templates: Sequence[AnswerTemplate]
    similar: Sequence[Similar]
    caller: SameCaller | None
    block: BlockedAddress | None = None  # nothing is sent to the requester's address
    may_merge: bool = False  # this request into one that is alike


def desk_of(request: ServiceRequest, viewer: Viewer, *, at: datetime) -> Desk:
    """Return what the viewer may see beside a request that they see. At most 9 SQL."""
    order = own_order(request, viewer)
    if is_shielded(request, viewer):  # notes and what is alike could give away who complained
        return Desk([], order, list(templates_for(request, order)) if order is not None else [], [], None)
    contact = RequesterContact.objects.filter(request=request).first()
    notes = InternalNote.objects.filter(request=request).select_related("author").order_by("at", "pk")
    similar = similar_open(
        viewer,
        body=request.body,
        area_code=request.area_code,
        address=request.address,
        lng=request.lng,
        lat=request.lat,
        limit=6,
    )
    return Desk(
        notes=list(notes),
        order=order,
        templates=list(templates_for(request, order)) if order is not None else [],
        similar=[one for one in similar if one.request.pk != request.pk][:5],
        caller=_caller(request, contact, viewer, at),
        block=block_of(contact.phone, contact.email, at=at) if contact is not None else None,
        may_merge=request.state in _MERGE.sources and can(viewer, Capability.DISPATCH_REQUEST, request),
    )


def own_order(request: ServiceRequest, viewer: Viewer) -> WorkOrder | None:
    """Return the open order of an office in which the viewer handles. 1 SQL, none for people who handle nowhere."""
    offices = viewer.organisations(Capability.HANDLE_ORDER)
    if not offices:
        return None
    orders = WorkOrder.objects.filter(request=request, organisation_id__in=offices, state__in=OPEN_ORDER_STATES)
    return orders.select_related("organisation", "handler").order_by("pk").first()


def templates_for(request: ServiceRequest, order: WorkOrder) -> Any:
    """Return the templates in use that fit: of the office or of all, for category, kind and step or for any."""
    code = request.category.code if request.category else ""
    fits = Q(category_prefix="") | Q(category_prefix__in=[code[:end] for end in range(1, len(code) + 1)])
    offices = Q(organisation__isnull=True) | Q(organisation_id=order.organisation_id)
    fits &= Q(state__in=["", order.state]) & Q(kind__in=["", request.kind])
    return AnswerTemplate.objects.filter(fits & offices, is_active=True).order_by("-category_prefix", "title", "pk")


def place_values(request: ServiceRequest, order: WorkOrder | None, *, language: str, at: datetime) -> dict[str, str]:
    """Return what the places of a template stand for, in the language in which the resident wrote."""
    with translation.override(language):
        names = areas.names([request.area_code[:COMMUNITY]])
        handler = (order.handler if order else None) or request.handler
        office = order.organisation if order else request.organisation
        return {
            "number": request.number_grouped,
            "category": request.category.label if request.category else "",
            "place": request.address or next(iter(names.values()), ""),
            "office": office.label if office else "",
            "handler": handler.display_name if handler else "",
            "due": str(moment_text(timezone.localtime(request.due_at))),
            "today": str(date_text(timezone.localdate(at))),
        }


def _caller(
    request: ServiceRequest, contact: RequesterContact | None, viewer: Viewer, at: datetime
) -> SameCaller | None:
    """Other requests of the same telephone, for those whose work it is to know them."""
    if contact is None or not contact.phone_index or not viewer.can(Capability.VIEW_SAME_CALLER):
        return None
    found = same_caller(viewer, contact.phone, at=at)
    if found is None or found.year <= 1:
        return None
    return SameCaller(found.month, found.year, [one for one in found.latest if one.pk != request.pk])
