"""Past requests with their whole histories, by COPY.

The rows are what the services would have written at those times; deadlines come from the policies and the working
calendar. Nothing is published for the past, except the reminders of the last two days, so that inboxes are not empty.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from demo.histories import DemoHistory, DemoStep
from demo.loading.copying import copy_in, give_keys, keys, light
from demo.loading.photos import PhotoShelf
from demo.loading.reference import Reference
from demo.staff import staff_by_role
from governance.access.models import User
from governance.access.viewer import SYSTEM
from governance.outbox.services import NewEvent, publish_many
from governance.privacy.blind_index import blind_index
from governance.refs import ref_of
from governance.worktime import Duration, add, calendar_current
from requests_intake import events
from requests_intake.models import (
    Attachment,
    CallBack,
    Clock,
    ContactRecord,
    Escalation,
    EscalationStep,
    PolicyClock,
    Reply,
    RequesterContact,
    RequestTransition,
    ServiceRequest,
    WorkOrder,
    WorkOrderTransition,
)
from requests_intake.numbers import number_for
from requests_intake.services.clocks import clock_build, limits_of, rung_times
from requests_intake.services.escalation import DueClock, Responsible
from requests_intake.services.filing import TIMED
from requests_intake.services.indexing import words_index
from requests_intake.services.submission import token_digest
from requests_intake.workflow import ORDER_CLOCKS, ORDER_TRANSITIONS, REQUEST_TRANSITIONS, ClockKind

REMINDED_SINCE = timedelta(days=2)
PHOTO_REQUESTS = 2000  # the newest; each photo is two files
# order step -> request step that it carries; the others have the same name on both sides
CARRIED = {"sign": "signed", "contact": "contacted", "reply": "replied"}
ORDER_STEPS = {"dispatch": "dispatch", "sign": "sign", "contact": "contact", "reply": "reply"}
ORDER_ENDS = {"close": "finish", "close_unrated": "finish", "bring_back": "rework"}


def _clocks_of(name: str) -> tuple[tuple[ClockKind, ...], tuple[ClockKind, ...]]:
    """The clocks that a step starts and stops: as the two machines say."""
    found = [REQUEST_TRANSITIONS.get(CARRIED.get(name, name)), ORDER_TRANSITIONS.get(ORDER_STEPS.get(name, name))]
    found.append(ORDER_TRANSITIONS.get(ORDER_ENDS.get(name, "")))
    moves = [transition for transition in found if transition is not None]
    starts = tuple(kind for move in moves for kind in move.starts) or (TIMED if name == "submit" else ())
    return starts, tuple(kind for move in moves for kind in move.stops)


CLOCKS = {
    name: _clocks_of(name)
    for name in ("submit", "accept", "dispatch", "sign", "contact", "reply", "bring_back", "close", "close_unrated")
}


# Written once and never looked at here.
_Contact, _Step, _OrderStep, _Call, _CallBack = (
    light(model) for model in (RequesterContact, RequestTransition, WorkOrderTransition, ContactRecord, CallBack)
)


@dataclass
class Rows:
    """Everything to insert, in the order of insertion."""

    requests: list[ServiceRequest] = field(default_factory=list)
    contacts: list[Any] = field(default_factory=list)
    orders: list[WorkOrder] = field(default_factory=list)
    transitions: list[Any] = field(default_factory=list)
    order_transitions: list[Any] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    callbacks: list[Any] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    # (request, reply or None, picture key)
    photos: list[tuple[ServiceRequest, Reply | None, str]] = field(default_factory=list)

    def insert(self) -> None:
        """Insert all rows, parents first."""
        for rows in (
            self.requests, self.contacts, self.orders, self.transitions, self.order_transitions,
            self.calls, self.replies, self.callbacks, self.clocks,
        ):  # fmt: skip
            copy_in(rows)


@dataclass
class Case:
    """One history under way: its rows, what runs, and the states that the last step left."""

    history: DemoHistory
    request: ServiceRequest
    order: WorkOrder | None
    running: dict[str, Clock] = field(default_factory=dict)
    state: str = ""
    order_state: str = ""


class Loader:
    """Turns told histories into rows."""

    def __init__(self, reference: Reference, people: dict[str, User], total: int) -> None:
        self.reference = reference
        self.people = people
        self.first_photo = total - PHOTO_REQUESTS
        self.request_keys, self.order_keys = keys(ServiceRequest._meta, total), keys(WorkOrder._meta, total)
        self.calendar = calendar_current()
        self.rng = Random(990105)
        self.rows = Rows()
        self.takers: dict[tuple[str, str], User] = {}
        clocks: dict[int, list[PolicyClock]] = defaultdict(list)
        for clock in PolicyClock.objects.order_by("pk"):
            clocks[clock.policy_id].append(clock)
        self.limits = {policy_id: limits_of(rows) for policy_id, rows in clocks.items()}

    def take(self, history: DemoHistory) -> None:
        """Add the rows of one history."""
        request = self._request(history)
        case = Case(history, request, self._order(history, request))
        for step in history.steps:
            self._step(case, step)
        for number, one in enumerate(history.callbacks, start=1):
            self.rows.callbacks.append(
                _CallBack(
                    request_id=request.pk,
                    round=number,
                    organisation_id=request.organisation_id,
                    source=one.source,
                    at=one.at,
                    agent_id=_pk(self.people.get(one.agent_key)),
                    contacted=one.contacted,
                    solved=one.solved,
                    grade=one.grade,
                    comment=one.comment or one.note,
                )
            )
        if history.callbacks:
            last = history.callbacks[-1]
            request.rated_at, request.rated_contacted = last.at, last.contacted
            request.rated_solved, request.rated_grade = last.solved, last.grade
            request.rated_organisation = request.organisation
        self._due(case)

    def _request(self, history: DemoHistory) -> ServiceRequest:
        said = history.request
        category = self.reference.categories[said.category_code]
        policy = self.reference.policies[category.policy_key]
        offices = self.reference.organisations
        token = "".join(self.rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=24))
        number = number_for(said.submitted_at.date(), said.sequence)
        submitted = history.state == "submitted"
        due_at = self._limit(policy.pk, "answer", said.submitted_at)
        request = ServiceRequest(
            id=next(self.request_keys),
            number=number,
            number_tail=number[-4:],
            track_digest=token_digest(token),
            track_token=token,
            submission_key=f"demo-{said.sequence}",
            kind=said.kind,
            channel=said.channel,
            entered_by=self._taken_down_by(said.channel, said.area_code),
            category=category,
            title=said.title[:60],
            body=said.body,
            language=said.language,
            may_be_public=said.may_be_public and said.kind != "tip_off",
            area_code=said.area_code,
            place_kind=said.place_kind,
            address=said.address[:200],
            lng=said.lon if said.place_kind == "pin" else None,
            lat=said.lat if said.place_kind == "pin" else None,
            state=history.state,
            probable_organisation=offices.get(history.probable_organisation_key),
            organisation=offices.get(history.organisation_key) if not submitted else None,
            handler=self.people.get(history.handler_key),
            policy=policy,
            submitted_at=said.submitted_at,
            accept_due_at=self._limit(policy.pk, "accept", said.submitted_at),
            original_due_at=due_at,
            due_at=due_at,
            rework_count=sum(step.name == "bring_back" for step in history.steps),
        )
        self.rows.requests.append(request)
        if said.requester_name or said.requester_phone:
            phone = said.requester_phone
            self.rows.contacts.append(
                _Contact(
                    request_id=request.pk,
                    name=said.requester_name,
                    phone=phone,
                    phone_index=blind_index(phone, purpose="requests_intake.phone") if phone else "",
                )
            )
        if said.sequence > self.first_photo:
            self.rows.photos += [(request, None, key) for key in said.photos]
        return request

    def _taken_down_by(self, channel: str, area_code: str) -> User | None:
        """The clerk of the sub-district takes down what is told at the counter and on the phone; the hotline's come
        with the desk's batches.
        """
        if channel == "web":
            return None
        role, scope = ("dispatcher", "") if channel == "hotline" else ("counter_clerk", area_code[:9])
        if (role, scope) not in self.takers:
            found = staff_by_role(role)
            own = (p for p in found if any(grant.area_code.startswith(scope) for grant in p.grants))
            self.takers[role, scope] = self.people[next(own, found[0]).key]
        return self.takers[role, scope]

    def _order(self, history: DemoHistory, request: ServiceRequest) -> WorkOrder | None:
        dispatched = next((step for step in history.steps if step.name == "dispatch"), None)
        if dispatched is None or request.organisation is None:
            return None
        order = WorkOrder(
            id=next(self.order_keys),
            request=request,
            organisation=request.organisation,
            state=history.order_state,
            handler=request.handler,
            instruction=dispatched.text,
            area_code=request.area_code,
            dispatched_at=dispatched.at,
            original_due_at=request.original_due_at,
            due_at=request.original_due_at,
        )
        self.rows.orders.append(order)
        return order

    def _limit(self, policy_id: int, kind: str, start: datetime) -> datetime:
        return add(start, self._duration(policy_id, kind), self.calendar)

    def _duration(self, policy_id: int, kind: str) -> Duration:
        return self.limits[policy_id].durations[kind]

    def _step(self, case: Case, step: DemoStep) -> None:
        """One step: both histories, companion times, clocks."""
        actor = self.people.get(step.actor_key)
        common: dict[str, Any] = {
            "at": step.at, "actor_id": _pk(actor), "actor_kind": step.actor_kind or "anonymous",
        }  # fmt: skip
        if step.name != "contact" or step.reached:
            self._request_row(case, step, common, actor)
        if case.order is not None:
            self._order_rows(case, case.order, step, common)
        self._times(case, step)
        self._clocks(case, step)

    def _request_row(self, case: Case, step: DemoStep, common: dict[str, Any], actor: User | None) -> None:
        office_id = None
        if step.name in ("dispatch", "sign", "contact", "reply", "bring_back"):
            office_id = case.request.organisation_id
        elif step.name == "accept" and actor is not None:
            office_id = actor.organisation_id
        self.rows.transitions.append(
            _Step(
                request_id=case.request.pk,
                name=CARRIED.get(step.name, step.name),
                from_state=case.state,
                to_state=step.state,
                organisation_id=office_id,
                text=step.text if step.name in ("reply", "bring_back", "close") else "",
                **common,
            )
        )
        case.state = step.state

    def _order_rows(self, case: Case, order: WorkOrder, step: DemoStep, common: dict[str, Any]) -> None:
        name = ORDER_STEPS.get(step.name) or ORDER_ENDS.get(step.name)
        if name is None:
            return
        self.rows.order_transitions.append(
            _OrderStep(order_id=order.pk, name=name, from_state=case.order_state, to_state=step.order_state, **common)
        )
        case.order_state = step.order_state
        by_id = common["actor_id"]
        if step.name == "contact":
            how = step.how or "phone"
            self.rows.calls.append(
                _Call(order_id=order.pk, at=step.at, by_id=by_id, how=how, reached=step.reached, note=step.text)
            )
        elif step.name == "reply":
            reply = Reply(order=order, at=step.at, by_id=by_id, text=step.text)
            self.rows.replies.append(reply)
            if case.history.request.sequence > self.first_photo:
                self.rows.photos += [(order.request, reply, key) for key in step.photos]

    def _times(self, case: Case, step: DemoStep) -> None:
        request, order = case.request, case.order
        if step.name == "accept":
            request.accepted_at = step.at
        elif step.name == "dispatch":
            request.dispatched_at = step.at
        elif step.name == "sign" and order is not None:
            order.signed_at = step.at
        elif step.name == "contact" and step.reached and order is not None:
            request.contacted_at = request.contacted_at or step.at
            order.contacted_at = order.contacted_at or step.at
        elif step.name == "reply" and order is not None:
            request.replied_at = order.replied_at = step.at
        elif step.name in ("close", "close_unrated"):
            request.closed_at, request.ended_as = step.at, "closed"
            if order is not None:
                order.done_at = step.at

    def _clocks(self, case: Case, step: DemoStep) -> None:
        request, order = case.request, case.order
        starts, stops = CLOCKS[step.name]
        for kind in () if step.name == "contact" and not step.reached else stops:
            clock = case.running.pop(kind, None)
            if clock is not None:
                clock.stopped_at, clock.next_at = step.at, None
        for kind in starts:
            if kind in case.running:
                continue
            due = self._limit(request.policy_id, kind, step.at)
            case.running[kind] = clock_build(
                request=request,
                order=order if kind in ORDER_CLOCKS else None,
                kind=kind,
                start=step.at,
                due=due,
                duration=self._duration(request.policy_id, kind),
                calendar=self.calendar,
            )
            self.rows.clocks.append(case.running[kind])
            if kind == "answer" and step.name == "bring_back":
                request.due_at = due
                if order is not None:
                    order.due_at = due

    def _due(self, case: Case) -> None:
        request, order = case.request, case.order
        if request.state == "closed":
            request.next_due_at = None
            for clock in case.running.values():
                clock.stopped_at, clock.next_at = request.closed_at, None
        else:
            request.next_due_at = min((clock.due_at for clock in case.running.values()), default=request.due_at)
        if order is not None and order.state not in ("done", "replied"):
            order.next_due_at = request.next_due_at


def _pk(person: User | None) -> int | None:
    return person.pk if person is not None else None


def load_requests(reference: Reference, people: dict[str, User], told: Sequence[DemoHistory], at: datetime) -> None:
    """Load histories as of `at`."""
    loader = Loader(reference, people, len(told))
    for history in told:
        loader.take(history)
    rows = loader.rows
    give_keys(rows.clocks)
    raised, events_ = _reminders(rows.clocks, at)
    rows.insert()
    copy_in(raised)
    publish_many(events_)
    _photos(rows.photos, at)
    words_index(request_ids=[request.pk for request in loader.rows.requests])
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('requests_intake_number_seq', %s)", [len(told) + 1])


def _reminders(clocks: Iterable[Clock], at: datetime) -> tuple[list[Escalation], list[NewEvent]]:
    """Set the rungs that running clocks passed before today; return them, and what tells of the last two days'."""
    steps = list(EscalationStep.objects.order_by("level"))
    responsible = Responsible(at)
    raised: list[Escalation] = []
    told: list[NewEvent] = []
    for clock in clocks:
        if clock.next_at is None:
            continue
        rungs = rung_times(clock.warn_at, clock.due_at, steps)
        clock.level = max((level for level, moment in rungs if moment <= at), default=0)
        clock.next_at = min((moment for _, moment in rungs if moment > at), default=None)
        for level, moment in rungs:
            if moment <= at:
                due = _as_due(clock)
                recipient = responsible.person(due, steps[level - 1].role)
                raised.append(Escalation(clock=clock, level=level, at=moment, recipient_id=recipient))
                if at - moment < REMINDED_SINCE:
                    told.append(_event(clock, level, recipient, moment))
    return raised, told


def _as_due(clock: Clock) -> DueClock:
    request = clock.request
    return DueClock(
        clock.pk, clock.kind, clock.level, clock.warn_at, clock.due_at, clock.due_at,
        request.pk, request.area_code, request.organisation_id, request.handler_id, None,
    )  # fmt: skip


def _event(clock: Clock, level: int, recipient: int | None, moment: datetime) -> NewEvent:
    return NewEvent(
        event_type=events.DEADLINE_REACHED,
        subject=ref_of(clock.request),
        actor=SYSTEM,
        area_code=clock.request.area_code,
        payload={
            "clock_id": clock.pk,
            "clock": clock.kind,
            "level": level,
            "recipient_id": recipient,
            "due_at": clock.due_at,
        },
        at=moment,
    )


def _photos(wanted: Iterable[tuple[ServiceRequest, Reply | None, str]], at: datetime) -> None:
    shelf = PhotoShelf()
    attachments = [
        Attachment(request=request, reply=reply, file=file, position=0)
        for request, reply, key in wanted
        if (file := shelf.copy_for(key, owner=reply or request, at=reply.at if reply else request.submitted_at))
    ]
    shelf.keep()
    Attachment.objects.bulk_create(attachments, batch_size=1000)
