"""Who hears of public versions: the requester of decisions, followers of steps and of news of an area."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from governance.access import areas
from governance.notifications.contacts import Contact, register_resolver
from governance.notifications.registry import EMAIL, NoticeKind, Recipient, register
from governance.notifications.texts import absolute
from requests_intake.models import Follow, Publication, PublicReason, ServiceRequest
from requests_intake.notice_groups import FOLLOWING, PUBLIC
from requests_intake.notices import requesters, track_links
from requests_intake.numbers import grouped
from requests_intake.selectors.public import step_title
from requests_intake.services.following import follow_token

_FOLLOW = Follow._meta.label_lower
NEWS_TITLES = 20


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _both(code: str, label: Any) -> dict[str, str]:
    """A label in both languages, as contexts hold it."""
    with override("zh-hans"):
        chinese = str(label)
    with override("en"):
        return {"zh": chinese, "en": str(label)}


# ---------- the requester hears of decisions ----------


def _decisions(events: Sequence[Any]) -> list[dict[str, Any]]:
    pks = {_pk(event.subject_ref) for event in events}
    numbers = dict(ServiceRequest.objects.filter(pk__in=pks).values_list("pk", "number"))
    facts = []
    for event in events:
        reason = event.payload["reason"]
        facts.append(
            {
                "number": grouped(numbers.get(_pk(event.subject_ref), "")),
                "reason": _both(reason, PublicReason(reason).label) if reason else "",
            }
        )
    return facts


def _decision_kind(key: str, event: str, title: Any, zh: tuple[str, str], en: tuple[str, str], audiences: Any) -> None:
    register(
        NoticeKind(
            key=key,
            event=event,
            title=title,
            group=PUBLIC,
            audience=lambda one: audiences([one])[0],
            audience_many=audiences,
            context=lambda one: _decisions([one])[0],
            context_many=_decisions,
            context_keys=("number", "reason"),
            late=track_links,
            subject_zh=zh[0],
            body_zh=zh[1],
            subject_en=en[0],
            body_en=en[1],
        )
    )


def _where(events: Sequence[Any], wanted: Any) -> list[list[Recipient]]:
    """Requesters of the events that fit, nobody for the others."""
    return [found if wanted(event) else [] for event, found in zip(events, requesters(events), strict=True)]


_decision_kind(
    "requests_intake.made_public",
    "requests_intake.publication_released",
    _("诉求已公开"),
    (
        "您反映的事公开了：{number}",
        "您好：\n\n您同意公开的 {number}，工作人员核对后公开了。不写姓名，地点只到网格，号码都遮住。\n\n看进展：{link}",
    ),
    (
        "Your report is now public: {number}",
        "Hello,\n\nAs you agreed, report {number} has been checked and made public. It shows no name, no numbers, and "
        "no place closer than the grid.\n\nFollow it here: {link}",
    ),
    lambda events: _where(events, lambda event: not event.payload["edited"]),
)
_decision_kind(
    "requests_intake.made_public_edited",
    "requests_intake.publication_released",
    _("诉求改动后公开"),
    (
        "您反映的事改了几个字后公开：{number}",
        "您好：\n\n您同意公开的 {number} 已经公开，公开的话改了几个字。原因：{reason}。\n"
        "您的原话没有动，办事的人看的还是原话。\n\n看进展：{link}",
    ),
    (
        "Your report is public with a few words changed: {number}",
        "Hello,\n\nAs you agreed, report {number} is public. A few of its public words were changed. "
        "Reason: {reason}.\n"
        "Your own words stay as they are; the people who deal with it read those.\n\nFollow it here: {link}",
    ),
    lambda events: _where(events, lambda event: event.payload["edited"]),
)
_decision_kind(
    "requests_intake.public_version_changed",
    "requests_intake.publication_revised",
    _("公开版本有改动"),
    (
        "公开的话改了几个字：{number}",
        "您好：\n\n{number} 公开的话改了几个字。原因：{reason}。\n您的原话没有动。\n\n看进展：{link}",
    ),
    (
        "The public words were changed: {number}",
        "Hello,\n\nA few of the public words of report {number} were changed. Reason: {reason}.\n"
        "Your own words stay as they are.\n\nFollow it here: {link}",
    ),
    lambda events: _where(events, lambda event: bool(event.payload["reason"])),
)
_decision_kind(
    "requests_intake.kept_private",
    "requests_intake.publication_kept",
    _("诉求不公开"),
    (
        "您反映的事没有公开，照常办理：{number}",
        "您好：\n\n您同意公开的 {number}，我们没有公开。原因：{reason}。\n办理和答复跟公开的一样，不受影响。"
        "\n\n看进展：{link}",
    ),
    (
        "Your report was not made public and is handled as usual: {number}",
        "Hello,\n\nReport {number}, which you agreed to make public, stays private. Reason: {reason}.\n"
        "It is handled and answered just the same.\n\nFollow it here: {link}",
    ),
    requesters,
)
_decision_kind(
    "requests_intake.taken_back",
    "requests_intake.publication_taken_back",
    _("公开的诉求收回"),
    (
        "您反映的事收回公开，照常办理：{number}",
        "您好：\n\n{number} 原来公开过，现在收回了，别人看不到。原因：{reason}。\n办理和答复不受影响。"
        "\n\n看进展：{link}",
    ),
    (
        "Your report is no longer public: {number}",
        "Hello,\n\nReport {number} was public and has been taken back; nobody else can read it now. Reason: {reason}.\n"
        "It is handled just the same.\n\nFollow it here: {link}",
    ),
    requesters,
)


# ---------- followers ----------


def _follow_contacts(refs: Sequence[str]) -> dict[str, Contact]:
    """Addresses of wishes that still stand: whoever ended one a moment ago gets nothing more."""
    rows = Follow.objects.filter(pk__in=[_pk(ref) for ref in refs], ended_at__isnull=True)
    return {f"{_FOLLOW}:{row.pk}": Contact(row.email, row.language, "") for row in rows}


register_resolver(_FOLLOW, _follow_contacts)


def _recipient(event: Any) -> list[Recipient]:
    return [Recipient(event.subject_ref, (EMAIL,))]


def _ends(message: Any) -> str:
    return absolute(reverse("intake:unfollow", args=[follow_token(_pk(message.recipient_ref))]))


def _confirm_values(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    follows = Follow.objects.select_related("publication").in_bulk([_pk(message.recipient_ref) for message in messages])
    values: list[Mapping[str, Any]] = []
    for message in messages:
        follow = follows.get(_pk(message.recipient_ref))
        link = reverse("intake:follow-confirm", args=[follow_token(_pk(message.recipient_ref))])
        values.append({"link": link, "what": _what(follow)})
    return values


def _what(follow: Follow | None) -> Any:
    if follow is None:
        return ""
    if follow.publication is not None:
        return follow.publication.title if follow.publication.is_released else ""
    with override("zh-hans"):
        chinese = areas.names([follow.area_code]).get(follow.area_code, follow.area_code)
    with override("en"):
        return {"zh": chinese, "en": areas.names([follow.area_code]).get(follow.area_code, chinese)}


register(
    NoticeKind(
        key="requests_intake.follow_confirm",
        event="requests_intake.follow_asked",
        title=_("确认关注"),
        group=FOLLOWING,
        audience=_recipient,
        context=lambda event: {},
        context_keys=(),
        late=_confirm_values,
        is_urgent=True,
        late_keys=("what",),
        needed=("link",),
        subject_zh="请确认：要关注“{what}”吗？",
        body_zh="您好：\n\n有人用这个邮箱关注“{what}”。是您的话，请点开这个链接，再按“确认关注”（7 天内有效）："
        "\n\n{link}\n\n"
        "不是您，就不用管，不会再发。",
        subject_en="Please confirm: follow “{what}”?",
        body_en="Hello,\n\nSomebody asked to follow “{what}” with this address. If it was you, please open this link "
        "and press “Follow” (within 7 days):\n\n{link}\n\nIf it was not you, do nothing; nothing more will be sent.",
    )
)


def _followers(events: Sequence[Any]) -> list[list[Recipient]]:
    """Confirmed followers of each publication: one SQL a batch."""
    pks = {_pk(event.subject_ref) for event in events}
    by_publication: dict[int, list[Recipient]] = {}
    rows = Follow.objects.filter(publication_id__in=pks, confirmed_at__isnull=False, ended_at__isnull=True)
    for follow_id, publication_id in rows.order_by("pk").values_list("pk", "publication_id"):
        by_publication.setdefault(publication_id, []).append(Recipient(f"{_FOLLOW}:{follow_id}", (EMAIL,)))  # type: ignore[arg-type]
    return [by_publication.get(_pk(event.subject_ref), []) for event in events]


def _steps(events: Sequence[Any]) -> list[dict[str, Any]]:
    found = Publication.objects.in_bulk([_pk(event.subject_ref) for event in events])
    return [{"step": _step_words(found.get(_pk(event.subject_ref)), event.payload["step"])} for event in events]


def _step_words(publication: Publication | None, step: str) -> dict[str, str]:
    if step == "reply":
        return _both(step, _("答复公开了"))
    last = next((row for row in reversed(publication.history) if row["name"] == step), None) if publication else None
    with override("zh-hans"):
        chinese = step_title(step, last["office"] if last else "")
    with override("en"):
        return {"zh": chinese, "en": step_title(step, last["office_en"] if last else "")}


def _step_values(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    found = Publication.objects.released().in_bulk([_pk(message.subject_ref) for message in messages])
    values: list[Mapping[str, Any]] = []
    for message in messages:
        publication = found.get(_pk(message.subject_ref))
        page = reverse("intake:public-one", args=[publication.key]) if publication else reverse("intake:public")
        title = publication.title if publication else ""
        values.append({"link": page, "what": title, "unsubscribe": _ends(message)})
    return values


register(
    NoticeKind(
        key="requests_intake.followed_moved",
        event="requests_intake.publication_moved",
        title=_("关注的诉求有进展"),
        group=FOLLOWING,
        audience=lambda event: _followers([event])[0],
        audience_many=_followers,
        context=lambda event: _steps([event])[0],
        context_many=_steps,
        context_keys=("step",),
        late=_step_values,
        late_keys=("what", "unsubscribe"),
        needed=("unsubscribe",),
        subject_zh="{step}：{what}",
        body_zh="您好：\n\n您关注的“{what}”有进展：{step}。\n\n{link}\n\n不想再收到，点这里退订：{unsubscribe}",
        subject_en="{step}: {what}",
        body_en="Hello,\n\nThere is news of “{what}”, which you follow: {step}.\n\n{link}\n\n"
        "To stop these letters: {unsubscribe}",
    )
)


def _news_values(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Titles are read at sending: what was taken back meanwhile is not told."""
    follows = Follow.objects.in_bulk([_pk(message.recipient_ref) for message in messages])
    return [_news(message, follows.get(_pk(message.recipient_ref))) for message in messages]


