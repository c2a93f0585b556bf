"""The dispatcher's steps: accept, dispatch to a lead and those who help, answer at once, or say why not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.organisations.models import Organisation, OrganisationKind
from governance.text import clean_text
from governance.worktime import calendar_current
from grid.models import DutyItem
from requests_intake import events
from requests_intake.models import (
    Category,
    Clock,
    DispatchMode,
    NoDispatchReason,
    ServiceRequest,
    Whistle,
    WorkOrder,
    WorkOrderTransition,
)
from requests_intake.models.requests import ABOUT_SOMEBODY
from requests_intake.services.clocks import clock_build
from requests_intake.services.replies import checked_reply
from requests_intake.services.stepping import (
    check_step,
    limits_for,
    order_next_due,
    publish_of_request,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import ClockKind, OrderRole, OrderState

INSTRUCTION_MAX = 500
# Whoever gets an order directly while the district only watches.
COPIED = (OrganisationKind.SUBDISTRICT_OFFICE, OrganisationKind.COMMUNITY)


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
        check_step(locked, "accept", actor, category=chosen)
        _check_item(chosen)
        request_step(
            locked,
            "accept",
            actor=actor,
            at=at,
            organisation=actor.user.organisation if actor.user else None,
            changes={"accepted_at": at, "category": chosen},
        )
        publish_of_request(events.ACCEPTED, locked, actor, at, category=chosen.code if chosen else "")
    return locked


def request_dispatch(
    *,
    request: ServiceRequest,
    organisation: Organisation | None,
    actor: Viewer,
    at: datetime,
    instruction: str = "",
    helpers: Sequence[Organisation] = (),
) -> WorkOrder:
    """Send an accepted request to the organisation that leads and to those that help, and start their clocks.

    A community never leads an item that the duty list only asks it to assist with (条例 §17); such a choice raises
    `DomainError` on "organisation". Helpers give the lead their result before the lead answers (条例 §14); one that
    leads, too, or is named twice raises on "helpers".
    """
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "dispatch", actor, organisation=organisation)
        assert organisation is not None  # noqa: S101 - `check_step` has refused None
        order = lead_open(locked, organisation, actor=actor, at=at, instruction=instruction)
        for helper in _checked_helpers(organisation, helpers):
            helper_open(locked, helper, role=OrderRole.CO, actor=actor, at=at, instruction=instruction)
    return order


def request_accept_dispatch(
    *, request: ServiceRequest, category: Category | None, organisation: Organisation, actor: Viewer, at: datetime
) -> WorkOrder:
    """Accept and send out in one press, both steps or neither; what each may raise, this raises."""
    with transaction.atomic():
        accepted = request_accept(request=request, category=category, actor=actor, at=at)
        return request_dispatch(request=accepted, organisation=organisation, actor=actor, at=at)


def lead_open(
    request: ServiceRequest,
    organisation: Organisation,
    *,
    actor: Viewer,
    at: datetime,
    instruction: str,
    step: str = "dispatch",
) -> WorkOrder:
    """Open the lead order of a locked, accepted request, due when the resident was promised an answer (ADR 0002).

    What goes to a sub-district or community directly is copied to the district, which watches over it (条例 §12), and
    so is whatever a rule sent out.
    """
    if not organisation.is_active:
        raise DomainError("organisation_inactive", _("这个单位已经停用，请选别的单位"), field="organisation")
    if request.complained_organisation_id == organisation.pk:
        raise DomainError("complained_leads", _("这件事反映的就是这个单位，不能由它牵头"), field="organisation")
    _check_duty(request, organisation)
    order = _order(request, organisation, OrderRole.LEAD, instruction, request.due_at, actor, at)
    request_step(
        request,
        step,
        actor=actor,
        at=at,
        order=order,
        organisation=organisation,
        limits=limits_for(request),
        changes={
            "dispatched_at": at,
            "organisation": organisation,
            "handler": None,
            "dispatch_mode": DispatchMode.DIRECT if step == "dispatch" else DispatchMode.DISTRICT,
            "copies_district": step == "dispatch" and (organisation.kind in COPIED or actor.kind == "system"),
        },
    )
    order.next_due_at = order_next_due(order)
    order.save(update_fields=["next_due_at"])
    publish_of_request(
        events.DISPATCHED,
        request,
        actor,
        at,
        order_id=order.pk,
        organisation_id=organisation.pk,
        due_at=order.due_at.isoformat(),
    )
    return order


def request_to_district(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> WorkOrder:
    """Send an accepted request whose office is unclear to the district's own office, which coordinates (条例 §12).

    Raises `DomainError` where no district office serves the place.
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "to_district", actor, text=words)
        office = district_office(locked.area_code)
        if office is None:
            raise DomainError("no_district_office", _("本区没有登记区级机构，请管理员补上，或直接选承办单位"))
        order: WorkOrder = lead_open(locked, office, actor=actor, at=at, instruction=words, step="to_district")
    return order


def district_office(area_code: str) -> Organisation | None:
    """Return the district office that serves this place."""
    offices = Organisation.objects.filter(
        kind=OrganisationKind.DISTRICT_OFFICE, area_code=area_code[:6], is_active=True
    )
    return offices.order_by("pk").first()


