"""Who hears that the trail was tampered with, and that its digest could not be noted outside."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.selectors import holders_of
from governance.audit.models import TrailCheck
from governance.audit.permissions import Capability
from governance.audit.watch_words import found_words
from governance.notifications.groups import NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient

ALARMS = NoticeGroup("audit.alarms", _("审计警报"), _("做审计的人"), fixed=_("关系到记录是不是真的，不能关"))

WATCHING = NoticeGroup(
    "audit.watch", _("异常提醒"), _("处理异常提醒的人"), fixed=_("关系到居民的信息有没有被乱看，不能关")
)


def _reviewers(event: Any) -> list[Recipient]:
    return [user_recipient(user_id) for user_id in holders_of(Capability.READ_TRAIL, event.at)]


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("audit:seals")} for _message in messages]


def _broken(event: Any) -> dict[str, Any]:
    check = TrailCheck.objects.get(pk=event.payload["check_id"])
    zh = [f"第 {check.seal} 道封条"] if check.seal is not None else []
    en = [f"seal {check.seal}"] if check.seal is not None else []
    if check.row is not None:
        zh.append(f"{check.table} 第 {check.row} 行")
        en.append(f"row {check.row} of {check.table}")
    return {"place": {"zh": "，".join(zh) or "封条链", "en": ", ".join(en) or "the chain of seals"}}


def _not_anchored(event: Any) -> dict[str, Any]:
    names = {"file": ("文件", "the file"), "webhook": ("外部网址", "the webhook")}
    failed = [names[name] for name in event.payload["failed"]]
    return {"where": {"zh": "、".join(zh for zh, _en in failed), "en": " and ".join(en for _zh, en in failed)}}


def _watchers(event: Any) -> list[Recipient]:
    watching = holders_of(Capability.WATCH, event.at)
    return [user_recipient(user_id) for user_id in watching if user_id != event.payload["user_id"]]


def _stood_out(event: Any) -> dict[str, Any]:
    rule, count = event.payload["rule"], event.payload["count"]
    return {"what": {"zh": found_words(rule, count, english=False), "en": found_words(rule, count, english=True)}}


def _finding_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("audit:findings")} for _message in messages]


describe_places(
    "audit",
    {
        "what": Place(_("什么事"), {"zh": "一天看了 61 次别人的信息", "en": "61 looks at personal data in one day"}),
        "place": Place(_("哪里对不上"), {"zh": "第 12 道封条", "en": "seal 12"}),
        "where": Place(_("没记成的地方"), {"zh": "文件", "en": "the file"}),
        "link": Place(_("要看的那一页的链接"), "/staff/audit/seals/"),
    },
)
register(
    NoticeKind(
        key="audit.trail_broken",
        event="audit.trail_broken",
        title=_("操作记录被动过"),
        group=ALARMS,
        audience=_reviewers,
        context=_broken,
        context_keys=("place",),
        late=_links,
        is_urgent=True,
        subject_zh="操作记录对不上：{place}",
        body_zh="核对操作记录的封条时，这里对不上：{place}。可能有人绕过门户改了、删了或塞进了记录。"
        "请先保留数据库和最近的备份，不要修补，再查是谁、从哪里进来的。\n\n{link}",
        subject_en="The trail does not add up: {place}",
        body_en="Checking the seals of the trail found a break: {place}. Somebody may have changed, removed or slipped "
        "in records behind the portal’s back. Keep the database and the latest backups as they are, mend nothing, and "
        "find out who got in, and how.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="audit.anchor_failed",
        event="audit.anchor_failed",
        title=_("封条摘要没能记到外面"),
        group=ALARMS,
        audience=_reviewers,
        context=_not_anchored,
        context_keys=("where",),
        late=_links,
        subject_zh="今天的封条摘要没能记到外面",
        body_zh="每天要把最后一道封条的摘要记到数据库外面，今天没记成的地方：{where}。请管服务器的人看一看。\n\n{link}",
        subject_en="Today’s digest of the trail could not be noted outside",
        body_en="Each day the digest of the last seal is noted outside the database. Today this failed: {where}. "
        "Please have whoever keeps the server look at it.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="audit.finding_made",
        event="audit.finding_made",
        title=_("有反常的操作"),
        group=WATCHING,
        audience=_watchers,
        context=_stood_out,
        context_keys=("what",),
        late=_finding_links,
        subject_zh="有反常的操作：{what}",
        body_zh="门户数到一件比平常多的事：{what}。多不等于错，请打开看是谁、看了什么，问清楚以后写下结论。\n\n{link}",
        subject_en="Something stands out: {what}",
        body_en="The portal counted more than usual: {what}. More is not wrong by itself. Please look who did it and "
        "to what, ask, and note what became of it.\n\n{link}",
    )
)
