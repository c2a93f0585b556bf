"""The staff lists: role-bound worklists over what the viewer may see, with the names their rows show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import Viewer
from requests_intake.models import Channel, ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.selectors.people import is_away
from requests_intake.workflow import (
    OPEN_ORDER_STATES,
    OPEN_REQUEST_STATES,
    REQUEST_TRANSITIONS,
    RESTING_STATES,
    RequestState,
    Waiting,
)


@dataclass(frozen=True, slots=True)
class Worklist:
    """A saved view: which states, for whom."""

    key: str
    title: str | Promise
    states: tuple[str, ...]
    capability: Capability
    overdue: bool = False
    waiting_for: str = ""
    unanswered: bool = False
    supervised: bool = False
    away: bool = False


WORKLISTS = (
    Worklist("triage", _("待受理"), (RequestState.SUBMITTED,), Capability.ACCEPT_REQUEST),
    Worklist("dispatch", _("待派单"), (RequestState.ACCEPTED,), Capability.DISPATCH_REQUEST),
    Worklist("return", _("退单待定"), OPEN_REQUEST_STATES, Capability.DISPATCH_REQUEST, waiting_for=Waiting.RETURN),
    Worklist("check", _("等现场核实"), OPEN_REQUEST_STATES, Capability.DISPATCH_REQUEST, waiting_for=Waiting.CHECK),
    Worklist("callback", _("待回访"), (RequestState.CALLBACK,), Capability.CALL_BACK),
    Worklist(
        "unanswered",
        _("到期未答"),
        REQUEST_TRANSITIONS["call_at_limit"].sources,
        Capability.CALL_BACK,
        unanswered=True,
    ),
    Worklist(
        "overdue",
        _("超期"),
        tuple(state for state in OPEN_REQUEST_STATES if state != RequestState.CALLBACK),
        Capability.VIEW_REQUEST,
        overdue=True,
    ),
    Worklist("supervised", _("督办中"), OPEN_REQUEST_STATES, Capability.VIEW_REQUEST, supervised=True),
    Worklist(
        "away",
        _("经办人不在岗"),
        (RequestState.DISPATCHED, RequestState.IN_PROGRESS),
        Capability.INTERVENE,
        away=True,
    ),
    Worklist("dispute", _("争议待定"), OPEN_REQUEST_STATES, Capability.DECIDE_DISPUTE, waiting_for=Waiting.DISPUTE),
    Worklist("review", _("待审核"), (RequestState.REVIEW,), Capability.REVIEW_REPLY),
    Worklist("copied", _("直派抄送"), OPEN_REQUEST_STATES, Capability.VIEW_COPIES),
    Worklist(
        "extension", _("延期待批"), OPEN_REQUEST_STATES, Capability.APPROVE_EXTENSION, waiting_for=Waiting.EXTENSION
    ),
    Worklist("ledger", _("挂账待核对"), OPEN_REQUEST_STATES, Capability.APPROVE_LEDGER, waiting_for=Waiting.LEDGER),
    Worklist(
        "ledger_review",
        _("挂账待审定"),
        OPEN_REQUEST_STATES,
        Capability.DECIDE_LEDGER,
        waiting_for=Waiting.LEDGER_REVIEW,
    ),
    Worklist("resting", _("暂停和挂账"), RESTING_STATES, Capability.VIEW_REQUEST),
    Worklist("open", _("未办结"), OPEN_REQUEST_STATES, Capability.VIEW_REQUEST),
    Worklist("all", _("全部"), tuple(RequestState), Capability.VIEW_REQUEST),
)


# (title, view, query) of the lists that every handler has; the address of each is what one would type
ORDER_LISTS: tuple[tuple[str | Promise, str, str | Promise], ...] = (
    (_("要办的"), "", ""),
    (_("我经办的"), "", _("经办:我")),
    (_("待签收"), "", _("状态:待签收")),
    (_("超期"), "", _("状态:超期")),
    (_("已答复的"), "done", ""),
)


def worklists_for(viewer: Viewer) -> list[Worklist]:
    """Return the worklists that the viewer's capabilities make useful, the most pressing first."""
    return [worklist for worklist in WORKLISTS if viewer.can(worklist.capability)]


def requests_in(worklist: Worklist, viewer: Viewer, *, at: datetime) -> Any:
    """Return the requests of a worklist as a queryset: one SQL with the names of category, office and handler."""
    queryset = ServiceRequest.objects.visible_to(viewer).select_related("category", "organisation", "handler")
    queryset = queryset.defer("body", "track_token")
    if worklist.key != "all":
        queryset = queryset.open().filter(state__in=worklist.states)
    if worklist.waiting_for:
        queryset = queryset.filter(waiting_for=worklist.waiting_for)
    if worklist.capability == Capability.CALL_BACK:  # what a patrol found has nobody to call
        queryset = queryset.exclude(channel=Channel.PATROL)
    if worklist.key == "copied":
        queryset = queryset.filter(copies_district=True)
    if worklist.supervised:
        queryset = queryset.filter(supervised_until__isnull=False)
    if worklist.away:
        queryset = queryset.filter(is_away(at))
    if worklist.unanswered:  # the same question as `limit_call_due`
        queryset = queryset.filter(due_at__lte=at, paused_until=None).exclude(limit_called_round=F("rework_count") + 1)
    return queryset.filter(next_due_at__lt=at) if worklist.overdue else queryset


def orders_for(viewer: Viewer, *, done: bool = False) -> Any:
    """Return the orders of the organisations in which the viewer handles: one SQL with the request's words."""
    organisations = viewer.organisations(Capability.VIEW_ORDER)
    queryset = (
        WorkOrder.objects.visible_to(viewer)
        .filter(organisation_id__in=organisations)
        .select_related("request", "request__category", "handler", "organisation")
    )
    queryset = queryset.defer("request__body", "request__track_token")
    return queryset.exclude(state__in=OPEN_ORDER_STATES) if done else queryset.filter(state__in=OPEN_ORDER_STATES)


def place_names(rows: Iterable[Any]) -> dict[str, str]:
    """Return the area names that rows with `area_code` need: each code's own and its community's."""
    codes = {row.area_code for row in rows}
    return areas.names(codes | {code[:12] for code in codes})
