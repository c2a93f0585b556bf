"""What happened to a request, as staff read it: the request's steps and those of its orders in one line of time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from requests_intake.models import RequestTransition, ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.workflow import CHECKED_STEPS, ORDER_TRANSITIONS, REQUEST_TRANSITIONS

# Steps of an order that the request's own history does not tell.
OF_ORDERS = (
    "request_return",
    "refuse_return",
    "dispute",
    "keep",
    "ask_extension",
    "ask_ledger",
    "answer_supervision",
    "co_sign",
    "report_in",
    "give_result",
    "release",
)
# Lines that say which rule sent it out, which version of it, or why it could not: "#12 v3", and the reason.
BY_RULE, BY_RULE_FAILED = "by_rule", "by_rule_failed"
_OF_RULE = re.compile(r"#(\d+) v(\d+) ?(.*)", re.DOTALL)
# Steps whose words stand nowhere else on the page.
WITH_WORDS = {
    *OF_ORDERS,
    "returned",
    "to_district",
    "not_dispatch",
    "answer_directly",
    "send_back",
    "bring_back",
    "outside_note",
    "ask_exclusion",
    "check_exclusion",
    "refuse_exclusion",
    "exclude",
    "urge",
    "supervise",
    "instruct",
    "reassign",
    "suspend",
    "ask_check",
    *CHECKED_STEPS,
    "resume",
    "refuse_ledger",
    "decline_ledger",
    "reach_milestone",
    "refuse_extension",
    "withdraw",
    "reopen",
    "alert",
    "alert_done",
}
# Steps of the request that some order's turn brought about.
_LEFT_BY_TURNS = {"returned", "ledger", "refuse_ledger", "decline_ledger"}


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One step: when, which, by whom for which organisation, and its words, "" where they stand elsewhere."""

    at: datetime
    row: RequestTransition | WorkOrderTransition
    organisation: Any
    actor: Any
    text: str


def turns_of(
    request: ServiceRequest, order: WorkOrder | None, history: Iterable[RequestTransition]
) -> list[WorkOrderTransition]:
    """Return the steps of its orders that the request's own history does not tell.

    1 SQL where an order took a turn, none on the straight way.
    """
    if not _took_turns(request, order, history):
        return []
    return list(
        WorkOrderTransition.objects.filter(order__request=request, name__in=OF_ORDERS)
        .select_related("actor", "order__organisation")
        .order_by("at", "pk")
    )


def course_of(history: Iterable[RequestTransition], turns: Iterable[WorkOrderTransition]) -> list[CourseLine]:
    """Return all steps, oldest first."""
    lines = [CourseLine(row.at, row, row.organisation, row.actor, _words(row)) for row in history]
    lines += [CourseLine(row.at, row, row.order.organisation, row.actor, _words(row)) for row in turns]
    return sorted(lines, key=lambda line: line.at)  # stable: of one moment the request's step comes first


def _took_turns(request: ServiceRequest, order: WorkOrder | None, history: Iterable[RequestTransition]) -> bool:
    """Whether any order did more than sign, contact and reply, as far as the rows at hand tell."""
    return bool(
        request.has_helpers
        or request.waiting_for
        or request.extension_asked
        or (order is not None and order.is_designated)
        or any(row.name in _LEFT_BY_TURNS for row in history)
    )


def _words(row: RequestTransition | WorkOrderTransition) -> str:
    if row.name in (BY_RULE, BY_RULE_FAILED) and (told := _OF_RULE.fullmatch(row.text)):
        number, version, reason = told.groups()
        rule = _("规则编号 %(number)s，第 %(version)s 版") % {"number": number, "version": version}
        return f"{rule}: {reason}" if reason else rule
    return row.text if row.name in WITH_WORDS else ""


def label_of(row: RequestTransition | WorkOrderTransition) -> Any:
    """What a step is called among staff, None for one that stands in no table."""
    table = ORDER_TRANSITIONS if isinstance(row, WorkOrderTransition) else REQUEST_TRANSITIONS
    return table[row.name].label if row.name in table else None
