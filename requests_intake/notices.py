"""Who hears of what happens to a request, and in which words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant
from governance.notifications.contacts import OFFICE_PREFIX, Contact, offices_with_robot, register_resolver
from governance.notifications.groups import NoticeGroup
from governance.notifications.registry import EMAIL, SMS, WEBHOOK, NoticeKind, Recipient, register, user_recipient
from governance.text import mobile_number
from requests_intake.models import Clock, EscalationStep, RequesterContact, ServiceRequest
from requests_intake.notice_groups import DEADLINES, MUST_KNOW, ORDERS, PROGRESS
from requests_intake.numbers import grouped
from requests_intake.permissions import Capability
from requests_intake.selectors.absences import substitutes_of
from requests_intake.workflow import ClockKind

_CONTACT = RequesterContact._meta.label_lower


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def requests_of(events: Sequence[Any]) -> dict[str, ServiceRequest]:
    """Requests of a batch of events by ref, with their contact and account: one SQL statement."""
    pks = {_pk(event.subject_ref) for event in events}
    found = ServiceRequest.objects.filter(pk__in=pks).select_related("contact", "organisation", "account__phone")
    return {f"{ServiceRequest._meta.label_lower}:{request.pk}": request for request in found}


def requesters(events: Sequence[Any]) -> list[list[Recipient]]:
    """The requester, and those whose requests were merged into this one: by e-mail or else by SMS."""
    found = requests_of(events)
    followers = _followers([request.pk for request in found.values()])
    recipients = []
    for event in events:
        request = found.get(event.subject_ref)
        joined = followers.get(request.pk, []) if request is not None else []
        recipients.append([one for row in [request, *joined] for one in _requester(row)])
    return recipients


def _followers(pks: Sequence[int]) -> dict[int, list[ServiceRequest]]:
    """Requests that were merged into these, with their contact: one SQL statement."""
    joined: dict[int, list[ServiceRequest]] = {}
    for row in ServiceRequest.objects.filter(merged_into__in=pks).select_related("contact").order_by("pk"):
        joined.setdefault(row.merged_into_id or 0, []).append(row)
    return joined


def _requester(request: ServiceRequest | None) -> list[Recipient]:
    """Whoever was left to be told; the account when nothing was left."""
    if request is None:
        return []
    contact = getattr(request, "contact", None)
    channel = "" if contact is None else EMAIL if contact.email else SMS if mobile_number(contact.phone) else ""
    told = [Recipient(f"{_CONTACT}:{contact.pk}", (channel,))] if contact is not None and channel else []
    account = request.account
    if account is not None and account.is_active and not told:
        phone = getattr(account, "phone", None)
        has_phone = phone is not None and phone.verified_at is not None
        way = EMAIL if account.email else SMS if has_phone else ""
        told += [user_recipient(account.pk, way)] if way else []
    return told


def _facts(events: Sequence[Any]) -> list[dict[str, Any]]:
    found = requests_of(events)
    return [_fact(found.get(event.subject_ref)) for event in events]


def _fact(request: ServiceRequest | None) -> dict[str, Any]:
    if request is None:
        return {"number": "", "due_at": "", "office": ""}
    office = request.organisation
    return {
        "number": grouped(request.number),
        "due_at": request.due_at.isoformat(),
        "office": {"zh": office.name, "en": office.name_en or office.name} if office else "",
    }


def track_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Each recipient's own tracking link, looked up at sending: a secret is never stored in a message's context."""
    pks = {_pk(message.recipient_ref) for message in messages if message.recipient_ref.startswith(f"{_CONTACT}:")}
    rows = RequesterContact.objects.filter(pk__in=pks).select_related("request").only("request__track_token")
    tokens = {f"{_CONTACT}:{row.pk}": row.request.track_token for row in rows}
    return [
        {"link": reverse("intake:track", args=[tokens[message.recipient_ref]])}
        if message.recipient_ref in tokens
        else {"link": "/"}
        for message in messages
    ]


