"""The one way a request or an order moves: locked, permitted, recorded, with its clocks and its event."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from django.utils import timezone as tz
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.organisations.models import Organisation
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.worktime.dates import moment_text
from requests_intake.models import (
    Clock,
    PolicyClock,
    RequestTransition,
    ServiceRequest,
    WorkOrder,
    WorkOrderTransition,
)
from requests_intake.selectors.recusals import stands_back
from requests_intake.selectors.requester import is_requester
from requests_intake.services.clocks import Limits, clocks_start, clocks_stop, limits_of, running_due, stages_start
from requests_intake.services.grants import grants_end
from requests_intake.services.pausing import waiting_end
from requests_intake.workflow import (
    BACK,
    FINAL_REQUEST_STATES,
    OPEN_ORDER_STATES,
    ORDER_CLOCKS,
    ORDER_TRANSITIONS,
    REQUEST_TRANSITIONS,
    RESTING_STATES,
    STAY,
    WITH_REQUESTER,
    ClockKind,
    OrderRole,
    OrderState,
    RequestState,
    Transition,
    Waiting,
)


def request_lock(pk: int) -> ServiceRequest:
    """Return the request, its row locked until the end of the transaction. Always lock it before its orders."""
    return ServiceRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def order_lock(pk: int) -> tuple[ServiceRequest, WorkOrder]:
    """Return the order and its request, both locked, the request first."""
    request_id = WorkOrder.objects.values_list("request_id", flat=True).get(pk=pk)
    request = request_lock(request_id)
    order = WorkOrder.objects.select_related("organisation").select_for_update(of=("self",), no_key=True).get(pk=pk)
    order.request = request
    return request, order


def lead_order_lock(request: ServiceRequest) -> WorkOrder:
    """Return the lead order of a locked request, locked too."""
    order = (
        WorkOrder.objects.select_related("organisation")
        .select_for_update(of=("self",), no_key=True)
        .get(request=request, role=OrderRole.LEAD, is_current=True)
    )
    order.request = request
    return order


def open_orders_lock(request: ServiceRequest) -> list[WorkOrder]:
    """Return the open orders of a locked request in their order, locked too."""
    orders = list(
        WorkOrder.objects.select_related("organisation")
        .select_for_update(of=("self",), no_key=True)
        .filter(request=request, state__in=OPEN_ORDER_STATES)
        .order_by("pk")
    )
    for order in orders:
        order.request = request
    return orders


def limits_for(request: ServiceRequest) -> Limits:
    """Return the limits that this request was promised: its own policy version."""
    return limits_of(PolicyClock.objects.filter(policy_id=request.policy_id))


def check(
    transition: Transition, *, state: str, obj: Any, actor: Viewer, values: Mapping[str, Any], history: Any
) -> None:
    """Raise unless `actor` may take this step from this state with these values.

    `Forbidden` for the wrong role or place, `StaleState` when the state has moved on (the message says who did what
    and when), `DomainError` with the field for a missing value.
    """
    request = obj.request if isinstance(obj, WorkOrder) else obj
    if stands_back(request, actor):
        raise Forbidden("recused", gettext_lazy("您已经回避这件诉求，每一步都请别人来做"))
    if is_requester(actor, obj):
        if not transition.by_link:
            raise Forbidden("not_your_request", gettext_lazy("这个链接不能做这件事"))
    elif actor.kind == "external":
        if not transition.by_external or actor.subject != ref_of(obj):
            raise Forbidden("not_your_order", gettext_lazy("这个链接不能做这件事"))
    elif transition.capability is not None and actor.kind != "requester":
        require(actor, transition.capability, request if transition.of_lead else obj)
    elif actor.kind != "system":
        raise Forbidden("not_your_request", gettext_lazy("这个链接不能做这件事"))
    if request.is_patrol and transition.name in WITH_REQUESTER:
        raise DomainError(
            "nobody_to_ask", gettext_lazy("这是巡查发现的，没有反映人：不用联系、不用回访，办好了由第三人现场核查")
        )
    if isinstance(obj, WorkOrder) and obj.role not in transition.roles:
        raise Forbidden("not_your_part", gettext_lazy("牵头和协办各有各的步骤，这一步不由这个单位做"))
    if state not in transition.sources:
        raise StaleState("stale_state", _already(transition, history, actor))
    _check_waiting(transition, request)
    for name in missing(transition, values):
        raise DomainError(f"{name}_required", required_text(transition, name), field=name)


def missing(transition: Transition, values: Mapping[str, Any]) -> list[str]:
    """Name what this step needs and `values` lacks, in the order of the table."""
    given = {name: values.get(name) for name in transition.required}
    return [name for name, value in given.items() if value is None or (isinstance(value, str) and not value.strip())]


def required_text(transition: Transition, name: str) -> str | Promise:
    """Say what to put in: the same field asks for other words at each step."""
    return _WORDS_OF.get(transition.name, _REQUIRED[name]) if name == "text" else _REQUIRED[name]


def check_step(obj: ServiceRequest | WorkOrder, name: str, actor: Viewer, /, **values: Any) -> None:
    """Raise, as `check` does, unless `actor` may take the step `name` of this locked request or order now."""
    table = ORDER_TRANSITIONS if isinstance(obj, WorkOrder) else REQUEST_TRANSITIONS
    check(table[name], state=obj.state, obj=obj, actor=actor, values=values, history=obj.transitions)


def _check_waiting(transition: Transition, request: ServiceRequest) -> None:
    if transition.name in ORDER_TRANSITIONS and request.state in RESTING_STATES:
        raise StaleState(
            "resting",
            _("现在是“%(state)s”，时限停着。要接着办，先请派单员恢复办理。") % {"state": request.get_state_display()},
        )
    if transition.waiting is None or transition.waiting == request.waiting_for:
        return
    if request.waiting_for:
        raise StaleState(
            "waiting",
            _("现在“%(waiting)s”，等它有了结果再做这一步（%(step)s）。")
            % {"waiting": request.get_waiting_for_display(), "step": transition.label},
        )
    raise StaleState(
        "not_waiting", _("没有什么要定夺的了，这一步（%(step)s）不用做。请看最新进展。") % {"step": transition.label}
    )


# In these a lead order waits for the resident to be reached.
UNREACHED = (OrderState.SIGNED, OrderState.REWORK)
# States that an order leaves again for where it was.
TURNS = (OrderState.RETURN_REQUESTED, OrderState.DISPUTED)

_REQUIRED = {
    "category": gettext_lazy("请选一个事项，才知道该谁办、多久办"),
    "organisation": gettext_lazy("请选承办单位"),
    "stage": gettext_lazy("请选办到了哪个阶段"),
    "text": gettext_lazy("请写明做了什么，接下来谁在什么时候做什么"),
    "comment": gettext_lazy("请写一句哪里没有解决，承办单位才知道要做什么"),
    "solved": gettext_lazy("请选：事情解决了吗？"),
    "how": gettext_lazy("请选怎么联系的"),
    "reached": gettext_lazy("请选联系上了没有"),
    "reason": gettext_lazy("请选一条法定理由"),
    "ground": gettext_lazy("请选退单的理由"),
    "basis": gettext_lazy("请写明依据哪一条、该由谁办"),
    "target": gettext_lazy("请填并到哪一件的编号"),
    "organisations": gettext_lazy("请选要叫来的单位"),
    "issue": gettext_lazy("请写清楚叫他们来解决什么"),
    "due_at": gettext_lazy("请写什么时候要有结果"),
    "commitment": gettext_lazy("请写您单位负责做什么、什么时候做到"),
    "grade": gettext_lazy("请选一个分数"),
    "word": gettext_lazy("请写一句为什么这样评"),
    "until": gettext_lazy("请选到哪一天"),
    "amount": gettext_lazy("请写要延多久"),
    "plan": gettext_lazy("请写打算怎么解决"),
    "milestone": gettext_lazy("请选哪一天再看"),
    "step": gettext_lazy("请选做到了哪个节点"),
}

_WHY = gettext_lazy("请写明理由")
_QUESTION = gettext_lazy("请写要问居民什么")
# What "text" is at steps that are no answer.
_WORDS_OF = {
    "answer_directly": gettext_lazy("请写答复居民的话"),
    "not_dispatch": gettext_lazy("请写告诉居民的话"),
    "urge": gettext_lazy("请写催办的话"),
    "supervise": gettext_lazy("请写清楚要办到什么、要回复什么"),
    "instruct": gettext_lazy("请写批示"),
    "ask": _QUESTION,
    "ask_resident": _QUESTION,
    "ask_check": gettext_lazy("请写明到现场看什么"),
    "suspend": gettext_lazy("请写明为什么暂停、等什么"),
    "ask_ledger": gettext_lazy("请写明为什么一时解决不了"),
    "reach_milestone": gettext_lazy("请写做了什么"),
    "ask_extension": gettext_lazy("请写明为什么来不及"),
    "request_return": gettext_lazy("请写清楚为什么不该由您单位办"),
    **dict.fromkeys(
        (
            "reassign",
            "to_district",
            "release",
            "take_back",
            "refuse_return",
            "refuse_ledger",
            "decline_ledger",
            "refuse_extension",
            "keep",
            "hand_over",
        ),
        _WHY,
    ),
}


def _already(wanted: Transition, history: Any, actor: Viewer) -> str:
    """Say who did what last, for the person who came second; residents are not told the names of staff."""
    last = history.select_related("actor").order_by("-at", "-pk").first()
    if last is None:
        return _("这件事的状态已经变了，请看最新进展。")
    table, states = (
        (ORDER_TRANSITIONS, OrderState)
        if isinstance(last, WorkOrderTransition)
        else (REQUEST_TRANSITIONS, RequestState)
    )
    if last.actor is not None:
        who = last.actor.display_name if actor.kind == "staff" else _("工作人员")
    else:
        who = {
            "requester": _("居民"),
            "resident": _("居民"),
            "anonymous": _("居民"),
            "external": _("外单位"),
        }.get(last.actor_kind, _("系统"))
    time = moment_text(tz.localtime(last.at))
    if last.name == wanted.name:
        return _("%(who)s 已经在 %(time)s 做了“%(step)s”，这次没有重复做。请看最新进展。") % {
            "who": who,
            "time": time,
            "step": wanted.label,
        }
    label = table[last.name].label if last.name in table else None
    if label is None:
        return _("现在是“%(state)s”，这一步（%(step)s）做不了。请看最新进展。") % {
            "state": states(last.to_state).label,
            "step": wanted.label,
        }
    return _("%(who)s 在 %(time)s 做了“%(last)s”，现在是“%(state)s”，这一步（%(step)s）做不了。请看最新进展。") % {
        "who": who,
        "time": time,
        "last": label,
        "state": states(last.to_state).label,
        "step": wanted.label,
    }


def request_step(
    request: ServiceRequest,
    name: str,
    *,
    actor: Viewer,
    at: datetime,
    order: WorkOrder | None = None,
    organisation: Organisation | None = None,
    text: str = "",
    limits: Limits | None = None,
    changes: Mapping[str, Any] | None = None,
) -> RequestTransition:
    """Move a locked, checked request: state, companion fields, clocks, copies, history. Publishes nothing itself."""
    transition = REQUEST_TRANSITIONS[name]
    before = request.state
    request.state = target_of(transition, request)
    fields = {"state", "state_before", "next_due_at", *(changes or {})}
    if request.state not in RESTING_STATES:
        request.state_before = ""
    elif before not in RESTING_STATES:
        request.state_before = before
    if request.state not in WAITING_STATES or (request.waiting_for == Waiting.CHECK and request.state not in UNFILED):
        fields |= waiting_end(request, at=at)
    for field, value in (changes or {}).items():
        setattr(request, field, value)
    clocks_stop(request=request, kinds=transition.stops, at=at, order=order)
    kinds = transition.starts
    if request.is_patrol:  # nobody is there to rate it
        kinds = tuple(kind for kind in kinds if kind != ClockKind.RATE)
    if kinds:
        if ClockKind.ANSWER in kinds and ClockKind.ANSWER in running_due(request):
            kinds = tuple(kind for kind in kinds if kind != ClockKind.ANSWER)  # the promise runs on
        started = clocks_start(
            request=request, order=order, kinds=kinds, limits=limits or limits_for(request), start=at
        )
        for clock in started:
            if clock.kind == ClockKind.ANSWER:
                request.due_at = clock.due_at
                fields.add("due_at")
    if name in STAGED_FROM:
        stages_start(request=request, start=at)
    request_refresh_due(request, at=at, fields=fields)
    request.save(update_fields=sorted(fields))
    if request.has_helpers and request.state in FINAL_REQUEST_STATES:
        grants_end(request=request, at=at)
    return RequestTransition.objects.create(
        request=request,
        name=name,
        from_state=before,
        to_state=request.state,
        at=at,
        actor=actor.staff_user,
        actor_kind=actor.kind,
        organisation=organisation,
        text=text,
        is_public=name not in AMONG_STAFF,
    )


# From these the stages before the answer count.
STAGED_FROM = ("accept", "reopen")
# Steps of the offices among themselves: the resident hears of their outcome.
AMONG_STAFF = (
    "undo_dispatch",
    "handed_in",
    "ask_check",
    "drop_check",
    "verify",  # of a patrol's order, which no resident reads
    "verify_back",
    "approve",
    "send_back",
    "whistle",
    "name_complained",
    "call_at_limit",
    "send_outside",
    "check_ledger",
    "refuse_ledger",
    "decline_ledger",
    "refuse_extension",
    "urge",
    "supervise",
    "instruct",
    "reassign",
)
# Before these are left, a look on site may be waited for.
UNFILED = (RequestState.SUBMITTED, RequestState.ACCEPTED)
# In these a question, a pause or a decision may stay open; whatever leaves them ends it.
WAITING_STATES = (
    RequestState.SUBMITTED,
    RequestState.ACCEPTED,
    RequestState.DISPATCHED,
    RequestState.IN_PROGRESS,
    *RESTING_STATES,
)


def target_of(transition: Transition, obj: ServiceRequest | WorkOrder) -> str:
    """Return the state to which a step leads from where this request or order stands."""
    if transition.target == STAY:
        return obj.state
    return obj.state_before if transition.target == BACK else transition.target


def request_refresh_due(request: ServiceRequest, *, at: datetime, fields: set[str]) -> None:
    """Set the copies `next_due_at`, `closed_at` and `ended_as` from the running clocks and the state."""
    if request.state in FINAL_REQUEST_STATES:
        request.closed_at, request.next_due_at = request.closed_at or at, None
        request.ended_as = request.ended_as or request.state  # the archive keeps it
        fields |= {"closed_at", "ended_as"}
    else:
        if request.closed_at is not None:  # opened anew
            request.closed_at, request.ended_as = None, ""
            fields |= {"closed_at", "ended_as"}
        request.next_due_at = min(running_due(request).values(), default=request.due_at)


def request_refreshed(request: ServiceRequest, *, at: datetime, fields: Set[str] = frozenset()) -> None:
    """Bring the copies of a locked request up to its clocks and save them, with `fields` that were set besides."""
    changed = {"next_due_at", *fields}
    request_refresh_due(request, at=at, fields=changed)
    request.save(update_fields=sorted(changed))


def orders_refreshed(request: ServiceRequest) -> None:
    """Bring the dates of the open orders of a locked, saved request up to its clocks."""
    results = dict(
        Clock.objects.filter(request=request, kind=ClockKind.RESULT, stopped_at__isnull=True).values_list(
            "order_id", "due_at"
        )
    )
    for order in open_orders_lock(request):
        order.due_at = request.due_at if order.role == OrderRole.LEAD else results.get(order.pk, order.due_at)
        order.next_due_at = order_next_due(order)
        order.save(update_fields=["due_at", "next_due_at"])


def note(
    request: ServiceRequest,
    name: str,
    *,
    actor: Viewer,
    at: datetime,
    text: str = "",
    organisation: Organisation | None = None,
    is_public: bool = True,
) -> RequestTransition:
    """Write a line of history that moves nothing."""
    return RequestTransition.objects.create(
        request=request,
        name=name,
        from_state=request.state,
        to_state=request.state,
        at=at,
        actor=actor.staff_user,
        actor_kind=actor.kind,
        organisation=organisation,
        text=text,
        is_public=is_public,
    )


def publish_of_request(event: EventType, request: ServiceRequest, actor: Viewer, at: datetime, **payload: Any) -> None:
    """Publish an event of a request."""
    publish(event, subject=ref_of(request), actor=actor, area_code=request.area_code, payload=payload, at=at)


def publish_of_order(
    event: EventType, request: ServiceRequest, order: WorkOrder, actor: Viewer, at: datetime, **more: Any
) -> None:
    """Publish an event of a request that names one of its orders and its organisation."""
    publish_of_request(event, request, actor, at, order_id=order.pk, organisation_id=order.organisation_id, **more)


def order_next_due(order: WorkOrder) -> datetime:
    """The nearest moment at which something is due from this order: its own clocks; for the lead, the answer too."""
    due = running_due(order.request, order)
    if order.role != OrderRole.LEAD:
        due = {kind: moment for kind, moment in due.items() if kind in ORDER_CLOCKS}
    return min(due.values(), default=order.due_at)


def order_step(
    order: WorkOrder,
    name: str,
    *,
    actor: Viewer,
    at: datetime,
    text: str = "",
    stop: bool = True,
    limits: Limits | None = None,
    changes: Mapping[str, Any] | None = None,
) -> WorkOrderTransition:
    """Move a locked, checked order: state, companion fields, clocks, history. The request is moved by the caller."""
    transition = ORDER_TRANSITIONS[name]
    before, order.state = order.state, target_of(transition, order)
    fields = {"state", "next_due_at", "state_before", *(changes or {})}
    order.state_before = before if order.state in TURNS else ""
    for field, value in (changes or {}).items():
        setattr(order, field, value)
    if stop:
        clocks_stop(request=order.request, kinds=transition.stops, at=at, order=order)
    is_lead = order.role == OrderRole.LEAD and not order.is_outside
    if order.request.is_patrol and is_lead and order.state in UNREACHED:
        order.state = OrderState.IN_PROGRESS  # nobody has to be reached before the work begins
    without_contact = order.is_outside or order.request.is_patrol
    starts = tuple(kind for kind in transition.starts if not (without_contact and kind == ClockKind.CONTACT))
    if starts:
        clocks_start(
            request=order.request,
            order=order,
            kinds=starts,
            limits=limits or limits_for(order.request),
            start=at,
        )
    if order.state in OPEN_ORDER_STATES:
        order.next_due_at = order_next_due(order)
    else:
        order.next_due_at = None
    order.save(update_fields=sorted(fields))
    return WorkOrderTransition.objects.create(
        order=order,
        name=name,
        from_state=before,
        to_state=order.state,
        at=at,
        actor=actor.staff_user,
        actor_kind=actor.kind,
        text=text,
    )
