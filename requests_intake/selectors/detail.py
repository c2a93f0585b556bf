"""One request as staff see it: at most ten statements a page, session and viewer included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.access import areas
from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_email, mask_name, mask_phone
from governance.text import mask_personal_data
from requests_intake.models import (
    Attachment,
    CallBack,
    Clock,
    ConcernedPerson,
    ContactRecord,
    Dispute,
    Extension,
    Intervention,
    LedgerEntry,
    OrderReturn,
    Pause,
    Recusal,
    Reply,
    RequestTransition,
    ServiceRequest,
    Supplement,
    UpstreamOrder,
    WorkOrder,
)
from requests_intake.models.requests import ABOUT_SOMEBODY
from requests_intake.permissions import Capability
from requests_intake.selectors.catalogue_pages import wording_at
from requests_intake.selectors.course import CourseLine, course_of, turns_of
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.selectors.independence import is_independent, with_hand
from requests_intake.selectors.outside import LinkLine, links_of
from requests_intake.selectors.recordings import Playable, recordings_of
from requests_intake.selectors.recusals import recusals_of, stands_back
from requests_intake.selectors.sight import covered, is_shielded
from requests_intake.selectors.site_checks import SiteCheck, site_checks
from requests_intake.selectors.stages import milestones_open, stages_open
from requests_intake.selectors.undoing import UNDO, may_undo
from requests_intake.selectors.whistles import RATED_BY, Called, may_whistle, rated_sides, whistles_of
from requests_intake.services.assignment import may_reassign
from requests_intake.services.callback import limit_call_due
from requests_intake.services.clocks import ESCALATING
from requests_intake.workflow import (
    LEDGER_WAITS,
    ORDER_TRANSITIONS,
    REQUEST_TRANSITIONS,
    RESTING_STATES,
    WITH_REQUESTER,
    ClockKind,
    OrderRole,
    OrderState,
    RequestState,
    Transition,
    Waiting,
    permitted,
)

# Steps that answer the resident, and those that say it was not enough.
_ANSWERED = ("replied", "handed_in", "approve", "answer_directly", "not_dispatch")
_AGAIN = ("reopen", "bring_back", "send_back", "verify_back")


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """The requester as a list shows them; the full number is another click, a reason and a log row away."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class MaskedConcerned:
    """For whom somebody else reported, masked; `is_called`: the office calls this person."""

    name: str
    phone: str
    relation: str
    is_called: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One of the clocks: what is promised, whether kept, until when."""

    kind: str
    label: str
    due_at: datetime
    stopped_at: datetime | None
    is_late: bool
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Possible:
    """A step that the viewer may take now; `order` is the one that it moves, None where it moves the request."""

    transition: Transition
    order: WorkOrder | None = None


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """Everything that the staff page of one request shows."""

    request: ServiceRequest
    order: WorkOrder | None
    helpers: list[WorkOrder]
    place: str
    contact: MaskedContact | None
    photos: list[Photo]
    # What the resident was told: the answers, and what was said at stages before them.
    replies: list[tuple[RequestTransition, list[Photo]]]
    history: list[RequestTransition]
    contacts: list[ContactRecord]
    clocks: list[ClockLine]
    callbacks: list[CallBack]
    supplements: list[tuple[Supplement, list[Photo]]] = field(default_factory=list)
    # Films and voice notes of the resident: never public, and not shown to the office complained about.
    recordings: list[Playable] = field(default_factory=list)
    merged: list[ServiceRequest] = field(default_factory=list)
    whistles: list[Called] = field(default_factory=list)
    # Everything that happened, the orders' steps among the request's.
    course: list[CourseLine] = field(default_factory=list)
    # Why the clocks stand still; what somebody has to decide.
    pause: Pause | None = None
    giving_back: OrderReturn | None = None
    dispute: Dispute | None = None
    extension: Extension | None = None
    ledger: LedgerEntry | None = None
    on_ledger: LedgerEntry | None = None
    supervision: Intervention | None = None
    # Looks on site: what is waited for, and what was seen.
    site_checks: list[SiteCheck] = field(default_factory=list)
    steps: list[Possible] = field(default_factory=list)
    recusals: list[Recusal] = field(default_factory=list)
    # What the upstream hotline calls it, where it came from there.
    upstream: UpstreamOrder | None = None
    # What the item was called when the request came, where the catalogue changed since.
    called_before: str = ""
    # The reply that waits for a reviewer, with its photos.
    pending: Reply | None = None
    pending_photos: list[Photo] = field(default_factory=list)
    # Photos that came with a helper's result, by the helper's order.
    result_photos: dict[int, list[Photo]] = field(default_factory=dict)
    # Links to parties outside.
    links: list[LinkLine] = field(default_factory=list)
    may_send_outside: bool = False
    # The viewer's own office is complained about: no contact, no photos, masked words.
    is_shielded: bool = False
    concerned: MaskedConcerned | None = None
    may_reveal: bool = False

    @property
    def demand(self) -> RequestTransition | None:
        """What is still missing, said by whoever opened it again or sent it back, until it is answered anew."""
        rows = (row for row in reversed(self.history) if row.name in (*_ANSWERED, *_AGAIN))
        last = next(rows, None) if self.request.is_open else None
        return last if last is not None and last.name in _AGAIN else None

    @property
    def transition_names(self) -> set[str]:
        """Names of the steps that the viewer may take now."""
        return {possible.transition.name for possible in self.steps}


def request_for(number: str, viewer: Viewer) -> ServiceRequest | None:
    """Return the request with this number if the viewer may see it, with its names, contact and lead order; else None.

    Its lead order, if there is one, is its attribute `lead`.
    """
    if not (number.isascii() and number.isdecimal()):
        return None
    rows = (
        ServiceRequest.objects.visible_to(viewer)
        .filter(number=number)
        .annotate(lead=FilteredRelation("orders", condition=Q(orders__role=OrderRole.LEAD, orders__is_current=True)))
        .select_related(  # type: ignore[misc]  # the stubs do not know filtered relations
            "category",
            "organisation",
            "probable_organisation",
            "handler",
            "contact",
            "concerned",
            "answers",
            "lead__organisation",
            "lead__handler",
            "merged_into",
            "component",
            "matter",
            "complained_organisation",
            "entered_by",
            "upstream__source",
        )
    )
    if viewer.can(Capability.CALL_BACK):
        rows = with_hand(rows, viewer)
    # There is one at most: `first()` would order by the key, and to say so Django compares all of the 250 columns.
    found: ServiceRequest | None = next(iter(rows[:1]), None)
    return covered(found, viewer) if found is not None else None


def available_steps(
    request: ServiceRequest,
    orders: Sequence[WorkOrder],
    viewer: Viewer,
    history: Iterable[RequestTransition] | None = None,
    *,
    at: datetime,
) -> list[Possible]:
    """Return the steps that the viewer may take now, the request's before the orders'.

    The same list draws the buttons and names the POSTs.
    """
    if stands_back(request, viewer):
        return []
    steps = [
        Possible(step)
        for step in permitted(REQUEST_TRANSITIONS, request.state)
        if step.capability is not None and _fits(step, request) and can(viewer, step.capability, request)
    ]
    if request.kind not in ABOUT_SOMEBODY:
        steps = [possible for possible in steps if possible.transition.name != "name_complained"]
    if request.is_patrol:
        steps = [possible for possible in steps if possible.transition.name not in WITH_REQUESTER]
    elif request.state == RequestState.CALLBACK:  # the resident says whether it is solved
        steps = [possible for possible in steps if possible.transition.name != "ask_check"]
    if not may_whistle(request, viewer):
        steps = [possible for possible in steps if possible.transition.name != "whistle"]
    if not may_undo(request, viewer, history, at=at):
        steps = [possible for possible in steps if possible.transition.name != UNDO]
    if request.supervised_until is not None:
        steps = [possible for possible in steps if possible.transition.name != "supervise"]
    if any(possible.transition.name == "reassign" for possible in steps) and not may_reassign(request, viewer):
        steps = [possible for possible in steps if possible.transition.name != "reassign"]
    if not limit_call_due(request, at):
        steps = [possible for possible in steps if possible.transition.name != "call_at_limit"]
    if any(possible.transition.capability == Capability.CALL_BACK for possible in steps) and not is_independent(
        request, viewer, history
    ):
        steps = [possible for possible in steps if possible.transition.capability != Capability.CALL_BACK]
    if request.state == RequestState.LEDGERED and not milestones_open(request):
        steps = [possible for possible in steps if possible.transition.name != "reach_milestone"]
    if viewer.user_id is not None and request.handler_id == viewer.user_id:  # nobody reviews their own reply
        steps = [possible for possible in steps if possible.transition.capability != Capability.REVIEW_REPLY]
    for order in orders:
        steps += [
            Possible(step, order)
            for step in permitted(ORDER_TRANSITIONS, order.state)
            if step.capability is not None
            and order.role in step.roles
            and not (request.is_patrol and step.name in WITH_REQUESTER)
            and can(viewer, step.capability, request if step.of_lead else order)
            and not (step.name == "request_return" and order.is_designated)
            and not (step.name == "take_back" and not order.is_outside)
            and not (step.name == "answer_supervision" and request.supervised_until is None)
            and not (step.name in RATED_BY and RATED_BY[step.name] in rated_sides(order))
            and _fits(step, request)
            and not (step.name == "reach_stage" and not stages_open(request))
            and not (step.name == "ask_extension" and (request.extension_asked or request.due_at <= at))
        ]
    return steps


def _fits(step: Transition, request: ServiceRequest) -> bool:
    """Whether the step agrees with what the request waits for; the orders of one that rests wait, too."""
    if step.name in ORDER_TRANSITIONS and request.state in RESTING_STATES:
        return False
    return step.waiting is None or step.waiting == request.waiting_for


def request_detail(request: ServiceRequest, viewer: Viewer, *, at: datetime) -> RequestDetail:
    """Return the page of a request that `request_for` has found for this viewer."""
    order: WorkOrder | None = getattr(request, "lead", None)  # absent where the join found none
    helpers = _helpers(request) if request.has_helpers else []
    history = list(
        RequestTransition.objects.filter(request=request).select_related("actor", "organisation").order_by("at", "pk")
    )
    attachments = list(
        Attachment.objects.filter(request=request)
        .select_related("file", "reply", "supplement")
        .order_by("position", "pk")
    )
    added = list(Supplement.objects.filter(request=request)) if any(row.name in ADDED for row in history) else []
    shielded = is_shielded(request, viewer)
    if shielded:  # the office's own photos stay, the resident's do not
        attachments = [row for row in attachments if row.reply_id is not None]
    contacts: list[ContactRecord] = []
    if order is not None and order.state != OrderState.DISPATCHED:
        contacts = list(ContactRecord.objects.filter(order=order).select_related("by").order_by("at", "pk"))
    callbacks: list[CallBack] = []
    if not request.is_open or request.rework_count or request.limit_called_round:
        callbacks = list(CallBack.objects.filter(request=request).select_related("agent").order_by("round", "pk"))
    pending = _pending(request, order)
    extension: Extension | None = _undecided(Extension, request, Waiting.EXTENSION, request=request)
    ledger: LedgerEntry | None = None
    if request.waiting_for in LEDGER_WAITS:
        asked = LedgerEntry.objects.filter(request=request, decided_at__isnull=True)
        ledger = asked.select_related("asked_by", "checked_by").prefetch_related("steps", "files__file").first()
    on_ledger: LedgerEntry | None = None
    if request.state == RequestState.LEDGERED:
        approved = LedgerEntry.objects.filter(request=request, is_approved=True).order_by("-decided_at", "-pk")
        on_ledger = approved.select_related("office").prefetch_related("steps").first()
    supervision = None
    if request.supervised_until is not None:
        open_ones = Intervention.objects.filter(request=request, kind="supervise", answered_at__isnull=True)
        supervision = open_ones.select_related("by").first()
    giving_back: OrderReturn | None = _undecided(OrderReturn, request, Waiting.RETURN, order=order)
    dispute: Dispute | None = _undecided(Dispute, request, Waiting.DISPUTE, "raised_by", order=order)
    turns = turns_of(request, order, history)
    whistles = whistles_of(request, helpers, at)
    if shielded:
        _cover_notes(contacts)
        _cover_words(
            *((row, "text") for row in [*added, *history, *turns, pending, extension, ledger, giving_back]),
            (dispute, "basis"),
            (ledger, "plan"),
            (supervision, "text"),
            *((row, "comment") for row in callbacks),
            *((row, name) for row in [order, *helpers] for name in ("instruction", "result", "commitment")),
            *((call.whistle, name) for call in whistles for name in ("issue", "place")),
        )
    return RequestDetail(
        request=request,
        order=order,
        helpers=helpers,
        place=_place(request),
        contact=_masked(request),
        photos=[photo_of(row.file) for row in attachments if row.reply_id is None and row.supplement_id is None],
        recordings=[] if shielded else recordings_of(request, added),
        supplements=[(row, [photo_of(a.file) for a in attachments if a.supplement_id == row.pk]) for row in added],
        whistles=whistles,
        course=course_of(history, turns),
        giving_back=giving_back,
        dispute=dispute,
        pause=_pause(request, shielded=shielded),
        extension=extension,
        ledger=ledger,
        on_ledger=on_ledger,
        supervision=supervision,
        site_checks=site_checks(request, history, shielded=shielded),
        merged=_merged(request) if any(row.name == "joined" for row in history) else [],
        replies=[
            (row, [photo_of(a.file) for a in attachments if a.reply is not None and a.reply.at == row.at])
            for row in history
            if row.name in ("replied", "stage")
        ],
        history=history,
        upstream=None if shielded else getattr(request, "upstream", None),
        called_before=_called_before(request),
        pending=pending,
        pending_photos=[
            photo_of(row.file) for row in attachments if pending is not None and row.reply_id == pending.pk
        ],
        result_photos={
            helper.pk: [photo_of(a.file) for a in attachments if a.reply is not None and a.reply.order_id == helper.pk]
            for helper in helpers
        },
        contacts=contacts,
        clocks=_clocks(request, at) if request.is_open else [],
        callbacks=callbacks,
        steps=available_steps(request, [*([order] if order else []), *helpers], viewer, history, at=at),
        recusals=[] if shielded else recusals_of(request),  # their reasons speak of the person
        links=links_of(request, [*([order] if order else []), *helpers], at),
        may_send_outside=can(viewer, Capability.SEND_OUTSIDE, request),
        is_shielded=shielded,
        concerned=_masked_concerned(request),
        may_reveal=(_has_contact(request) or getattr(request, "concerned", None) is not None)
        and can(viewer, Capability.REVEAL_CONTACT, request),
    )


def _may_reveal(request: ServiceRequest, viewer: Viewer) -> bool:
    somebody = _has_contact(request) or getattr(request, "concerned", None) is not None
    return somebody and can(viewer, Capability.REVEAL_CONTACT, request)


def _masked_concerned(request: ServiceRequest) -> MaskedConcerned | None:
    """The person concerned as the page shows them; whoever is complained about reads nothing (`covered`)."""
    person: ConcernedPerson | None = getattr(request, "concerned", None)
    if person is None:
        return None
    return MaskedConcerned(
        mask_name(person.name),
        mask_phone(person.phone) if person.phone else "",
        str(person.get_relation_display()) if person.relation else "",
        person.is_called,
    )


def _pending(request: ServiceRequest, order: WorkOrder | None) -> Reply | None:
    """What a reviewer has to read before the resident does."""
    if order is None or request.state != RequestState.REVIEW:
        return None
    return Reply.objects.filter(order=order).select_related("by").order_by("at", "pk").last()


def _cover_notes(contacts: Iterable[ContactRecord]) -> None:
    """Empty the notes of talking with the resident: they are nobody else's."""
    for contact in contacts:
        contact.note = ""


