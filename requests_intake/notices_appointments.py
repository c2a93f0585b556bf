"""What somebody with an appointment is told: booked, moved, cancelled by whom, tomorrow."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.contacts import Contact, register_resolver
from governance.notifications.registry import EMAIL, SMS, NoticeKind, Recipient, register
from governance.text import mobile_number
from requests_intake.models import Appointment
from requests_intake.notice_groups import APPOINTMENTS
from requests_intake.numbers import grouped

_APPOINTMENT = Appointment._meta.label_lower


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _of(events: Sequence[Any]) -> dict[str, Appointment]:
    pks = {_pk(event.subject_ref) for event in events}
    found = Appointment.objects.filter(pk__in=pks).select_related("window")
    return {f"{_APPOINTMENT}:{one.pk}": one for one in found}


def _audience(events: Sequence[Any]) -> list[list[Recipient]]:
    """The person, by e-mail where they left one, else by SMS to a mobile."""
    found = _of(events)
    told = []
    for event in events:
        one = found.get(event.subject_ref)
        channel = "" if one is None else EMAIL if one.email else SMS if mobile_number(one.phone) else ""
        told.append([Recipient(event.subject_ref, (channel,))] if channel else [])
    return told


def _facts(events: Sequence[Any]) -> list[dict[str, Any]]:
    found = _of(events)
    return [_fact(found.get(event.subject_ref)) for event in events]


def _fact(one: Appointment | None) -> dict[str, Any]:
    if one is None:
        return {"number": "", "appointment_at": "", "window": "", "address": ""}
    window = one.window
    return {
        "number": grouped(one.number),
        "appointment_at": one.starts_at.isoformat(),
        "window": {"zh": window.name, "en": window.name_en or window.name},
        "address": {"zh": window.address, "en": window.address_en or window.address},
    }


def _late(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The secret link, and the office's own words: neither is stored with a message."""
    found = {f"{_APPOINTMENT}:{one.pk}": one for one in Appointment.objects.filter(pk__in=_pks(messages))}
    return [
        {"link": reverse("intake:appointment", args=[one.token]) if one and one.token else "/",
         "why": one.reason if one else ""}
        for one in (found.get(message.recipient_ref) for message in messages)
    ]  # fmt: skip


def _pks(messages: Sequence[Any]) -> set[int]:
    return {_pk(message.recipient_ref) for message in messages if message.recipient_ref.startswith(f"{_APPOINTMENT}:")}


def _contacts(refs: Sequence[str]) -> dict[str, Contact]:
    found = Appointment.objects.filter(pk__in=[_pk(ref) for ref in refs], forgotten_at__isnull=True)
    return {f"{_APPOINTMENT}:{one.pk}": Contact(one.email, one.language, one.name, phone=one.phone) for one in found}


register_resolver(_APPOINTMENT, _contacts)


def _kind(
    name: str, title: Any, zh: tuple[str, str], en: tuple[str, str], sms: tuple[str, str], *, is_urgent: bool = False
) -> None:
    register(
        NoticeKind(
            key=f"requests_intake.appointment_{name}",
            event=f"requests_intake.appointment_{name}",
            title=title,
            group=APPOINTMENTS,
            audience=lambda event: _audience([event])[0],
            audience_many=_audience,
            context=lambda event: _facts([event])[0],
            context_many=_facts,
            context_keys=("number", "appointment_at", "window", "address"),
            late=_late,
            late_keys=("why",),
            subject_zh=zh[0],
            body_zh=zh[1],
            subject_en=en[0],
            body_en=en[1],
            sms_zh=sms[0],
            sms_en=sms[1],
            is_urgent=is_urgent,
        )
    )


_kind(
    "booked",
    _("预约好了"),
    (
        "预约好了：{window}，{appointment_at}",
        "您好：\n\n您约了 {appointment_at} 到{window}（{address}），预约号 {number}。\n\n改期、取消都在这里：{link}\n\n"
        "这个链接只属于您，请不要转给别人。",
    ),
    (
        "Your appointment: {window}, {appointment_at}",
        "Hello,\n\nYou have an appointment at {window} ({address}), {appointment_at}. Its number is {number}.\n\n"
        "To move or cancel it: {link}\n\nThe link is yours alone; please do not pass it on.",
    ),
    (
        "您约了 {appointment_at} 到{window}（{address}），预约号 {number}。改期、取消：{link}",
        "Appointment {number}: {window}, {address}, {appointment_at}. Move or cancel: {link}",
    ),
    is_urgent=True,  # whoever has just booked waits for the number
)
_kind(
    "moved",
    _("预约改期"),
    (
        "改到了 {appointment_at}：{window}",
        "您好：\n\n您的预约 {number} 改到 {appointment_at}，还是{window}（{address}）。\n\n改期、取消：{link}",
    ),
    (
        "Moved to {appointment_at}: {window}",
        "Hello,\n\nYour appointment {number} at {window} ({address}) is now {appointment_at}.\n\n"
        "To move or cancel it: {link}",
    ),
    (
        "预约 {number} 改到 {appointment_at}，{window}（{address}）。改期、取消：{link}",
        "Appointment {number} moved to {appointment_at}, {window}, {address}. Move or cancel: {link}",
    ),
    is_urgent=True,
)
_kind(
    "withdrawn",
    _("本人取消预约"),
    (
        "预约取消了：{window}，{appointment_at}",
        "您好：\n\n您取消了 {appointment_at} 到{window}的预约（{number}）。不是您取消的，请打电话给窗口。\n\n{link}",
    ),
    (
        "Cancelled: {window}, {appointment_at}",
        "Hello,\n\nYou have cancelled your appointment {number} at {window}, {appointment_at}. If it was not you, "
        "please call the window.\n\n{link}",
    ),
    (
        "您取消了 {appointment_at} 到{window}的预约（{number}）。不是您取消的，请打电话给窗口：{link}",
        "You cancelled appointment {number} at {window}, {appointment_at}. Not you? Please call: {link}",
    ),
)
_kind(
    "cancelled",
    _("窗口取消预约"),
    (
        "窗口取消了您的预约：{window}，{appointment_at}",
        "您好：\n\n很抱歉，{window}取消了您 {appointment_at} 的预约（{number}）。原因：{why}\n\n"
        "请重新约一个时间：{link}",
    ),
    (
        "We had to cancel: {window}, {appointment_at}",
        "Hello,\n\nWe are sorry: {window} has cancelled your appointment {number}, {appointment_at}. Reason: {why}\n\n"
        "Please book another time: {link}",
    ),
    (
        "很抱歉，{window}取消了您 {appointment_at} 的预约（{number}）：{why} 重新约：{link}",
        "Sorry: {window} cancelled appointment {number}, {appointment_at}: {why} Book again: {link}",
    ),
    is_urgent=True,  # somebody may be about to set out
)
_kind(
    "near",
    _("预约前一天提醒"),
    (
        "明天见：{window}，{appointment_at}",
        "您好：\n\n提醒您：{appointment_at} 到{window}（{address}），预约号 {number}。\n\n"
        "来不了，请在这里改期或取消：{link}",
    ),
    (
        "See you tomorrow: {window}, {appointment_at}",
        "Hello,\n\nA reminder: {window} ({address}), {appointment_at}, appointment {number}.\n\n"
        "If you cannot come, please move or cancel it here: {link}",
    ),
    (
        "提醒：{appointment_at} 到{window}（{address}），预约号 {number}。来不了请改期或取消：{link}",
        "Reminder: {window}, {address}, {appointment_at}, no. {number}. Cannot come? {link}",
    ),
)
