"""Who hears of grants: that somebody stands in, that one ends soon, that a review waits."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.duties import holders
from governance.access.models import Grant, ReviewCampaign, User
from governance.access.reviews import reviewers_of
from governance.notifications.groups import STAFF, NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient

GRANTS = NoticeGroup("administration.grants", _("授权和代班"), _("本人，和能授权的管理员"), STAFF)


def _substitute(event: Any) -> int:
    return int(event.subject_ref.partition(":")[2])


def _stand_in_people(event: Any) -> list[Recipient]:
    """Both: whoever stands in may do more now, and whose place it is knows who acts in it."""
    return [user_recipient(_substitute(event)), user_recipient(event.payload["person_id"])]


def _stand_in_facts(event: Any) -> dict[str, Any]:
    pks = _substitute(event), event.payload["person_id"]
    names = dict(User.objects.filter(pk__in=pks).values_list("pk", "display_name"))
    return {
        "substitute": names.get(pks[0], ""),
        "colleague": names.get(pks[1], ""),
        "from_at": event.payload["starts_at"],
        "until_at": event.payload["ends_at"],
    }


def _ending_facts(event: Any) -> dict[str, Any]:
    grant = Grant.objects.filter(pk=int(event.subject_ref.partition(":")[2])).select_related("role").first()
    role = {"zh": grant.role.name, "en": grant.role.name_en} if grant else ""
    return {"role": role, "until_at": event.payload["ends_at"]}


def _to_extend_facts(event: Any) -> dict[str, Any]:
    return {"count": event.payload["count"], "until_at": event.payload["ends_at"]}


def _ending_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": f"{reverse('access:grants')}?state=ending"} for _message in messages]


def _review_pk(about: Any) -> int:
    return int(about.subject_ref.partition(":")[2])


def _reviewers(event: Any) -> list[Recipient]:
    return [user_recipient(user) for user in reviewers_of(_review_pk(event), event.at)]


def _review_facts(event: Any) -> dict[str, Any]:
    due = date.fromisoformat(event.payload["due_on"])
    words = {"zh": f"{due.year} 年 {due.month} 月 {due.day} 日", "en": f"{due:%-d %B %Y}"}
    return {"count": event.payload["count"], "due": words}


def _review_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    known = ReviewCampaign.objects.in_bulk([_review_pk(message) for message in messages])
    found = [known.get(_review_pk(message)) for message in messages]
    return [{"link": reverse("access:review", args=[one.public_id]) if one else ""} for one in found]


describe_places(
    "administration",
    {
        "substitute": Place(_("代班的人"), {"zh": "陈静", "en": "Chen Jing"}),
        "colleague": Place(_("代谁"), {"zh": "林晓", "en": "Lin Xiao"}),
        "from_at": Place(_("从什么时候起"), "2026-11-20T01:00:00+00:00"),
        "role": Place(_("什么角色"), {"zh": "派单员", "en": "Dispatcher"}),
        "count": Place(_("几项"), 3),
        "due": Place(_("截止哪一天"), {"zh": "2026 年 12 月 31 日", "en": "31 December 2026"}),
        "until_at": Place(_("到什么时候止"), "2026-12-04T09:00:00+00:00"),
    },
)
register(
    NoticeKind(
        key="administration.stand_in",
        event="access.stand_in_given",
        title=_("管理员安排了代班"),
        group=GRANTS,
        audience=_stand_in_people,
        context=_stand_in_facts,
        context_keys=("substitute", "colleague", "from_at", "until_at"),
        subject_zh="{substitute}代{colleague}的班",
        body_zh="管理员安排{substitute}从 {from_at} 到 {until_at} 代{colleague}的班：这段时间用自己的账号，"
        "能看、能办{colleague}能看能办的事。如果不对，请马上告诉管理员。",
        subject_en="{substitute} stands in for {colleague}",
        body_en="An administrator has arranged that {substitute} stands in for {colleague} from {from_at} until "
        "{until_at}, using their own account, with what {colleague} may see and do. If that is wrong, please tell an "
        "administrator at once.",
    )
)
register(
    NoticeKind(
        key="administration.grant_ending",
        event="access.grant_ending",
        title=_("自己的授权快到期"),
        group=GRANTS,
        audience=lambda event: [user_recipient(event.payload["user_id"])],
        context=_ending_facts,
        context_keys=("role", "until_at"),
        subject_zh="您的“{role}”到 {until_at} 为止",
        body_zh="您的“{role}”到 {until_at} 为止，过了就不能再这样办事。"
        "如果还要用，请早些告诉管理员；没办完的事请先交给同事。",
        subject_en="Your role “{role}” ends on {until_at}",
        body_en="Your role “{role}” ends on {until_at}; after that you cannot work in it any more. If you still need "
        "it, please tell an administrator in time, and hand on what is not finished.",
    )
)
register(
    NoticeKind(
        key="administration.grants_ending",
        event="access.grants_ending",
        title=_("有授权快到期，要不要延"),
        group=GRANTS,
        audience=lambda event: [user_recipient(_substitute(event))],
        context=_to_extend_facts,
        context_keys=("count", "until_at"),
        late=_ending_links,
        subject_zh="有 {count} 项授权快到期",
        body_zh="您能延期的授权里，有 {count} 项快到期，最早的到 {until_at} 为止。要延的请延，不要的不用管：{link}",
        subject_en="Grants that end soon: {count}",
        body_en="Of the grants that you may extend, {count} end soon, the first on {until_at}. Please extend those "
        "that are still needed; the others need nothing: {link}",
    )
)
register(
    NoticeKind(
        key="administration.guardians_ending",
        event="access.guardians_ending",
        title=_("管理员快没有了"),
        group=GRANTS,
        audience=lambda event: [user_recipient(holder.user.pk) for holder in holders(event.at)],
        context=lambda event: {"until_at": event.payload["ends_at"]},
        context_keys=("until_at",),
        late=_ending_links,
        subject_zh="到 {until_at}，就没有人能授权了",
        body_zh="到 {until_at}，最后一位能在全区授权或改权限表的管理员到期。"
        "自己不能给自己延期：请现在就给另一位同事这个角色。\n\n{link}",
        subject_en="From {until_at} nobody can give grants any more",
        body_en="On {until_at} the last administrator who gives grants or changes roles in the whole district runs "
        "out. Nobody extends their own grant: please give the role to another colleague now.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="administration.review_opened",
        event="access.review_opened",
        title=_("授权要核查"),
        group=GRANTS,
        audience=_reviewers,
        context=_review_facts,
        context_keys=("count", "due"),
        late=_review_links,
        subject_zh="有 {count} 项授权要核查，{due}截止",
        body_zh="有一次授权核查开始了：{count} 项授权，每一项定还要不要，{due}截止。"
        "您能授权的范围里的由您定，自己的由别人定。\n\n{link}",
        subject_en="Grants to review: {count}, by {due}",
        body_en="A review of grants has begun ({count}): each is confirmed or ended by {due}. You decide over those "
        "where you give grants, never over your own.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="administration.review_reminded",
        event="access.review_reminded",
        title=_("授权核查快到期"),
        group=GRANTS,
        audience=_reviewers,
        context=_review_facts,
        context_keys=("count", "due"),
        late=_review_links,
        subject_zh="授权核查还有 {count} 项没定，{due}截止",
        body_zh="授权核查还有 {count} 项没定，{due}截止。请打开定一下。\n\n{link}",
        subject_en="Grants still to review: {count}, by {due}",
        body_en="A review of grants is due on {due}; still undecided: {count}. Please decide over them.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="administration.review_overdue",
        event="access.review_overdue",
        title=_("授权核查过期没有定完"),
        group=GRANTS,
        audience=_reviewers,
        context=_review_facts,
        context_keys=("count", "due"),
        late=_review_links,
        subject_zh="授权核查过期了，还有 {count} 项没定",
        body_zh="授权核查{due}截止，还有 {count} 项没有人定，现在都还有效。请马上定：{link}",
        subject_en="A review of grants is overdue, undecided: {count}",
        body_en="The review was due on {due}. Undecided and still in force: {count}. Please decide now: {link}",
    )
)
