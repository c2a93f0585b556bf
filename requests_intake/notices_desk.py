"""Who hears of what colleagues ask of each other: an order named, a note that calls, a stand-in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from requests_intake.models import StandIn
from requests_intake.notice_groups import COLLEAGUES
from requests_intake.notices import request_kind


def _assigned_people(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever was named; who named themselves knows."""
    return [
        [user_recipient(event.payload["handler_id"])] if event.payload["handler_id"] != event.actor_id else []
        for event in events
    ]


request_kind(
    "requests_intake.order_assigned",
    "requests_intake.assigned",
    _("指定您经办"),
    ("工单 {number} 请您来办", "工单 {number} 指定您经办，{due_at} 前要答复居民。\n\n{link}"),
    (
        "Order {number} is yours",
        "You have been named to handle order {number}. The resident must have an answer by {due_at}.\n\n{link}",
    ),
    group=COLLEAGUES,
    audiences=_assigned_people,
)

request_kind(
    "requests_intake.note_mentions",
    "requests_intake.mentioned",
    _("有人在备注里叫您"),
    ("{number}：有人在备注里叫您", "同事在 {number} 的内部备注里叫了您，请打开看一看。\n\n{link}"),
    (
        "{number}: a note calls you",
        "A colleague has called you in an internal note on {number}. Please have a look.\n\n{link}",
    ),
    group=COLLEAGUES,
    audiences=lambda events: [[user_recipient(event.payload["recipient_id"])] for event in events],
)


def _stand_in_facts(event: Any) -> Mapping[str, Any]:
    found = (
        StandIn.objects.filter(pk=int(event.subject_ref.partition(":")[2]))
        .select_related("person", "organisation")
        .first()
    )
    if found is None:
        return {"who": "", "office": "", "from_at": "", "until_at": ""}
    office = found.organisation
    return {
        "who": found.person.display_name,
        "office": {"zh": office.name, "en": office.name_en or office.name},
        "from_at": event.payload["starts_at"],
        "until_at": event.payload["ends_at"],
    }


register(
    NoticeKind(
        key="requests_intake.stand_in",
        event="requests_intake.stand_in_set",
        title=_("请您代班"),
        group=COLLEAGUES,
        audience=lambda event: [user_recipient(event.payload["substitute_id"])],
        context=_stand_in_facts,
        context_keys=("who", "office", "from_at", "until_at"),
        late=lambda messages: [{"link": reverse("intake:stand-ins")} for _message in messages],
        subject_zh="{who}请您代班",
        body_zh="{from_at} 到 {until_at}，{office}派给{who}的工单请您照看，期限提醒也会发给您。\n\n{link}",
        subject_en="{who} asks you to stand in",
        body_en="From {from_at} until {until_at}, please look after the orders of {who} at {office}. "
        "You will get the deadline reminders, too.\n\n{link}",
    )
)
