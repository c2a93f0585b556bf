"""Who hears that the working calendar is about to run out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.duties import holders
from governance.access.selectors import holders_of
from governance.notifications.groups import STAFF, UPKEEP, NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, nothing, register, user_recipient
from governance.worktime.permissions import Capability


def _keepers(event: Any) -> list[Recipient]:
    return [user_recipient(user_id) for user_id in holders_of(Capability.EDIT_CALENDAR, event.at)]


def _facts(event: Any) -> dict[str, Any]:
    last = date.fromisoformat(event.payload["horizon"])
    if last == date.min:
        return {"until": {"zh": "空的", "en": "empty"}}
    return {
        "until": {"zh": f"只到 {last.year} 年 {last.month} 月 {last.day} 日", "en": f"known until {last:%-d %B %Y}"}
    }


def _administrators(event: Any) -> list[Recipient]:
    return [user_recipient(holder.user.pk) for holder in holders(event.at)]


def _until(event: Any) -> dict[str, Any]:
    return {"ends_at": event.payload["ends_at"]}


def _hours(event: Any) -> dict[str, Any]:
    return {"hours": event.payload["hours"]}


def _emergency_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("access:emergency")} for _message in messages]


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("access:calendar")} for _message in messages]


describe_places(
    "administration",
    {
        "until": Place(_("日历填到哪一天"), {"zh": "只到 2026 年 12 月 31 日", "en": "known until 31 December 2026"}),
        "link": Place(_("去看、去办的链接"), "/staff/calendar/"),
        "hours": Place(_("几个小时"), 2),
        "ends_at": Place(_("最晚到什么时候"), "2026-11-20T08:00:00+00:00"),
    },
)
register(
    NoticeKind(
        key="administration.calendar_ending",
        event="administration.calendar_ending",
        title=_("工作日历快用完了"),
        group=UPKEEP,
        audience=_keepers,
        context=_facts,
        context_keys=("until",),
        dedupe=lambda event: f"{event.payload['horizon']}/{event.payload['stage']}",
        late=_links,
        subject_zh="工作日历{until}，请补上",
        body_zh="工作日历{until}。再往后，按工作日和工作小时算的期限算不出来，居民就交不了这些诉求。"
        "请打开工作日历，按放假通知填写下一年。\n\n{link}",
        subject_en="The working calendar is {until}: please extend it",
        body_en="The working calendar is {until}. Beyond it, limits in working days and hours cannot be computed and "
        "such requests cannot be filed. Please open the calendar and fill in the next year.\n\n{link}",
    )
)
EMERGENCY = NoticeGroup(
    "administration.emergency", _("应急账号"), _("所有管理员"), STAFF, fixed=_("它能改谁能做什么，管理员要马上知道")
)
register(
    NoticeKind(
        key="administration.emergency_asked",
        event="access.emergency_asked",
        title=_("有人申请打开应急账号"),
        group=EMERGENCY,
        is_urgent=True,
        audience=_administrators,
        context=_hours,
        context_keys=("hours",),
        late=_emergency_links,
        late_keys=("link",),
        subject_zh="有人申请打开应急账号",
        body_zh="一位管理员申请把应急账号打开 {hours} 小时，要另一位管理员同意。请先弄清楚出了什么事，再决定：{link}",
        subject_en="Somebody asks to open the emergency account",
        body_en="An administrator asks to open the emergency account for {hours} h. Another administrator must agree. "
        "Please find out what has happened before you decide: {link}",
    )
)
register(
    NoticeKind(
        key="administration.emergency_opened",
        event="access.emergency_opened",
        title=_("应急账号打开了"),
        group=EMERGENCY,
        is_urgent=True,
        audience=_administrators,
        context=_until,
        context_keys=("ends_at",),
        late=_emergency_links,
        late_keys=("link",),
        subject_zh="应急账号打开了",
        body_zh="两位管理员打开了应急账号，最晚到 {ends_at}。它能改设置和权限，做的每件事都列在这里，"
        "也可以在这里封上：{link}",
        subject_en="The emergency account is open",
        body_en="Two administrators have opened the emergency account, until {ends_at} at the latest. It can change "
        "settings and rights; everything it does is listed here, and here it can be sealed again: {link}",
    )
)
register(
    NoticeKind(
        key="administration.emergency_closed",
        event="access.emergency_closed",
        title=_("应急账号封上了"),
        group=EMERGENCY,
        audience=_administrators,
        context=nothing,
        context_keys=(),
        late=_emergency_links,
        late_keys=("link",),
        subject_zh="应急账号封上了",
        body_zh="应急账号封上了，或者申请作废了。它做了什么，都列在这里：{link}",
        subject_en="The emergency account is sealed",
        body_en="The emergency account is sealed, or the asking was taken back. What it did is listed here: {link}",
    )
)

from governance.administration import notices_grants  # noqa: E402, F401 - a part of this module
