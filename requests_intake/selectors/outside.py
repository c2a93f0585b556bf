"""What the holder of an external link sees, and what staff see of the links of a request."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from governance.access import areas
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_email, mask_phone
from governance.text import mask_personal_data
from requests_intake.models import (
    Attachment,
    ExternalLink,
    ServiceRequest,
    Supplement,
    WorkOrder,
    WorkOrderTransition,
)
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.selectors.recordings import Playable, recordings_of
from requests_intake.selectors.sight import covered, is_shielded
from requests_intake.services.submission_data import token_digest
from requests_intake.workflow import (
    FINAL_REQUEST_STATES,
    OPEN_ORDER_STATES,
    ORDER_TRANSITIONS,
    RESTING_STATES,
    OrderState,
    permitted,
)

# Steps of an order of which its party reads.
SHOWN = ("sign", "co_sign", "outside_note", "hand_in", "give_result", "rework")
# Why a link shows no content.
REVOKED, EXPIRED, OVER, HANDED_IN = "revoked", "expired", "over", "handed_in"


@dataclass(frozen=True, slots=True)
class OutsidePage:
    """One order as the party outside sees it: what the work needs, nothing of who asked."""

    link: ExternalLink
    order: WorkOrder
    request: ServiceRequest
    place: str
    # "latitude,longitude" of a pin, for the map of a telephone.
    point: str
    photos: list[Photo]
    # What this party said and what it was told, oldest first.
    history: list[WorkOrderTransition]
    steps: frozenset[str] = field(default_factory=frozenset)
    is_resting: bool = False
    may_call: bool = False
    # Films and voice notes. A voice says who asks: they play for whom the desk allowed to call, others read the words.
    recordings: list[Playable] = field(default_factory=list)
    # What the resident added later, masked as the words are.
    supplements: list[Supplement] = field(default_factory=list)


def link_by_token(token: str) -> ExternalLink | None:
    """Return the link of a token with its order and request, or None for an unknown one. 1 SQL."""
    found: ExternalLink | None = (
        ExternalLink.objects.filter(token_digest=token_digest(token))
        .select_related("order__request", "order__organisation", "made_by__organisation")
        .first()
    )
    return found


def link_end(link: ExternalLink, order: WorkOrder, at: datetime) -> str:
    """Return why a link is good for nothing any more; "" while it lives."""
    if link.revoked_at is not None:
        return REVOKED
    if not order.is_current or order.request.state in FINAL_REQUEST_STATES:
        return OVER
    if order.state in (OrderState.REPLIED, OrderState.DONE):
        return HANDED_IN
    if order.state not in OPEN_ORDER_STATES:
        return OVER
    return EXPIRED if link.expires_at <= at else ""


def outside_page(link: ExternalLink, viewer: Viewer) -> OutsidePage:
    """Return what a living link shows: 4 SQL, 1 for the names of the place, 1 where the resident sent a recording.

    Words are masked: residents write their names and numbers into them. For the party complained about the address and
    the resident's photos are left out (济南 §32).
    """
    order, request = link.order, link.order.request
    shielded = is_shielded(request, viewer)
    covered(request, viewer)
    request.title, request.body = mask_personal_data(request.title), mask_personal_data(request.body)
    if shielded:  # an address may be the home of whoever complained; the desk writes what is needed
        request.address, order.instruction = "", mask_personal_data(order.instruction)
    added = list(request.supplements.order_by("at", "pk"))
    for one in added:
        one.text = mask_personal_data(one.text)
    own = Attachment.objects.filter(request=request, reply=None) if not shielded else Attachment.objects.none()
    history = list(order.transitions.filter(name__in=SHOWN).order_by("at", "pk"))
    for row in history:
        row.text = mask_personal_data(row.text)  # a rework comes with the resident's words
    resting = request.state in RESTING_STATES
    steps = [
        step.name for step in permitted(ORDER_TRANSITIONS, order.state) if step.by_external and order.role in step.roles
    ]
    return OutsidePage(
        link=link,
        order=order,
        request=request,
        place=_place(request.area_code),
        point="" if shielded or request.lat is None else f"{request.lat:.6f},{request.lng:.6f}",
        photos=[photo_of(row.file) for row in own.select_related("file").order_by("position", "pk")],
        history=history,
        steps=frozenset() if resting else frozenset(steps),
        is_resting=resting,
        may_call=link.may_call and not shielded,
        recordings=[] if shielded else _recordings(request, added),
        supplements=[one for one in added if one.text],
    )


def _recordings(request: ServiceRequest, added: Sequence[Supplement]) -> list[Playable]:
    """The recordings that were kept, what is written of them masked as the words are."""
    kept = [one for one in recordings_of(request, added) if one.is_ready]
    return [replace(one, description=mask_personal_data(one.description)) for one in kept]


def _place(code: str) -> str:
    path = [code[:9], code[:12], code]
    names = areas.names(path)
    return " · ".join(names[part] for part in dict.fromkeys(path) if part in names)


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link as staff see it: to whom it went, masked; whether it still opens."""

    link: ExternalLink
    to: str
    end: str


def links_of(request: ServiceRequest, orders: Sequence[WorkOrder], at: datetime) -> list[LinkLine]:
    """Return the links of the orders that went outside, newest first: 1 SQL, none where none did."""
    outside = {order.pk: order for order in orders if order.is_outside}
    if not outside:
        return []
    rows: Any = ExternalLink.objects.filter(order__in=outside).select_related("made_by")
    lines = []
    for link in rows:
        link.order = outside[link.order_id]
        link.order.request = request
        lines.append(LinkLine(link, sent_to(link), link_end(link, link.order, at)))
    return lines


def sent_to(link: ExternalLink) -> str:
    """Where a link was sent, masked; "" where it was handed over."""
    return mask_email(link.email) if link.email else mask_phone(link.phone) if link.phone else ""
