"""Who of the office does it: an order gets a name, or another one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.models import User
from governance.access.viewer import Viewer, viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from requests_intake import events
from requests_intake.models import WorkOrder, WorkOrderTransition
from requests_intake.models.orders import OrderRole
from requests_intake.permissions import Capability
from requests_intake.selectors.recusals import is_recused, stands_back
from requests_intake.services.grants import grants_give_to
from requests_intake.services.stepping import order_lock, publish_of_order
from requests_intake.workflow import OPEN_ORDER_STATES


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
        if not viewer_for(handler, at).holds(Capability.HANDLE_ORDER, locked.access_scope()):
            raise DomainError("handler_elsewhere", _("这个人不在承办单位里办理工单，请选本单位的人"), field="handler")
        if stands_back(request, actor):
            raise Forbidden("recused", _("您已经回避这件诉求，每一步都请别人来做"))
        if is_recused(request, handler.pk):
            raise DomainError("handler_recused", _("这个人已经回避这件诉求，请选别人"), field="handler")
        if locked.handler_id == handler.pk:
            return locked
        locked.handler = handler
        locked.save(update_fields=["handler"])
        if locked.role == OrderRole.WHISTLE:
            grants_give_to(request=request, organisation=locked.organisation, user_ids=[handler.pk], at=at)
        if locked.role == OrderRole.LEAD:
            request.handler = handler
            request.save(update_fields=["handler"])
        WorkOrderTransition.objects.create(
            order=locked,
            name="assign",
            from_state=locked.state,
            to_state=locked.state,
            at=at,
            actor=actor.user,
            actor_kind=actor.kind,
            text=handler.display_name,
        )
        publish_of_order(events.ASSIGNED, request, locked, actor, at, handler_id=handler.pk)
    return locked
