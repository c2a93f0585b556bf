"""The dispatcher's two steps: accept, dispatch."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.organisations.models import Organisation, OrganisationKind
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text
from grid.models import DutyItem
from requests_intake import events
from requests_intake.models import Category, ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.services.stepping import check, limits_for, request_lock, request_step
from requests_intake.workflow import REQUEST_TRANSITIONS, OrderState

INSTRUCTION_MAX = 500


def request_accept(
    *, request: ServiceRequest, category: Category | None, actor: Viewer, at: datetime
) -> ServiceRequest:
    """Accept a submitted request under a category; the promise made at submission stays as it was.

    Without `category` the resident's own stays. Raises `DomainError` on "category" for none, one that is no item of
    the third level, or one that must be reported elsewhere.
    """
    with transaction.atomic():
        locked = request_lock(request.pk)
        chosen = category if category is not None else locked.category
        check(
            REQUEST_TRANSITIONS["accept"],
            state=locked.state,
            obj=locked,
            actor=actor,
            values={"category": chosen},
            history=locked.transitions,
        )
        _check_item(chosen)
        request_step(
            locked,
            "accept",
            actor=actor,
            at=at,
            organisation=actor.user.organisation if actor.user else None,
            changes={"accepted_at": at, "category": chosen},
        )
        publish(
            events.ACCEPTED,
            subject=ref_of(locked),
            actor=actor,
            area_code=locked.area_code,
            payload={"category": chosen.code if chosen else ""},
            at=at,
        )
    return locked


def request_dispatch(
    *,
    request: ServiceRequest,
    organisation: Organisation | None,
    actor: Viewer,
    at: datetime,
    instruction: str = "",
) -> WorkOrder:
    """Send an accepted request to the organisation that leads, and start its clocks.

    A community never leads an item that the duty list only asks it to assist with (条例 §17); such a choice raises
    `DomainError` on "organisation".
    """
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check(
            REQUEST_TRANSITIONS["dispatch"],
            state=locked.state,
            obj=locked,
            actor=actor,
            values={"organisation": organisation},
            history=locked.transitions,
        )
        assert organisation is not None  # noqa: S101 - `check` has refused None
        if not organisation.is_active:
            raise DomainError("organisation_inactive", _("这个单位已经停用，请选别的单位"), field="organisation")
        _check_duty(locked, organisation)
        order = WorkOrder(
            request=locked,
            organisation=organisation,
            instruction=clean_text(instruction)[:INSTRUCTION_MAX],
            area_code=locked.area_code,
            dispatched_at=at,
            original_due_at=locked.due_at,
            due_at=locked.due_at,
            next_due_at=locked.due_at,
        )
        order.save(force_insert=True)
        WorkOrderTransition.objects.create(
            order=order, name="dispatch", to_state=OrderState.DISPATCHED, at=at, actor=actor.user, actor_kind=actor.kind
        )
        request_step(
            locked,
            "dispatch",
            actor=actor,
            at=at,
            order=order,
            organisation=organisation,
            limits=limits_for(locked),
            changes={"dispatched_at": at, "organisation": organisation},
        )
        order.next_due_at = locked.next_due_at
        order.save(update_fields=["next_due_at"])
        publish(
            events.DISPATCHED,
            subject=ref_of(locked),
            actor=actor,
            area_code=locked.area_code,
            payload={
                "order_id": order.pk,
                "organisation_id": organisation.pk,
                "due_at": order.due_at.isoformat(),
            },
            at=at,
        )
    return order


def _check_item(category: Category | None) -> None:
    if category is None or not category.is_active or category.level != 3 or category.stop_text:
        raise DomainError("category_unknown", _("请选一个在用的三级事项"), field="category")


def _check_duty(request: ServiceRequest, organisation: Organisation) -> None:
    if organisation.kind != OrganisationKind.COMMUNITY or request.category is None:
        return
    kind = DutyItem.objects.filter(pk=request.category.duty_item_id or 0).values_list("kind", flat=True).first()
    if kind == "assist":
        raise DomainError(
            "community_cannot_lead",
            _("履职清单里，这件事社区只是协助，不能由社区牵头。请派给职能部门或街道。"),
            field="organisation",
        )
