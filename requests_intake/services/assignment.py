"""Who does it: an order gets a name, or another one; a leader hands it on where somebody is away."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import can, require
from governance.access.models import User
from governance.access.viewer import Viewer, viewer_for
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.organisations.models import OUTSIDE_KINDS, Organisation
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.models.orders import OrderRole
from requests_intake.permissions import Capability
from requests_intake.selectors.recusals import is_recused, stands_back
from requests_intake.services.grants import grants_give_to
from requests_intake.services.stepping import (
    TURNS,
    check_step,
    lead_order_lock,
    order_lock,
    order_step,
    publish_of_order,
    request_lock,
    request_step,
)
from requests_intake.services.triage import lead_open
from requests_intake.workflow import OPEN_ORDER_STATES

TEXT_MAX = 500


def order_assign(*, order: WorkOrder, handler: User | None, actor: Viewer, at: datetime) -> WorkOrder:
    """Name the person of the order's own office who does it; no clock moves, and signing stays their own step.

    Only people who handle in that office, by somebody who does. Raises `DomainError` on "handler" for none and for a
    stranger, `StaleState` for an order that is no longer open. The same person again changes nothing.
    """
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        require(actor, Capability.HANDLE_ORDER, locked)
        if locked.state not in OPEN_ORDER_STATES:
            raise StaleState("order_not_open", _("这张工单已经答复，不用再换人"))
        if handler is None:
            raise DomainError("handler_required", _("请选谁来办"), field="handler")
        if stands_back(request, actor):
            raise Forbidden("recused", _("您已经回避这件诉求，每一步都请别人来做"))
        _name(request, locked, handler, "handler", actor, at)
    return locked


def _name(request: ServiceRequest, order: WorkOrder, handler: User, field: str, actor: Viewer, at: datetime) -> None:
    """Give a locked order to somebody who handles in its office and does not stand back."""
    if not viewer_for(handler, at).holds(Capability.HANDLE_ORDER, order.access_scope()):
        raise DomainError("handler_elsewhere", _("这个人不在承办单位里办理工单，请选本单位的人"), field=field)
    if is_recused(request, handler.pk):
        raise DomainError("handler_recused", _("这个人已经回避这件诉求，请选别人"), field=field)
    if order.handler_id == handler.pk:
        return
    order.handler = handler
    order.save(update_fields=["handler"])
    if order.role == OrderRole.WHISTLE:
        grants_give_to(request=request, organisation=order.organisation, user_ids=[handler.pk], at=at)
    if order.role == OrderRole.LEAD:
        request.handler = handler
        request.save(update_fields=["handler"])
    WorkOrderTransition.objects.create(
        order=order,
        name="assign",
        from_state=order.state,
        to_state=order.state,
        at=at,
        actor=actor.user,
        actor_kind=actor.kind,
        text=handler.display_name,
    )
    publish_of_order(events.ASSIGNED, request, order, actor, at, handler_id=handler.pk)


def may_reassign(request: ServiceRequest, actor: Viewer) -> bool:
    """Whether a leader may hand this request on: they intervene where it lies, and where the office that leads is."""
    office = request.organisation
    return office is not None and can(actor, Capability.INTERVENE, request) and intervenes_in(office, actor)


def intervenes_in(office: Organisation, actor: Viewer) -> bool:
    """Whether an office lies in an area in which this person intervenes: a street's leader moves no district order."""
    return actor.holds_in(Capability.INTERVENE, office.area_code)


def request_reassign(
    *,
    request: ServiceRequest,
    organisation: Organisation | None,
    handler: User | None,
    text: str,
    actor: Viewer,
    at: datetime,
) -> WorkOrder:
    """Hand the lead order of an absent colleague to somebody else of their office, or to another office of the area.

    The reason stays in the course. The promise to the resident stays; the clocks of the office begin anew only in
    another office, which keeps the order. Raises `Forbidden` outside the leader's area, `DomainError` on "text", or on
    "assignee" for nobody, the party complained about, somebody who stands back, or an order that waits for a decision.
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "reassign", actor, text=words)
        if len(words) > TEXT_MAX:
            raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
        order = lead_order_lock(locked)
        if organisation is None or (handler is None and organisation.pk == order.organisation_id):
            raise DomainError("assignee_required", _("请选交给谁"), field="assignee")
        if not may_reassign(locked, actor) or not intervenes_in(organisation, actor):
            raise Forbidden("office_elsewhere", _("只能在自己区域的单位之间改派；别的单位的，请催办或督办"))
        left, before = order.organisation, order.handler
        if organisation.pk == left.pk and before == handler:
            raise DomainError("handler_same", _("现在就是这个人在办"), field="assignee")
        if organisation.pk != left.pk:
            order = _moved(locked, order, organisation, words, actor, at)
        if handler is not None:
            _name(locked, order, handler, "assignee", actor, at)
        told = f"→ {handler.display_name}\n{words}" if handler is not None else words
        request_step(locked, "reassign", actor=actor, at=at, organisation=organisation, text=told)
        publish_of_order(
            events.REASSIGNED,
            locked,
            order,
            actor,
            at,
            from_organisation_id=left.pk,
            from_handler_id=before.pk if before is not None else None,
        )
    return order


def _moved(
    request: ServiceRequest, order: WorkOrder, organisation: Organisation, words: str, actor: Viewer, at: datetime
) -> WorkOrder:
    """Take the lead from an office and give it to another one, for good."""
    if request.waiting_for or order.state in TURNS:
        raise DomainError("decide_first", _("这件在等定夺，先定夺，再改派给别的单位"), field="assignee")
    if organisation.kind in OUTSIDE_KINDS:
        raise DomainError("office_outside", _("外单位要凭链接办，请用“发给外单位”"), field="assignee")
    order_step(order, "take_back", actor=actor, at=at, text=words, changes={"is_current": False})
    request_step(
        request,
        "returned",
        actor=actor,
        at=at,
        order=order,
        organisation=order.organisation,
        changes={"is_designated": True, "organisation": None, "handler": None},
    )
    try:
        return lead_open(request, organisation, actor=actor, at=at, instruction=words)
    except DomainError as refused:
        refused.field = "assignee"
        raise
