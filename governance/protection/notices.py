"""Who hears that somebody should have been told by now."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.selectors import holders_of
from governance.notifications.groups import NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from governance.protection.permissions import Capability

BREACHES = NoticeGroup("protection.breaches", _("泄露事件"), _("办理泄露事件的人"), fixed=_("法律要求及时告知，不能关"))


def _keepers(event: Any) -> list[Recipient]:
    return [user_recipient(user_id) for user_id in holders_of(Capability.KEEP_BREACHES, event.at)]


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("protection:breaches")} for _message in messages]


def _whom(event: Any) -> dict[str, Any]:
    words = {"authority": ("主管部门", "the authority"), "persons": ("本人", "the persons concerned")}
    zh, en = words[event.payload["whom"]]
    return {"whom": {"zh": zh, "en": en}}


describe_places(
    "protection",
    {
        "whom": Place(_("告知谁"), {"zh": "主管部门", "en": "the authority"}),
        "link": Place(_("泄露事件页的链接"), "/staff/protection/breaches/"),
    },
)
register(
    NoticeKind(
        key="protection.breach_overdue",
        event="protection.breach_overdue",
        title=_("泄露事件该告知了"),
        group=BREACHES,
        audience=_keepers,
        context=_whom,
        context_keys=("whom",),
        late=_links,
        is_urgent=True,
        subject_zh="泄露事件：该告知{whom}了",
        body_zh="有一件泄露事件过了时限，还没有告知{whom}。请打开看一看，告知以后记下时间和原文。\n\n{link}",
        subject_en="Data breach: {whom} should have been told",
        body_en="A data breach case has passed its limit and {whom} has not been told. Please open it, tell them, and "
        "note when and with what words.\n\n{link}",
    )
)