def _contacts(refs: Sequence[str]) -> dict[str, Contact]:
    found = RequesterContact.objects.filter(pk__in=[_pk(ref) for ref in refs]).select_related("request")
    return {
        f"{_CONTACT}:{row.pk}": Contact(
            row.email,
            row.request.language,
            row.shown_name,
            phone=row.phone,
            user_id=row.request.account_id,
        )
        for row in found
    }


register_resolver(_CONTACT, _contacts)

_KEYS = ("number", "due_at", "office")


def request_kind(
    key: str,
    event: str,
    title: Any,
    zh: tuple[str, str],
    en: tuple[str, str],
    *,
    group: NoticeGroup,
    is_urgent: bool = False,
    can_be_withdrawn: bool = False,
    audiences: Callable[[Sequence[Any]], list[list[Recipient]]],
    late: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]] | None = None,
    sms: tuple[str, str] = ("", ""),
) -> None:
    """Register a kind that tells number, office and due date of a request: (subject, body) in both languages.

    `sms`: what a telephone shows, in both languages.
    """
    register(
        NoticeKind(
            key=key,
            event=event,
            title=title,
            group=group,
            is_urgent=is_urgent,
            can_be_withdrawn=can_be_withdrawn,
            audience=lambda one: audiences([one])[0],
            audience_many=audiences,
            context=lambda one: _facts([one])[0],
            context_many=_facts,
            context_keys=_KEYS,
            late=late,
            subject_zh=zh[0],
            body_zh=zh[1],
            subject_en=en[0],
            body_en=en[1],
            sms_zh=sms[0],
            sms_en=sms[1],
        )
    )


requester_kind = partial(request_kind, group=MUST_KNOW, audiences=requesters, late=track_links)

requester_kind(
    "requests_intake.received",
    "requests_intake.submitted",
    _("收到诉求"),
    (
        "已收到您反映的事：{number}",
        "您好：\n\n您反映的事我们收到了，受理编号 {number}。最晚 {due_at} 前答复您。\n\n看进展：{link}\n\n"
        "这个链接只属于您，请不要转给别人。",
    ),
    (
        "We have your report: {number}",
        "Hello,\n\nWe have received your report, number {number}. You will have an answer by {due_at}.\n\n"
        "Follow it here: {link}\n\nThe link is yours alone; please do not pass it on.",
    ),
    is_urgent=True,  # whoever has just sent it is awake and waits for the number
    sms=(
        "已收到您反映的事，编号 {number}，最晚 {due_at} 前答复您。看进展：{link}（请不要转给别人）",
        "We have your report {number}. Answer by {due_at}. Follow it (yours alone): {link}",
    ),
)
requester_kind(
    "requests_intake.answered",
    "requests_intake.replied",
    _("已答复"),
    (
        "{office}答复您了：{number}",
        "您好：\n\n您反映的事（{number}）有答复了。请看一看，再告诉我们解决了没有：\n\n{link}",
    ),
    (
        "{office} has answered: {number}",
        "Hello,\n\nThere is an answer to your report {number}. Please read it and tell us whether it is solved:"
        "\n\n{link}",
    ),
    sms=(
        "您反映的事（{number}）有答复了。请看一看，告诉我们解决了没有：{link}",
        "Your report {number} has an answer. Is it solved? Tell us: {link}",
    ),
)
requester_kind(
    "requests_intake.signed_for",
    "requests_intake.signed",
    _("有人接手"),
    (
        "{office}接手了：{number}",
        "您好：\n\n您反映的事（{number}）由{office}接手，会和您联系，最晚 {due_at} 前答复。\n\n看进展：{link}",
    ),
    (
        "{office} is on it: {number}",
        "Hello,\n\nYour report {number} is now with {office}. They will contact you and answer by {due_at}."
        "\n\nFollow it here: {link}",
    ),
    group=PROGRESS,
    sms=(
        "您反映的事（{number}）由{office}接手，会和您联系，最晚 {due_at} 前答复。看进展：{link}",
        "{office} is on your report {number} and will answer by {due_at}: {link}",
    ),
)


