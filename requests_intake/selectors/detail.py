"""One request as staff see it: at most ten statements a page, session and viewer included."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import FilteredRelation, Q

from governance.access import areas
from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_email, mask_name, mask_phone
from governance.worktime import Line, calendar_current, explain
from requests_intake.models import (
    Attachment,
    CallBack,
    Clock,
    ContactRecord,
    RequestTransition,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.models.orders import OrderRole
from requests_intake.permissions import Capability
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.selectors.independence import is_independent
from requests_intake.services.clocks import ESCALATING
from requests_intake.services.stepping import limits_for
from requests_intake.workflow import (
    ORDER_TRANSITIONS,
    REQUEST_TRANSITIONS,
    ClockKind,
    OrderState,
    RequestState,
    Transition,
    permitted,
)


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """The requester as a list shows them; the full number is another click, a reason and a log row away."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One of the clocks: what is promised, whether kept, until when."""

    kind: str
    label: str
    due_at: datetime
    stopped_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """Everything that the staff page of one request shows."""

    request: ServiceRequest
    order: WorkOrder | None
    place: str
    contact: MaskedContact | None
    photos: list[Photo]
    replies: list[tuple[RequestTransition, list[Photo]]]
    history: list[RequestTransition]
    contacts: list[ContactRecord]
    clocks: list[ClockLine]
    callbacks: list[CallBack]
    transitions: list[Transition] = field(default_factory=list)
    may_reveal: bool = False

    @property
    def transition_names(self) -> set[str]:
        """Names of the steps that the viewer may take now."""
        return {transition.name for transition in self.transitions}


def request_for(number: str, viewer: Viewer) -> ServiceRequest | None:
    """Return the request with this number if the viewer may see it, with its names, contact and lead order; else None.

    Its lead order, if there is one, is its attribute `lead`.
    """
    if not (number.isascii() and number.isdecimal()):
        return None
    found: ServiceRequest | None = (
        ServiceRequest.objects.visible_to(viewer)
        .filter(number=number)
        .annotate(lead=FilteredRelation("orders", condition=Q(orders__role=OrderRole.LEAD)))
        .select_related(  # type: ignore[misc]  # the stubs do not know filtered relations
            "category",
            "organisation",
            "probable_organisation",
            "handler",
            "contact",
            "lead__organisation",
            "lead__handler",
        )
        .first()
    )
    return found


def available_transitions(
    request: ServiceRequest, order: WorkOrder | None, viewer: Viewer, history: Iterable[RequestTransition] | None = None
) -> list[Transition]:
    """Return the steps that the viewer may take now; the same list draws the buttons and names the POSTs."""
    steps = [
        step
        for step in permitted(REQUEST_TRANSITIONS, request.state)
        if step.capability is not None and can(viewer, step.capability, request)
    ]
    if steps and request.state == RequestState.CALLBACK and not is_independent(request, viewer, history):
        steps = []
    if order is not None:
        steps += [
            step
            for step in permitted(ORDER_TRANSITIONS, order.state)
            if step.capability is not None and can(viewer, step.capability, order)
        ]
    return steps


def request_detail(request: ServiceRequest, viewer: Viewer, *, at: datetime) -> RequestDetail:
    """Return the page of a request that `request_for` has found for this viewer."""
    order: WorkOrder | None = getattr(request, "lead", None)  # absent where the join found none
    history = list(
        RequestTransition.objects.filter(request=request).select_related("actor", "organisation").order_by("at", "pk")
    )
    attachments = list(
        Attachment.objects.filter(request=request).select_related("file", "reply").order_by("position", "pk")
    )
    contacts: list[ContactRecord] = []
    if order is not None and order.state != OrderState.DISPATCHED:
        contacts = list(ContactRecord.objects.filter(order=order).select_related("by").order_by("at", "pk"))
    callbacks: list[CallBack] = []
    if request.state == RequestState.CLOSED or request.rework_count:
        callbacks = list(CallBack.objects.filter(request=request).select_related("agent").order_by("round"))
    return RequestDetail(
        request=request,
        order=order,
        place=_place(request),
        contact=_masked(request),
        photos=[photo_of(row.file) for row in attachments if row.reply_id is None],
        replies=[
            (row, [photo_of(a.file) for a in attachments if a.reply is not None and a.reply.at == row.at])
            for row in history
            if row.name == "replied"
        ],
        history=history,
        contacts=contacts,
        clocks=_clocks(request, at) if request.is_open else [],
        callbacks=callbacks,
        transitions=available_transitions(request, order, viewer, history),
        may_reveal=_has_contact(request) and can(viewer, Capability.REVEAL_CONTACT, request),
    )


def why_this_date(request: ServiceRequest) -> list[Line]:
    """Return, line by line, how the answer's date came about; after a rework it counts from there."""
    started = (
        Clock.objects.filter(request=request, kind=ClockKind.ANSWER)
        .order_by("-started_at", "-pk")
        .values_list("started_at", flat=True)
        .first()
    )
    limits = limits_for(request)
    return explain(started or request.submitted_at, limits.durations[ClockKind.ANSWER], calendar_current())


def _clocks(request: ServiceRequest, at: datetime) -> list[ClockLine]:
    newest: dict[str, Clock] = {}
    for clock in Clock.objects.filter(~Q(kind=ClockKind.RATE), request=request).order_by("started_at", "pk"):
        newest[clock.kind] = clock
    return [
        ClockLine(
            kind=kind,
            label=str(ClockKind(kind).label),
            due_at=newest[kind].due_at,
            stopped_at=newest[kind].stopped_at,
            is_late=(newest[kind].stopped_at or at) > newest[kind].due_at,
        )
        for kind in ESCALATING
        if kind in newest
    ]


def _has_contact(request: ServiceRequest) -> bool:
    return hasattr(request, "contact")


def _masked(request: ServiceRequest) -> MaskedContact | None:
    if not _has_contact(request):
        return None
    contact = request.contact
    return MaskedContact(
        name=mask_name(contact.name) if contact.name else "",
        phone=mask_phone(contact.phone) if contact.phone else "",
        email=mask_email(contact.email) if contact.email else "",
    )


def _place(request: ServiceRequest) -> str:
    code = request.area_code
    wanted = [code[:9], code[:12], code]
    names = areas.names(wanted)
    return " · ".join(names[part] for part in dict.fromkeys(wanted) if part in names)