def request_name_complained(
    *, request: ServiceRequest, complained: Organisation | None, actor: Viewer, at: datetime
) -> ServiceRequest:
    """Say whom a complaint or tip-off is about; None takes it back. Its people never learn who complained (济南 §32).

    Raises `DomainError` on "complained" for other kinds, and for the organisation that leads: it is dispatched anew
    first.
    """
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "name_complained", actor)
        if locked.kind not in ABOUT_SOMEBODY:
            raise DomainError("not_complaint", _("只有投诉、举报才写被反映的单位"), field="complained")
        if complained is not None and complained.pk == locked.organisation_id:
            raise DomainError(
                "complained_leads_now", _("现在就是它在牵头。请先改派给别的单位，再写。"), field="complained"
            )
        request_step(
            locked,
            "name_complained",
            actor=actor,
            at=at,
            organisation=_office_of(actor),
            changes={"complained_organisation": complained},
        )
    return locked


def helper_open(
    request: ServiceRequest,
    organisation: Organisation,
    *,
    role: OrderRole,
    actor: Viewer,
    at: datetime,
    instruction: str = "",
    due_at: datetime | None = None,
    whistle: Whistle | None = None,
) -> WorkOrder:
    """Open an order of an organisation that helps or was called in, in a locked request with a lead order.

    Its result is due after the limit "result", never later than the resident's answer; `due_at` sets it otherwise.
    Whoever was called by a `whistle` reports in instead of signing.
    """
    if not organisation.is_active:
        raise DomainError("organisation_inactive", _("这个单位已经停用，请选别的单位"), field="helpers")
    limits = limits_for(request)
    calendar = calendar_current()
    latest = limits.due(ClockKind.RESULT, at, calendar)
    due = min(due_at or latest, request.due_at) if request.due_at > at else due_at or latest
    order = _order(request, organisation, role, instruction, due, actor, at, whistle)
    first = ClockKind.SIGN if whistle is None else ClockKind.REPORT_IN
    sign = min(limits.due(first, at, calendar), due)
    Clock.objects.bulk_create(
        clock_build(
            request=request,
            order=order,
            kind=kind,
            start=at,
            due=moment,
            duration=limits.durations[kind],
            calendar=calendar,
        )
        for kind, moment in ((first, sign), (ClockKind.RESULT, due))
    )
    order.next_due_at = sign
    order.save(update_fields=["next_due_at"])
    request.has_helpers = True
    request_refreshed(request, at=at, fields={"has_helpers"})
    publish_of_request(
        events.HELP_CALLED if whistle is None else events.WHISTLE_BLOWN,
        request,
        actor,
        at,
        order_id=order.pk,
        organisation_id=organisation.pk,
        role=order.role,
        due_at=due.isoformat(),
    )
    return order


def _order(
    request: ServiceRequest,
    organisation: Organisation,
    role: OrderRole,
    instruction: str,
    due: datetime,
    actor: Viewer,
    at: datetime,
    whistle: Whistle | None = None,
) -> WorkOrder:
    order = WorkOrder(
        request=request,
        organisation=organisation,
        role=role,
        whistle=whistle,
        is_designated=request.is_designated,
        instruction=clean_text(instruction)[:INSTRUCTION_MAX],
        area_code=request.area_code,
        dispatched_at=at,
        original_due_at=due,
        due_at=due,
        next_due_at=due,
    )
    order.save(force_insert=True)
    WorkOrderTransition.objects.create(
        order=order, name="dispatch", to_state=OrderState.DISPATCHED, at=at, actor=actor.user, actor_kind=actor.kind
    )
    return order


def _checked_helpers(lead: Organisation, helpers: Sequence[Organisation]) -> list[Organisation]:
    pks = [helper.pk for helper in helpers]
    if lead.pk in pks:
        raise DomainError("helper_leads", _("牵头单位不用再选作协办"), field="helpers")
    if len(pks) != len(set(pks)):
        raise DomainError("helper_twice", _("同一个协办单位选了两次"), field="helpers")
    return sorted(helpers, key=lambda helper: helper.pk)


def request_answer_directly(
    *, request: ServiceRequest, text: str, actor: Viewer, at: datetime, category: Category | None = None
) -> ServiceRequest:
    """Answer a request at once, without an order (条例 §11.1): the resident reads it and may open the matter anew."""
    words = checked_reply(text)
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "answer_directly", actor, text=words)
        changes: dict[str, Any] = {"replied_at": at}
        if category is not None:
            _check_item(category)
            changes["category"] = category
        request_step(
            locked, "answer_directly", actor=actor, at=at, organisation=_office_of(actor), text=words, changes=changes
        )
        publish_of_request(events.ANSWERED_DIRECTLY, locked, actor, at)
    return locked


def request_not_dispatch(
    *, request: ServiceRequest, reason: str, text: str, actor: Viewer, at: datetime
) -> ServiceRequest:
    """End a request that may not be dispatched, for one of the six legal reasons (条例 §11.3), and say where to go.

    Raises `DomainError` on "reason" for any other, on "text" for none. The resident may object by opening it anew.
    """
    words = checked_reply(text)
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "not_dispatch", actor, reason=reason, text=words)
        if reason not in NoDispatchReason.values:
            raise DomainError("reason_unknown", _("请选一条法定理由"), field="reason")
        request_step(
            locked,
            "not_dispatch",
            actor=actor,
            at=at,
            organisation=_office_of(actor),
            text=words,
            changes={"replied_at": at, "no_dispatch_reason": reason},
        )
        publish_of_request(events.NOT_DISPATCHED, locked, actor, at, reason=reason)
    return locked


def _office_of(actor: Viewer) -> Organisation | None:
    return actor.user.organisation if actor.user else None


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
