"""Who hears that a leader pressed (催办, 督办, 批示), that the office answered, that the date passed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.notifications.registry import Recipient, user_recipient
from requests_intake.models import Intervention
from requests_intake.notice_groups import DECISIONS, ORDERS
from requests_intake.notices import request_kind
from requests_intake.notices_turns import leads


def makers(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever made the supervision that an event is about. 1 SQL a batch."""
    pks = [event.payload["intervention_id"] for event in events]
    by = dict(Intervention.objects.filter(pk__in=pks).values_list("pk", "by_id"))
    return [[user_recipient(by[pk])] if pk in by else [] for pk in pks]


def both(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever supervises, and whoever has the request."""
    return [list(dict.fromkeys([*one, *other])) for one, other in zip(makers(events), leads(events), strict=True)]


_office_kind = partial(request_kind, group=ORDERS, audiences=leads)

_office_kind(
    "requests_intake.urged",
    "requests_intake.urged",
    _("催办"),
    ("请抓紧办 {number}", "上级在催 {number}，{due_at} 前要答复居民。催办的话在经过里，请先联系居民。\n\n{link}"),
    (
        "Please hurry with {number}",
        "You are urged to get on with {number}; the resident must have an answer by {due_at}. The words are in the "
        "history. Please speak with the resident first.\n\n{link}",
    ),
)
_office_kind(
    "requests_intake.supervised",
    "requests_intake.supervised",
    _("督办"),
    ("{number} 已列入督办", "{number} 已列入督办，请在督办单写明的日期以前回复，并照常答复居民。\n\n{link}"),
    (
        "{number} is under supervision",
        "{number} is under supervision. Please answer by the date on the sheet, and answer the resident as usual."
        "\n\n{link}",
    ),
)
_office_kind(
    "requests_intake.instructed",
    "requests_intake.instructed",
    _("领导批示"),
    ("{number} 有批示", "领导对 {number} 有批示，请看经过，照办。\n\n{link}"),
    (
        "An instruction on {number}",
        "The leadership has written an instruction on {number}. Please read it in the history and act on it.\n\n{link}",
    ),
)
request_kind(
    "requests_intake.supervision_answered",
    "requests_intake.supervision_answered",
    _("督办有回复"),
    ("{number} 的督办有回复了", "{office} 回复了 {number} 的督办，请看。\n\n{link}"),
    (
        "The supervision of {number} has been answered",
        "{office} has answered about {number}. Please read it.\n\n{link}",
    ),
    group=DECISIONS,
    audiences=makers,
)
request_kind(
    "requests_intake.supervision_late",
    "requests_intake.supervision_late",
    _("督办超期"),
    ("{number} 的督办到期没有回复", "{number} 的督办期限过了，{office}还没有回复。\n\n{link}"),
    (
        "No answer yet: {number}",
        "The date for answering about {number} has passed, and {office} has not replied.\n\n{link}",
    ),
    group=DECISIONS,
    audiences=both,
)