def _cover_words(*fields: tuple[Any, str]) -> None:
    """Mask what people wrote, in the rows in hand: (row or None, name of the field). Any of it may name who asked."""
    for row, name in fields:
        if row is not None:
            setattr(row, name, mask_personal_data(getattr(row, name)))


def _called_before(request: ServiceRequest) -> str:
    """The item's name when the request came, "" where it still has it. 1 SQL, none for an item that never changed."""
    if request.category is None or request.category.version < 2:
        return ""
    version = wording_at(request.category, request.submitted_at)
    if version is None:
        return ""
    told = version.snapshot
    before: str = (told.get("name_en") if get_language() == "en" else "") or told["name"]
    return before if before != request.category.label else ""


def _clocks(request: ServiceRequest, at: datetime) -> list[ClockLine]:
    newest: dict[tuple[int, int], Clock] = {}
    mine = Clock.objects.filter(~Q(kind=ClockKind.RATE), request=request).select_related("stage")
    mine = mine.exclude(order__state=OrderState.UNDONE)
    for clock in mine.order_by(F("stopped_at").asc(nulls_last=True), "started_at", "pk"):  # a running one speaks last
        newest[ESCALATING.index(ClockKind(clock.kind)), clock.stage.position if clock.stage else 0] = clock
    return [
        ClockLine(
            kind=clock.kind,
            label=_clock_label(clock),
            due_at=clock.due_at,
            stopped_at=clock.stopped_at,
            is_late=(clock.stopped_at or clock.paused_at or at) > clock.due_at,
            is_paused=clock.paused_at is not None,
        )
        for _place, clock in sorted(newest.items(), key=lambda pair: pair[0])
    ]


