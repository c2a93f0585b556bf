"""Who hears of an alert: the person called at each level, and once it is answered, those who were called before."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from requests_intake.models import AlertCall
from requests_intake.notice_groups import ALERTS
from requests_intake.notices import requests_of
from requests_intake.numbers import grouped
from requests_intake.services.alerts import acknowledge_minutes


def _called(events: Sequence[Any]) -> list[list[Recipient]]:
    return [[user_recipient(event.payload["recipient_id"])] for event in events]


def _facts(events: Sequence[Any]) -> list[dict[str, Any]]:
    found, minutes = requests_of(events), acknowledge_minutes()
    numbers = [found.get(event.subject_ref) for event in events]
    return [{"number": grouped(one.number) if one else "", "minutes": minutes} for one in numbers]


def _those_called(event: Any) -> list[Recipient]:
    people = AlertCall.objects.filter(alert_id=event.payload["alert_id"]).exclude(recipient_id=event.actor_id)
    return [user_recipient(pk) for pk in people.order_by("pk").values_list("recipient_id", flat=True)]


def _number(event: Any) -> dict[str, Any]:
    return {"number": _facts([event])[0]["number"]}


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("intake:alerts")} for _message in messages]


register(
    NoticeKind(
        key="requests_intake.alert",
        event="requests_intake.alert_called",
        title=_("突发警报"),
        audience=lambda event: _called([event])[0],
        audience_many=_called,
        context=lambda event: _facts([event])[0],
        context_many=_facts,
        group=ALERTS,
        is_urgent=True,  # somebody is called in the night: this is what the night duty is for
        context_keys=("number", "minutes"),
        dedupe=lambda event: f"{event.payload['alert_id']}/{event.payload['level']}",
        late=_links,
        subject_zh="突发警报：{number}，请马上处置",
        body_zh="{number} 可能是突发事件。有人有危险的，先打 110、119、120。请在 {minutes} 分钟内打开，写做了什么；"
        "没有回应，会接着叫下一位。\n\n{link}",
        subject_en="Alert: {number} needs you now",
        body_en="{number} may be an emergency. If anybody is in danger, call 110, 119 or 120 first. Please open it "
        "within {minutes} minutes and say what you have done; otherwise the next person is called.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="requests_intake.alert_answered",
        event="requests_intake.alert_acknowledged",
        title=_("警报有人处置"),
        audience=_those_called,
        context=_number,
        group=ALERTS,
        is_urgent=True,  # somebody is called in the night: this is what the night duty is for
        context_keys=("number",),
        late=_links,
        subject_zh="警报有人处置了：{number}",
        body_zh="{number} 的突发警报已经有人处置，您不用再管。做了什么，请看：\n\n{link}",
        subject_en="Alert answered: {number}",
        body_en="Somebody has answered the alert about {number}; you need not act. What was done is here:\n\n{link}",
    )
)
