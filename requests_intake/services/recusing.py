"""Standing back (回避): people with an interest take no step any more; their orders go to a colleague."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.checks import can
from governance.access.models import User
from governance.access.viewer import Viewer, viewer_for
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import Recusal, ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.permissions import Capability
from requests_intake.selectors.recusals import is_recused
from requests_intake.services.grants import grants_give_to
from requests_intake.services.stepping import publish_of_order, publish_of_request, request_lock
from requests_intake.workflow import OPEN_ORDER_STATES, OrderRole, OrderState

REASON_MAX = 300


def request_recuse(
    *,
    request: ServiceRequest,
    user: User | None,
    reason: str,
    colleague: User | None,
    actor: Viewer,
    at: datetime,
) -> Recusal:
    """Let somebody stand back: oneself, or anybody if the actor dispatches here. Their open orders go to `colleague`.

    Raises `DomainError` on "user" for nobody or somebody who stands back already, on "reason" for none, on
    "colleague" where an order needs another name and the one given does not handle in that office or stands back.
    """
    words = clean_text(reason)[:REASON_MAX]
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        if user is None:
            raise DomainError("user_required", _("请选谁回避"), field="user")
        if user.pk != actor.user_id and not can(actor, Capability.DISPATCH_REQUEST, locked):
            raise Forbidden("recuse_others", _("只有受理台能让别人回避"))
        if user.pk == actor.user_id and not ServiceRequest.objects.visible_to(actor).filter(pk=locked.pk).exists():
            raise Forbidden("recuse_hidden", _("您看不到这件诉求"))
        if not words:
            raise DomainError("reason_required", _("请写有什么利害关系"), field="reason")
        if is_recused(locked, user.pk):
            raise DomainError("recused_already", _("这个人已经回避了"), field="user")
        assert actor.user is not None  # noqa: S101 - only staff come here
        recusal = Recusal.objects.create(request=locked, user=user, reason=words, at=at, by=actor.user)
        locked.has_recusals = True
        locked.save(update_fields=["has_recusals"])
        for order in _orders_of(locked, user):
            _hand_on(locked, order, user, colleague, actor, at)
        locked.transitions.create(
            name="recuse",
            from_state=locked.state,
            to_state=locked.state,
            at=at,
            actor=actor.user,
            actor_kind=actor.kind,
            is_public=False,
        )
        publish_of_request(events.RECUSED, locked, actor, at, recused_id=user.pk)
    return recusal


def _orders_of(request: ServiceRequest, user: User) -> list[WorkOrder]:
    unfinished = Q(state__in=[*OPEN_ORDER_STATES, OrderState.REPLIED])
    return list(
        WorkOrder.objects.select_related("organisation")
        .select_for_update(of=("self",), no_key=True)
        .filter(unfinished, request=request, handler=user)
        .order_by("pk")
    )


def _hand_on(
    request: ServiceRequest, order: WorkOrder, user: User, colleague: User | None, actor: Viewer, at: datetime
) -> None:
    if colleague is None:
        raise DomainError("colleague_required", _("这张工单要换本单位的人来办，请选一位"), field="colleague")
    stands_back = colleague.pk == user.pk or is_recused(request, colleague.pk)
    if stands_back or not viewer_for(colleague, at).holds(Capability.HANDLE_ORDER, order.access_scope()):
        raise DomainError("colleague_elsewhere", _("要选承办单位里没有回避的人"), field="colleague")
    order.handler = colleague
    order.save(update_fields=["handler"])
    if order.role == OrderRole.LEAD:
        request.handler = colleague
        request.save(update_fields=["handler"])
    if order.role == OrderRole.WHISTLE:
        grants_give_to(request=request, organisation=order.organisation, user_ids=[colleague.pk], at=at)
    WorkOrderTransition.objects.create(
        order=order,
        name="assign",
        from_state=order.state,
        to_state=order.state,
        at=at,
        actor=actor.user,
        actor_kind=actor.kind,
        text=colleague.display_name,
    )
    publish_of_order(events.ASSIGNED, request, order, actor, at, handler_id=colleague.pk)