def _clock_label(clock: Clock) -> str:
    if clock.kind == ClockKind.DECIDE:  # of a return or dispute, and of more time or the ledger as well
        return _("定夺申请")
    return clock.stage.label if clock.stage else str(ClockKind(clock.kind).label)


def _pause(request: ServiceRequest, *, shielded: bool) -> Pause | None:
    if request.paused_until is None:
        return None
    pause = Pause.objects.filter(request=request, ended_at__isnull=True).select_related("by").first()
    if pause is not None and shielded:  # a question may speak of the person
        pause.text = mask_personal_data(pause.text)
    return pause


def _undecided(model: Any, found: ServiceRequest, waiting: Waiting, by: str = "asked_by", /, **of: Any) -> Any:
    """The row `of` the request or its order that somebody still has to decide, with who asked; None if none waits."""
    if found.waiting_for != waiting:
        return None
    return model.objects.filter(decided_at__isnull=True, **of).select_related(by).first()


# Lines of history behind which the requester's own words stand.
ADDED = ("supplement", "answer")


def _helpers(request: ServiceRequest) -> list[WorkOrder]:
    return list(
        WorkOrder.objects.filter(request=request, is_current=True)
        .exclude(role=OrderRole.LEAD)
        .select_related("organisation", "handler", "whistle__by", "whistle__organisation")
        .prefetch_related("ratings__by")
        .order_by("pk")
    )


