"""Rows of the staff lists as they are shown: every cell a finished text, so that fifty of them cost little to write."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.web.templatetags.liren import due_tag, state_tag
from requests_intake.models import Channel, RequestKind, ServiceRequest, WorkOrder
from requests_intake.pieces import highlighted
from requests_intake.query import Term
from requests_intake.workflow import FINAL_REQUEST_STATES, OPEN_ORDER_STATES, OrderState, RequestState


class Row(NamedTuple):
    """One line of a list. `meta` holds tail, kind and category; `office` who has it; `badge` is the deadline."""

    number: str
    url: str
    title: str
    meta: str
    place: str
    office: str
    badge: str
    state: str


def request_rows(
    requests: Iterable[ServiceRequest], places: Mapping[str, str], words: tuple[Term, ...] = ()
) -> list[Row]:
    """Rows of the request lists, the `words` that were searched for marked in their titles."""
    base = reverse("intake:queue")
    kinds = {kind.value: str(kind.label) for kind in RequestKind}
    states = {state.value: str(state.label) for state in RequestState}
    badges: dict[str, SafeString] = {
        **{state: state_tag(states[state], "done") for state in FINAL_REQUEST_STATES},
        RequestState.CALLBACK: state_tag(states[RequestState.CALLBACK], "active"),
    }
    unknown, unsent, found = _("未分类"), _("未派"), str(Channel.PATROL.label)
    looked_for = state_tag(_("已办理，等核查"), "active")
    alert = state_tag(_("突发"), "soon", "warn")
    rows = []
    for one in requests:
        office = one.organisation.short_label if one.organisation else unsent
        ended = looked_for if one.is_patrol and one.state == RequestState.CALLBACK else badges.get(one.state)
        rows.append(
            Row(
                number=one.number,
                url=f"{base}{one.number}/",
                title=highlighted(one.title, words) if words else one.title,
                meta=" · ".join(
                    (
                        one.number_tail,
                        found if one.is_patrol else kinds[one.kind],
                        one.category.label if one.category else unknown,
                    )
                ),
                place=_place(one.area_code, places),
                office=f"{office} · {one.handler.display_name}" if one.handler else office,
                badge=_marked(one, ended or due_tag(one.next_due_at), alert),
                state="" if ended else states[one.state],
            )
        )
    return rows


def _marked(request: ServiceRequest, badge: str, alert: str) -> str:
    """The badge of a row, after the mark of one behind which somebody may be in danger."""
    return format_html("{} {}", alert, badge) if request.has_open_alert else badge


def _place(code: str, places: Mapping[str, str]) -> str:
    """Community and grid: every community has a first grid."""
    return " ".join(places[part] for part in dict.fromkeys((code[:12], code)) if part in places)


def order_rows(orders: Iterable[WorkOrder], places: Mapping[str, str], words: tuple[Term, ...] = ()) -> list[Row]:
    """Rows of a handler's lists, the `words` that were searched for marked in their titles."""
    base = reverse("intake:queue")
    kinds = {kind.value: str(kind.label) for kind in RequestKind}
    states = {state.value: str(state.label) for state in OrderState}
    unsigned = _("未签收")
    alert = state_tag(_("突发"), "soon", "warn")
    rows = [
        row._replace(badge=_marked(order.request, row.badge, alert))
        for order in orders
        for row in [_order_row(order, base, kinds, states, unsigned, places)]
    ]
    return [row._replace(title=highlighted(row.title, words)) for row in rows] if words else rows


def _order_row(
    order: WorkOrder,
    base: str,
    kinds: Mapping[str, str],
    states: Mapping[str, str],
    unsigned: str,
    places: Mapping[str, str],
) -> Row:
    request: Any = order.request
    is_open = order.state in OPEN_ORDER_STATES
    category = f" · {request.category.label}" if request.category else ""
    return Row(
        number=request.number,
        url=f"{base}{request.number}/",
        title=request.title,
        meta=f"{request.number_tail} · {Channel.PATROL.label if request.is_patrol else kinds[request.kind]}{category}",
        place=request.address or _place(order.area_code, places),
        office=order.handler.display_name if order.handler else unsigned,
        badge=due_tag(order.next_due_at) if is_open else state_tag(states[order.state], "done"),
        state=states[order.state] if is_open else "",
    )
