"""Who hears that the working calendar is about to run out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.selectors import holders_of
from governance.notifications.groups import UPKEEP, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
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


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("access:calendar")} for _message in messages]


describe_places(
    "administration",
    {
        "until": Place(_("日历填到哪一天"), {"zh": "只到 2026 年 12 月 31 日", "en": "known until 31 December 2026"}),
        "link": Place(_("工作日历的链接"), "/staff/calendar/"),
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