def _handlers(events: Sequence[Any]) -> list[list[Recipient]]:
    """Everybody who handles orders in the organisation that an event names, and its group chat: two SQL a batch."""
    found = handlers_of([event.payload["organisation_id"] for event in events], max(event.at for event in events))
    return [found[event.payload["organisation_id"]] for event in events]


def handlers_of(organisation_ids: Sequence[int], at: datetime) -> dict[int, list[Recipient]]:
    """Return those who handle orders at `at` in each organisation, and its group chat: two SQL statements."""
    wanted = set(organisation_ids)
    codename = Capability.HANDLE_ORDER.partition(".")[2]
    by_organisation: dict[int, set[int]] = {}
    rows = (
        Grant.objects.live(at)
        .people()
        .filter(organisation_id__in=wanted, role__group__permissions__codename=codename)
        .values_list("organisation_id", "user_id")
    )
    for organisation_id, user_id in rows:
        by_organisation.setdefault(organisation_id, set()).add(user_id)
    robots = offices_with_robot(wanted)
    return {
        office: [user_recipient(user_id) for user_id in sorted(by_organisation.get(office, ()))]
        + ([Recipient(f"{OFFICE_PREFIX}:{office}", (WEBHOOK,))] if office in robots else [])
        for office in wanted
    }


handler_kind = partial(request_kind, group=ORDERS, audiences=_handlers)

handler_kind(
    "requests_intake.order_arrived",
    "requests_intake.dispatched",
    _("新工单"),
    ("新工单 {number}，请签收", "有一件新工单 {number} 派给{office}，{due_at} 前要答复居民。请先签收。\n\n{link}"),
    (
        "New order {number}: please sign for it",
        "Order {number} has been sent to {office}. The resident must have an answer by {due_at}. "
        "Please sign for it first.\n\n{link}",
    ),
    can_be_withdrawn=True,
)
handler_kind(
    "requests_intake.order_back",
    "requests_intake.brought_back",
    _("退回重办"),
    ("工单 {number} 没有解决，请重办", "居民说 {number} 没有解决，已退回{office}重办，新的期限是 {due_at}。\n\n{link}"),
    (
        "Order {number} is not solved: please take it up again",
        "The resident says that {number} is not solved. It is back with {office}; the new deadline is {due_at}."
        "\n\n{link}",
    ),
)


def _one_recipient(event: Any) -> list[Recipient]:
    return _with_substitutes([event])[0]


def _with_substitutes(events: Sequence[Any]) -> list[list[Recipient]]:
    """The named person, and whoever looks after their orders now. 1 SQL for the whole batch."""
    wanted = [event.payload["recipient_id"] for event in events]
    others = substitutes_of({user_id for user_id in wanted if user_id is not None}, timezone.now())
    return [
        [user_recipient(one) for one in sorted({user_id, *others.get(user_id, ())})] if user_id is not None else []
        for user_id in wanted
    ]


_CLOCK_EN = {
    ClockKind.ACCEPT: "acceptance",
    ClockKind.DISPATCH: "dispatch",
    ClockKind.SIGN: "signing",
    ClockKind.CONTACT: "first contact",
    ClockKind.RESULT: "the helping office's result",
    ClockKind.REPORT_IN: "reporting in when called",
    ClockKind.DECIDE: "deciding a return or dispute",
    ClockKind.STAGE: "a stage",
    ClockKind.ANSWER: "the answer",
    ClockKind.RATE: "rating",
}
_CLOCK_ZH = {
    ClockKind.ACCEPT: "受理",
    ClockKind.DISPATCH: "派单",
    ClockKind.SIGN: "签收",
    ClockKind.CONTACT: "联系居民",
    ClockKind.RESULT: "协办结果",
    ClockKind.REPORT_IN: "报到",
    ClockKind.DECIDE: "退单、争议定夺",
    ClockKind.STAGE: "阶段",
    ClockKind.ANSWER: "答复",
    ClockKind.RATE: "评价",
}


