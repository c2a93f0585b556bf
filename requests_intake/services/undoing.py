"""Taking a dispatch back within seconds, before anybody was told of it: as if it had not been."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import Forbidden, StaleState
from governance.notifications.services import DELAY, messages_withdraw
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import Publication, ServiceRequest, WorkOrder
from requests_intake.selectors.undoing import DISPATCHES, is_own, last_steps, undo_seconds
from requests_intake.services.clocks import clock_run_on
from requests_intake.services.stepping import check_step, order_step, publish_of_request, request_lock, request_step
from requests_intake.workflow import ClockKind, OrderRole, OrderState

# What a dispatch says: to the offices, and to those who follow the request's public version.
_TOLD = (events.DISPATCHED.name, events.HELP_CALLED.name, events.PUBLICATION_MOVED.name)


def request_undo_dispatch(*, request: ServiceRequest, actor: Viewer, at: datetime) -> ServiceRequest:
    """Take the last dispatch back: all its orders end, its notices are never sent, the request waits to be dispatched.

    Only whoever dispatched may (what a rule sent out, every dispatcher), within the seconds for which notices wait
    (PRODUCT G), and while nothing else has happened. The clock of dispatching runs on with the date that it had, and
    nothing counts as returned. Raises `Forbidden` for anybody else, `StaleState` where it is too late: an order was
    signed for, or a notice is out.
    """
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "undo_dispatch", actor)
        _check_own_and_last(locked, actor, at)
        dispatched_at = locked.dispatched_at
        assert dispatched_at is not None  # noqa: S101 - a dispatched request has it
        orders = list(
            WorkOrder.objects.select_for_update(of=("self",), no_key=True)
            .filter(request=locked, is_current=True, dispatched_at=dispatched_at)
            .select_related("organisation")
            .order_by("pk")
        )
        if any(order.state != OrderState.DISPATCHED or order.is_outside for order in orders):
            raise StaleState("undo_moved_on", _("已经有单位在办了，这次派单不能再撤回。请看最新进展。"))
        _silence(locked, at)
        for order in orders:
            order.request = locked
            order_step(order, "undo", actor=actor, at=at, changes={"is_current": False})
        clock_run_on(request=locked, kind=ClockKind.DISPATCH, stopped_at=dispatched_at)
        lead = next(order for order in orders if order.role == OrderRole.LEAD)
        request_step(
            locked,
            "undo_dispatch",
            actor=actor,
            at=at,
            order=lead,
            organisation=lead.organisation,
            changes={
                "organisation": None,
                "handler": None,
                "dispatched_at": None,
                "dispatch_mode": "",
                "copies_district": False,
            },
        )
        publish_of_request(
            events.DISPATCH_UNDONE, locked, actor, at, order_id=lead.pk, organisation_id=lead.organisation_id
        )
    return locked


def _check_own_and_last(request: ServiceRequest, actor: Viewer, at: datetime) -> None:
    last = last_steps(request)[0]
    if last.name not in DISPATCHES:
        raise StaleState("undo_moved_on", _("派出以后又有了新的进展，这次派单不能再撤回。请看最新进展。"))
    if actor.user_id is None or not is_own(last, actor):
        raise Forbidden("not_your_dispatch", _("只有派单的人自己能撤回这次派单"))
    if not undo_seconds(request, at):
        raise StaleState(
            "undo_too_late",
            _("过了 %(seconds)s 秒，通知已经发给承办单位，不能再撤回。派错了，请承办单位申请退单。")
            % {"seconds": int(DELAY.total_seconds())},
        )


def _silence(request: ServiceRequest, at: datetime) -> None:
    """Withdraw what the dispatch says to anybody. Whoever just brings the public version up to date comes first."""
    public = list(Publication.objects.select_for_update(of=("self",), no_key=True).filter(request=request))
    refs = [ref_of(request), *map(ref_of, public)]
    told = DomainEvent.objects.filter(subject_ref__in=refs, name__in=_TOLD, at__gte=request.dispatched_at)
    messages_withdraw(events=list(told), at=at)
