"""Who hears of what colleagues ask of each other: an order named, a note that calls, a stand-in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from grid.models import Check, CheckState
from requests_intake.models import StandIn
from requests_intake.notice_groups import COLLEAGUES
from requests_intake.notices import handlers_of, request_kind


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


def _left(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever had the order; where it went to another office, also their colleagues. Not who did it."""
    moved = {event.payload["from_organisation_id"] for event in events if _office_changed(event)}
    offices = handlers_of(list(moved), max(event.at for event in events)) if moved else {}
    found = []
    for event in events:
        colleagues = offices[event.payload["from_organisation_id"]] if _office_changed(event) else []
        person = event.payload["from_handler_id"]
        told = [*([user_recipient(person)] if person else []), *colleagues]
        own = user_recipient(event.actor_id) if event.actor_id else None
        found.append([one for one in dict.fromkeys(told) if one != own])
    return found


def _office_changed(event: Any) -> bool:
    return bool(event.payload["organisation_id"] != event.payload["from_organisation_id"])


request_kind(
    "requests_intake.order_reassigned",
    "requests_intake.reassigned",
    _("工单交给了别人"),
    ("工单 {number} 交给了别人", "工单 {number} 已交给别人办，原因写在经过里。您不用再办这件。\n\n{link}"),
    (
        "Order {number} has gone to somebody else",
        "Order {number} has been handed to somebody else; the reason is in its history. You need not work on it any "
        "more.\n\n{link}",
    ),
    group=COLLEAGUES,
    audiences=_left,
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


def _who_asked(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever sent somebody to look; a patrol's matter is looked at without anybody asking. 1 SQL."""
    rows = Check.objects.filter(subject_ref__in=[event.subject_ref for event in events], state=CheckState.DONE)
    latest = dict(rows.order_by("id").values_list("subject_ref", "asked_by"))
    asked = [latest.get(event.subject_ref) for event in events]
    return [[user_recipient(pk)] if pk is not None else [] for pk in asked]


request_kind(
    "requests_intake.check_seen",
    "requests_intake.check_received",
    _("现场核实有了结果"),
    ("{number}：现场看过了", "您请人去看的事（{number}）有了结果，看到什么写在里面，请接着办。\n\n{link}"),
    (
        "{number}: somebody has been there",
        "What you asked to have checked ({number}) has been looked at. What was seen is in it; please go on.\n\n{link}",
    ),
    group=COLLEAGUES,
    audiences=_who_asked,
)