def _merged(request: ServiceRequest) -> list[ServiceRequest]:
    return list(
        ServiceRequest.objects.filter(merged_into=request).only("number", "title", "submitted_at").order_by("pk")[:50]
    )


_CACHE_SECONDS = 60


@lru_cache(maxsize=2)
def _decided_codes(bucket: int) -> frozenset[str]:
    decided = Dispute.objects.filter(decided_at__isnull=False, decided_by__isnull=False)
    return frozenset(decided.values_list("category_code", flat=True).distinct())


def precedents_forget() -> None:
    """Forget for which matters there are precedents (tests)."""
    _decided_codes.cache_clear()


def precedents_for(request: ServiceRequest, *, limit: int = 3) -> list[Dispute]:
    """Return the latest decided disputes about the same matter, those from the same community first.

    1 SQL, none for a matter about which nothing was decided up to a minute ago.
    """
    if request.category is None or request.category.code not in _decided_codes(int(monotonic() // _CACHE_SECONDS)):
        return []
    here = request.area_code[:12]
    return list(
        Dispute.objects.filter(category_code=request.category.code, decided_at__isnull=False, decided_by__isnull=False)
        .annotate(far=Case(When(area_code__startswith=here, then=Value(0)), default=Value(1)))
        .select_related("organisation", "order__request")
        .order_by("far", "-decided_at", "-pk")[:limit]
    )


def _has_contact(request: ServiceRequest) -> bool:
    return hasattr(request, "contact")


def _masked(request: ServiceRequest) -> MaskedContact | None:
    if not _has_contact(request):
        return None
    contact = request.contact
    return MaskedContact(
        name=contact.shown_name if contact.is_name_hidden else mask_name(contact.name) if contact.name else "",
        phone=mask_phone(contact.phone) if contact.phone else "",
        email=mask_email(contact.email) if contact.email else "",
    )


def _place(request: ServiceRequest) -> str:
    code = request.area_code
    wanted = [code[:9], code[:12], code]
    names = areas.names(wanted)
    return " · ".join(names[part] for part in dict.fromkeys(wanted) if part in names)
