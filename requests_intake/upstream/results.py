"""What goes back to the upstream hotline: state, office, reply, call-back, in the titles that its tables have."""

from collections.abc import Iterable

from django.utils import timezone, translation

from requests_intake.models import CallBack, Reply, UpstreamBatch, UpstreamOrder
from requests_intake.upstream.fields import RETURNED, titles_of

_MOMENT = "%Y-%m-%d %H:%M:%S"
# Upstream asks for four answers (STANDARDS 1.4), we for five grades.
_SATISFIED = {5: "满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "不满意"}


def results_of(orders: list[UpstreamOrder]) -> list[dict[str, str]]:
    """Return for each order, whose request is loaded, what is known of it now, in Chinese. 2 SQL."""
    pks = [order.request_id for order in orders]
    replies = {
        reply.order.request_id: reply.text
        for reply in Reply.objects.filter(order__request__in=pks, is_released=True, stage__isnull=True)
        .select_related("order")
        .order_by("at", "pk")
    }
    calls = {call.request_id: call for call in CallBack.objects.filter(request__in=pks).order_by("round")}
    with translation.override("zh-hans"):
        return [_result(order, replies.get(order.request_id, ""), calls.get(order.request_id)) for order in orders]


def _result(order: UpstreamOrder, reply: str, call: CallBack | None) -> dict[str, str]:
    request = order.request
    answered = call is not None and call.contacted is not None
    return {
        "state": request.get_state_display(),
        "office": request.organisation.name if request.organisation else "",
        "reply": reply,
        "contacted": ("是" if call.contacted else "否") if call is not None and answered else "",
        "solved": call.get_solved_display() if call is not None and call.solved else "",
        "satisfied": _SATISFIED.get(call.grade or 0, "未评价") if call is not None else "",
        "closed_at": timezone.localtime(request.closed_at).strftime(_MOMENT) if request.closed_at else "",
    }


def result_titles(batch: UpstreamBatch) -> list[str]:
    """Titles of the table that goes back: those that came, then ours that were not among them."""
    return [*batch.titles, *(title for title in _ours(batch).values() if title not in batch.titles)]


def result_rows(batch: UpstreamBatch, orders: Iterable[UpstreamOrder]) -> Iterable[list[str]]:
    """Rows of that table: as they came, with our results in their columns."""
    titles, ours = result_titles(batch), _ours(batch)
    for order in orders:
        values = dict(order.received)
        values |= {ours[name]: text for name, text in (order.returned or {}).items() if name in ours}
        yield [values.get(title, "") for title in titles]


def _ours(batch: UpstreamBatch) -> dict[str, str]:
    with translation.override("zh-hans"):
        return {name: (titles_of(batch.source.columns, name) or [str(label)])[0] for name, label in RETURNED.items()}