def _news(message: Any, follow: Follow | None) -> Mapping[str, Any]:
    ends, area = _ends(message), follow.area_code if follow is not None else ""
    since, until = (datetime.fromisoformat(message.context[key]) for key in ("since_at", "until_at"))
    rows = (
        Publication.objects.released()
        .filter(area_code__startswith=area, released_at__gt=since, released_at__lte=until)
        .order_by("-released_at", "-id")
        .only("title", "key")[:NEWS_TITLES]
    )
    link = f"{reverse('intake:public')}?area={area}" if len(area) > 6 else reverse("intake:public")
    return {"link": link, "what": _what(follow), "titles": [f"· {row.title}" for row in rows], "unsubscribe": ends}


register(
    NoticeKind(
        key="requests_intake.area_news",
        event="requests_intake.area_news_due",
        title=_("关注的地方有新的"),
        group=FOLLOWING,
        audience=_recipient,
        context=lambda event: {
            "count": event.payload["count"],
            "since_at": event.payload["since"],
            "until_at": event.payload["until"],
        },
        context_keys=("count", "since_at", "until_at"),
        late=_news_values,
        late_keys=("what", "titles", "unsubscribe"),
        needed=("unsubscribe",),
        subject_zh="{what}：新公开 {count} 件",
        body_zh="您好：\n\n{what}新公开了 {count} 件：\n\n{titles}\n\n都在这里：{link}\n\n"
        "不想再收到，点这里退订：{unsubscribe}",
        subject_en="{what}: newly public reports ({count})",
        body_en="Hello,\n\nNewly public in {what} ({count}):\n\n{titles}\n\nRead them here: {link}\n\n"
        "To stop these letters: {unsubscribe}",
    )
)
