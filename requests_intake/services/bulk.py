"""One step for many requests: each by the single service, in a savepoint of its own, each with its own answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden
from governance.jobs.services import job_start
from governance.organisations.models import Organisation
from governance.web.idempotency import create_once, once
from requests_intake.models import BulkResult, BulkRun, ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.selectors.choices import probable_for
from requests_intake.services.assignment import order_assign, request_reassign
from requests_intake.services.closing import request_merge
from requests_intake.services.handling import order_sign
from requests_intake.services.interventions import request_supervise, request_urge
from requests_intake.services.triage import request_accept, request_answer_directly, request_dispatch
from requests_intake.workflow import OPEN_ORDER_STATES, REQUEST_TRANSITIONS, OrderState, RequestState

MOST = 2_000
AT_ONCE = 100  # more than this is a job
JOB_KIND = "requests_intake.bulk"
BY_RULE = "rule"

Do = Callable[[ServiceRequest, Mapping[str, Any], Viewer, datetime], Any]


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A step that may be taken for many. `states` are those in which it can work, of the request or of its order."""

    key: str
    label: str | Promise
    capability: Capability
    states: tuple[str, ...]
    do: Do
    on_order: bool = False


def _accept(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    request_accept(request=request, category=None, actor=actor, at=at)


def _dispatch(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    chosen = values.get("organisation")
    pk = probable_for(request) if chosen == BY_RULE else chosen
    organisation = Organisation.objects.filter(pk=pk or 0).first()
    if organisation is None:
        raise DomainError("no_rule", _("派单规则里没有它的单位，请单独派"))
    request_dispatch(
        request=request, organisation=organisation, instruction=values.get("instruction", ""), actor=actor, at=at
    )


def _answer(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    request_answer_directly(request=request, text=values.get("text", ""), actor=actor, at=at)


def _merge(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    target = ServiceRequest.objects.visible_to(actor).filter(number=values.get("target", "")).first()
    request_merge(request=request, target=target, actor=actor, at=at)


def _urge(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    request_urge(request=request, text=values.get("text", ""), actor=actor, at=at)


def _supervise(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    until = date.fromisoformat(values["until"]) if values.get("until") else None
    request_supervise(request=request, text=values.get("text", ""), until=until, actor=actor, at=at)


def _reassign(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    office, _colon, person = values.get("assignee", "").partition(":")
    request_reassign(
        request=request,
        organisation=Organisation.objects.filter(public_id=office).first() if office else None,
        handler=User.objects.filter(public_id=person, is_active=True).first() if person else None,
        text=values.get("text", ""),
        actor=actor,
        at=at,
    )


def _sign(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    order_sign(order=_order(request, actor), actor=actor, at=at)


def _assign(request: ServiceRequest, values: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
    handler = User.objects.filter(pk=values.get("handler") or 0, is_active=True).first()
    order_assign(order=_order(request, actor), handler=handler, actor=actor, at=at)


def _order(request: ServiceRequest, actor: Viewer) -> WorkOrder:
    """The order of the actor's office; open ones first."""
    orders = WorkOrder.objects.filter(
        request=request, organisation_id__in=actor.organisations(Capability.HANDLE_ORDER)
    ).order_by("pk")
    found = sorted(orders, key=lambda order: order.state not in OPEN_ORDER_STATES)
    if not found:
        raise Forbidden("no_order_here", _("这件没有派给您的单位"))
    return found[0]


_ACTIONS = (
    BulkAction("accept", _("受理"), Capability.ACCEPT_REQUEST, (RequestState.SUBMITTED,), _accept),
    BulkAction("dispatch", _("派单"), Capability.DISPATCH_REQUEST, (RequestState.ACCEPTED,), _dispatch),
    BulkAction("merge", _("并案"), Capability.DISPATCH_REQUEST, REQUEST_TRANSITIONS["merge"].sources, _merge),
    # one water cut, thirty questions: the same words close them all
    BulkAction(
        "answer_directly",
        _("直接答复"),
        Capability.ACCEPT_REQUEST,
        REQUEST_TRANSITIONS["answer_directly"].sources,
        _answer,
    ),
    BulkAction("urge", _("催办"), Capability.INTERVENE, REQUEST_TRANSITIONS["urge"].sources, _urge),
    BulkAction("supervise", _("督办"), Capability.INTERVENE, REQUEST_TRANSITIONS["supervise"].sources, _supervise),
    BulkAction("reassign", _("换人、改派"), Capability.INTERVENE, REQUEST_TRANSITIONS["reassign"].sources, _reassign),
    BulkAction("sign", _("签收"), Capability.HANDLE_ORDER, (OrderState.DISPATCHED,), _sign, on_order=True),
    BulkAction("assign", _("指定经办人"), Capability.HANDLE_ORDER, OPEN_ORDER_STATES, _assign, on_order=True),
)
ACTIONS = {action.key: action for action in _ACTIONS}


def actions_for(viewer: Viewer, *, on_order: bool, states: Iterable[str]) -> list[BulkAction]:
    """Return what this viewer may do to many requests, or to many orders, at once, where rows are in these states."""
    there = set(states)
    return [
        action
        for action in _ACTIONS
        if action.on_order == on_order and viewer.can(action.capability) and not there.isdisjoint(action.states)
    ]


def bulk_start(
    *, action: str, request_ids: Iterable[int], values: Mapping[str, Any], key: UUID, actor: Viewer, at: datetime
) -> BulkRun:
    """Write down what is to be done to which requests. Up to 100 are then done by `bulk_step`, more by a job.

    The same `key` again is the same run. Raises `DomainError` for none or more than 2,000, `Forbidden` for who may
    not; whether each single one may be done is answered one by one.
    """
    wanted = ACTIONS.get(action)
    if wanted is None or actor.user is None or not actor.can(wanted.capability):
        raise Forbidden("bulk_forbidden", _("您的角色不能做这件事"))
    ids = sorted(set(request_ids))
    if not ids:
        raise DomainError("bulk_nothing", _("没有选中任何一件，请先在列表里打勾"))
    if len(ids) > MOST:
        raise DomainError("bulk_too_many", _("一次最多 2000 件，请分几次做"))
    if (known := once(BulkRun.objects.filter(owner=actor.user), key)) is not None:
        return known

    def create() -> BulkRun:
        run = BulkRun.objects.create(
            owner=actor.user, action=action, values=dict(values), created_at=at, submission_key=key
        )
        # in the order of their keys: two people with overlapping choices wait for each other, and never in a circle
        BulkResult.objects.bulk_create(BulkResult(run=run, request_id=pk) for pk in ids)
        if len(ids) > AT_ONCE:
            run.job = job_start(kind=JOB_KIND, params={"run": run.pk}, actor=actor, at=at)
            run.save(update_fields=["job"])
        return run

    run, _created = create_once(BulkRun.objects.filter(owner=actor.user), key, create)
    return run


def bulk_step(*, run_id: int, limit: int, actor: Viewer, at: datetime) -> int:
    """Do the next rows that wait, and return how many were dealt with. A row is done once, whoever else works here."""
    done = 0
    while done < limit and _one(run_id, actor, at):
        done += 1
    return done


def _one(run_id: int, actor: Viewer, at: datetime) -> bool:
    with transaction.atomic():
        row = (
            BulkResult.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("run", "request__category")
            .filter(run_id=run_id, run__owner_id=actor.user_id, state=BulkResult.State.WAITING)
            .order_by("request_id")
            .first()
        )
        if row is None:
            return False
        try:
            with transaction.atomic():
                if not ServiceRequest.objects.visible_to(actor).filter(pk=row.request_id).exists():
                    raise Forbidden("not_visible", _("您现在看不到这一件了"))
                ACTIONS[row.run.action].do(row.request, row.run.values, actor, at)
        except DomainError as refused:
            row.state = BulkResult.State.REFUSED
            row.reason = str(refused.message)[:300]
        else:
            row.state = BulkResult.State.DONE
        row.save(update_fields=["state", "reason"])
    return True


def expected(action: BulkAction, states: Iterable[str]) -> tuple[int, int]:
    """Return how many of these states the step fits, and how many not: what the confirm page announces."""
    fits = [state in action.states for state in states]
    return sum(fits), len(fits) - sum(fits)