def _stage_names(events: Sequence[Any]) -> dict[int, dict[str, str]]:
    """What the stages among these clocks are called: one SQL statement, none where there are none."""
    wanted = [event.payload["clock_id"] for event in events if event.payload["clock"] == ClockKind.STAGE]
    if not wanted:
        return {}
    found = Clock.objects.filter(pk__in=wanted).select_related("stage")
    return {clock.pk: {"zh": clock.stage.name, "en": clock.stage.name_en} for clock in found if clock.stage}


def _deadline_facts(events: Sequence[Any]) -> list[dict[str, Any]]:
    steps = {step.level: step for step in EscalationStep.objects.all()}
    numbers = dict(
        ServiceRequest.objects.filter(pk__in={_pk(event.subject_ref) for event in events}).values_list("pk", "number")
    )
    stages = _stage_names(events)
    facts = []
    for event in events:
        kind, step = ClockKind(event.payload["clock"]), steps.get(event.payload["level"])
        facts.append(
            {
                "number": grouped(numbers.get(_pk(event.subject_ref), "")),
                "clock": stages.get(event.payload["clock_id"]) or {"zh": _CLOCK_ZH[kind], "en": _CLOCK_EN[kind]},
                "rung": {"zh": step.name, "en": step.name_en} if step else "",
                "due_at": event.payload["due_at"],
            }
        )
    return facts


register(
    NoticeKind(
        key="requests_intake.deadline",
        event="requests_intake.deadline_reached",
        title=_("期限提醒"),
        group=DEADLINES,
        audience=_one_recipient,
        audience_many=_with_substitutes,
        context=lambda event: _deadline_facts([event])[0],
        context_many=_deadline_facts,
        context_keys=("number", "clock", "rung", "due_at"),
        dedupe=lambda event: f"{event.payload['clock_id']}/{event.payload['level']}",
        subject_zh="{rung}：{number}（{clock}）",
        body_zh="{number} 的{clock}期限是 {due_at}。现在：{rung}。请打开看一看，先联系居民，再办。\n\n{link}",
        subject_en="{rung}: {number} ({clock})",
        body_en="The deadline for {clock} of {number} is {due_at}. Now: {rung}. Please open it, speak with the "
        "resident first, then act.\n\n{link}",
    )
)


def _queue_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": f"{reverse('intake:queue')}?view=overdue"} for _message in messages]


register(
    NoticeKind(
        key="requests_intake.deadlines_summary",
        event="requests_intake.deadlines_missed",
        title=_("停机期间的期限汇总"),
        group=DEADLINES,
        audience=_one_recipient,
        context=lambda event: {"warned": event.payload["warned"], "overdue": event.payload["overdue"]},
        context_keys=("warned", "overdue"),
        dedupe=lambda event: str(event.payload["sweep"]),
        late=_queue_links,
        subject_zh="系统停过一阵：快到期 {warned} 件，超期 {overdue} 件",
        body_zh="提醒停过一阵，这期间没有逐件发。现在合在一起告诉您：快到期 {warned} 件，超期 {overdue} 件。\n\n{link}",
        subject_en="After an interruption: {warned} due soon, {overdue} overdue",
        body_en="Reminders were interrupted and not sent one by one. Together: {warned} due soon, {overdue} overdue."
        "\n\n{link}",
    )
)


from requests_intake import (  # noqa: E402  registers the others, with the words above
    notices_appointments,  # noqa: F401
    notices_appraisal,  # noqa: F401
    notices_concerned,  # noqa: F401
    notices_desk,  # noqa: F401
    notices_duty,  # noqa: F401
    notices_exclusions,  # noqa: F401
    notices_interventions,  # noqa: F401
    notices_outside,  # noqa: F401
    notices_resting,  # noqa: F401
    notices_rules,  # noqa: F401
    notices_turns,  # noqa: F401
)
