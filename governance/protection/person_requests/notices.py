"""Who hears of a request of the person concerned: they themselves of each step, staff of what comes and waits."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.selectors import holders_of
from governance.notifications.groups import RESIDENT, NoticeGroup, Place, describe_places
from governance.notifications.registry import EMAIL, SMS, NoticeKind, Recipient, register, user_recipient
from governance.protection.models import PersonRequest
from governance.protection.permissions import Capability

OWN = NoticeGroup(
    "protection.own_requests",
    _("您对个人信息的请求"),
    _("提请求的人"),
    RESIDENT,
    fixed=_("法律要求答复您，不能关"),
    has_sms=True,
)
DESK = NoticeGroup(
    "protection.person_requests",
    _("个人信息请求"),
    _("办理个人信息请求的人"),
    fixed=_("法律要求及时答复，不能关"),
)
_KINDS = {
    "copy": {"zh": "要一份副本", "en": "a copy of the data"},
    "correct": {"zh": "更正、补充", "en": "a correction"},
    "delete": {"zh": "删除", "en": "a deletion"},
}


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _request(event: Any) -> PersonRequest | None:
    rows = PersonRequest.objects.select_related("person__phone")
    return rows.filter(pk=_pk(event.subject_ref)).first()


def _person(event: Any) -> list[Recipient]:
    """The account by e-mail, else by text message; whoever came to the counter is told by those who took it down."""
    found = _request(event)
    user = found.person if found is not None else None
    if user is None or not user.is_active:
        return []
    phone = getattr(user, "phone", None)
    way = EMAIL if user.email else SMS if phone is not None and phone.verified_at is not None else ""
    return [user_recipient(user.pk, way)] if way else []


def _handlers(event: Any) -> list[Recipient]:
    return [user_recipient(user_id) for user_id in holders_of(Capability.HANDLE_PERSON_REQUESTS, event.at)]


def _facts(event: Any) -> dict[str, Any]:
    found = _request(event)
    if found is None:
        return {"number": "", "kind": "", "due_at": ""}
    return {"number": found.number, "kind": _KINDS[found.kind], "due_at": found.due_at.isoformat()}


def _links(messages: Sequence[Any], name: str) -> list[Mapping[str, Any]]:
    pks = {_pk(message.subject_ref) for message in messages}
    found = dict(PersonRequest.objects.filter(pk__in=pks).values_list("pk", "public_id"))
    keys = [found.get(_pk(message.subject_ref)) for message in messages]
    return [{"link": reverse(name, args=[key]) if key is not None else "/"} for key in keys]


def _own_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return _links(messages, "protection:my-data-one")


def _desk_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return _links(messages, "protection:person-request")


def _tell_person(key: str, title: Any, zh: tuple[str, str], en: tuple[str, str]) -> None:
    register(
        NoticeKind(
            key=f"protection.{key}",
            event=f"protection.{key}",
            title=title,
            group=OWN,
            audience=_person,
            context=_facts,
            context_keys=("number", "kind", "due_at"),
            late=_own_links,
            subject_zh=zh[0],
            body_zh=zh[1],
            subject_en=en[0],
            body_en=en[1],
        )
    )


def _tell_desk(
    key: str, event: str, title: Any, zh: tuple[str, str], en: tuple[str, str], *, is_urgent: bool = False
) -> None:
    register(
        NoticeKind(
            key=f"protection.{key}",
            event=f"protection.{event}",
            title=title,
            group=DESK,
            audience=_handlers,
            context=_facts,
            context_keys=("number", "kind", "due_at"),
            late=_desk_links,
            is_urgent=is_urgent,
            subject_zh=zh[0],
            body_zh=zh[1],
            subject_en=en[0],
            body_en=en[1],
        )
    )


describe_places(
    "protection",
    {
        "number": Place(_("请求的号码"), "P20261116-000012"),
        "kind": Place(_("要什么"), _KINDS["copy"]),
        "due_at": Place(_("答复的期限"), "2026-12-07T10:00:00+00:00"),
    },
)
_tell_person(
    "person_request_received",
    _("收到您对个人信息的请求"),
    (
        "收到您的请求：{kind}，{number}",
        "您好：\n\n收到您对个人信息的请求（{kind}），号码 {number}，最晚 {due_at} 前办完。\n\n看办到哪了：{link}",
    ),
    (
        "We have your request: {kind}, {number}",
        "Hello,\n\nWe have received your request about your personal data ({kind}), number {number}. It will be dealt "
        "with by {due_at} at the latest.\n\nSee how it stands: {link}",
    ),
)
_tell_person(
    "person_request_decided",
    _("答复您对个人信息的请求"),
    (
        "您的请求有答复了：{number}",
        "您好：\n\n您对个人信息的请求（{kind}，{number}）有答复了。答复和理由在这里：{link}",
    ),
    (
        "Your request has been answered: {number}",
        "Hello,\n\nYour request about your personal data ({kind}, {number}) has been answered. Read the answer and the "
        "reasons here: {link}",
    ),
)
_tell_person(
    "person_request_done",
    _("您对个人信息的请求办完了"),
    (
        "您的请求办完了：{number}",
        "您好：\n\n您对个人信息的请求（{kind}，{number}）办完了，请看办了什么：{link}",
    ),
    (
        "Your request is done: {number}",
        "Hello,\n\nYour request about your personal data ({kind}, {number}) has been carried out. See what was done: "
        "{link}",
    ),
)
_tell_desk(
    "person_request_new",
    "person_request_received",
    _("来了个人信息请求"),
    (
        "个人信息请求：{kind}，{number}",
        "有人对自己的个人信息提了请求（{kind}，{number}），最晚 {due_at} 前办完。\n\n{link}",
    ),
    (
        "A person asks about their data: {kind}, {number}",
        "Somebody has made a request about their own data ({kind}, {number}). It is due by {due_at}.\n\n{link}",
    ),
)
_tell_desk(
    "person_request_due_soon",
    "person_request_due_soon",
    _("个人信息请求快到期"),
    (
        "个人信息请求快到期：{number}",
        "个人信息请求 {number}（{kind}）到 {due_at} 要办完，请抓紧。\n\n{link}",
    ),
    (
        "A request about personal data is due soon: {number}",
        "Request {number} ({kind}) has to be dealt with by {due_at}. Please see to it.\n\n{link}",
    ),
)
_tell_desk(
    "person_request_overdue",
    "person_request_overdue",
    _("个人信息请求过期了"),
    (
        "个人信息请求过期了：{number}",
        "个人信息请求 {number}（{kind}）应在 {due_at} 前办完，已经过期，本人还在等。请今天就办。\n\n{link}",
    ),
    (
        "A request about personal data is overdue: {number}",
        "Request {number} ({kind}) was due by {due_at} and the person is still waiting. Please deal with it today."
        "\n\n{link}",
    ),
    is_urgent=True,
)
