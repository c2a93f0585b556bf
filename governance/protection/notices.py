"""Who hears that somebody should have been told by now, and what becomes of an impact assessment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from governance.access.selectors import holders_of
from governance.notifications.groups import NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from governance.privacy.register import sensitive_uses
from governance.protection.models import ImpactAssessment
from governance.protection.permissions import Capability
from governance.protection.person_requests import notices as person_notices  # noqa: F401 - registers its kinds

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
        "use": Place(_("评估的做法"), {"zh": "规则直派", "en": "Rules that dispatch"}),
        "day": Place(_("有效到哪天"), "2027-06-30"),
        "link": Place(_("要看的那一页的链接"), "/staff/protection/breaches/"),
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

ASSESSMENTS = NoticeGroup("protection.assessments", _("影响评估"), _("写影响评估的人和批的人"))


def _approvers(event: Any) -> list[Recipient]:
    """Everybody who could approve it: not whoever filed it."""
    holders = holders_of(Capability.APPROVE_ASSESSMENTS, event.at)
    return [user_recipient(user_id) for user_id in holders if user_id != event.actor_id]


def _filer(event: Any) -> list[Recipient]:
    return [user_recipient(ImpactAssessment.objects.get(pk=_pk(event)).filed_by_id)]


def _filers(event: Any) -> list[Recipient]:
    return [user_recipient(user_id) for user_id in holders_of(Capability.FILE_ASSESSMENTS, event.at)]


def _pk(row: Any) -> int:
    return int(row.subject_ref.rpartition(":")[2])


def _use(event: Any) -> dict[str, Any]:
    title = sensitive_uses()[event.payload["use"]].title
    words = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            words[key] = str(title)
    return {"use": words}


def _use_and_day(event: Any) -> dict[str, Any]:
    return {**_use(event), "day": event.payload["valid_until"]}


def _assessment_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    ids = dict(ImpactAssessment.objects.filter(pk__in=map(_pk, messages)).values_list("pk", "public_id"))
    return [{"link": reverse("protection:assessment", args=[ids[_pk(message)]])} for message in messages]


for kind in (
    NoticeKind(
        key="protection.assessment_filed",
        event="protection.assessment_filed",
        title=_("有影响评估等您批"),
        group=ASSESSMENTS,
        audience=_approvers,
        context=_use,
        context_keys=("use",),
        late=_assessment_links,
        subject_zh="请批影响评估：{use}",
        body_zh="同事写好了“{use}”的个人信息保护影响评估，批准以后才能用。请看一看写得是不是站得住，批准或者退回。\n\n{link}",
        subject_en="An impact assessment waits for you: {use}",
        body_en="A colleague has assessed what “{use}” means for people’s data. It stays locked until somebody else "
        "approves. Please read whether it holds, and approve it or give it back.\n\n{link}",
    ),
    NoticeKind(
        key="protection.assessment_approved",
        event="protection.assessment_approved",
        title=_("影响评估批准了"),
        group=ASSESSMENTS,
        audience=_filer,
        context=_use,
        context_keys=("use",),
        late=_assessment_links,
        subject_zh="影响评估批准了：{use}",
        body_zh="您写的“{use}”的影响评估批准了，现在可以用。\n\n{link}",
        subject_en="Impact assessment approved: {use}",
        body_en="Your assessment of “{use}” was approved; it is open now.\n\n{link}",
    ),
    NoticeKind(
        key="protection.assessment_returned",
        event="protection.assessment_returned",
        title=_("影响评估退回了"),
        group=ASSESSMENTS,
        audience=_filer,
        context=_use,
        context_keys=("use",),
        late=_assessment_links,
        subject_zh="影响评估退回了：{use}",
        body_zh="您写的“{use}”的影响评估退回了，哪里要改写在上面。改好了再交一份。\n\n{link}",
        subject_en="Impact assessment given back: {use}",
        body_en="Your assessment of “{use}” was given back; what to change is noted on it. Please file it anew."
        "\n\n{link}",
    ),
    NoticeKind(
        key="protection.assessment_runs_out",
        event="protection.assessment_runs_out",
        title=_("影响评估快到期了"),
        group=ASSESSMENTS,
        audience=_filers,
        context=_use_and_day,
        context_keys=("use", "day"),
        late=_assessment_links,
        subject_zh="影响评估快到期了：{use}",
        body_zh="“{use}”的影响评估到 {day} 为止。过了这一天它会自动锁上，要接着用，请提前重新评估。\n\n{link}",
        subject_en="An impact assessment runs out: {use}",
        body_en="The assessment of “{use}” holds until {day}. After that day it locks by itself; to go on, please "
        "assess it anew in time.\n\n{link}",
    ),
):
    register(kind)
