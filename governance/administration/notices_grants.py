"""Who hears of grants: that somebody stands in, that one ends soon."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.duties import holders
from governance.access.models import Grant, User
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


describe_places(
    "administration",
    {
        "substitute": Place(_("代班的人"), "陈静"),
        "colleague": Place(_("代谁"), "林晓"),
        "from_at": Place(_("从什么时候起"), "2026-11-20T01:00:00+00:00"),
        "role": Place(_("什么角色"), {"zh": "派单员", "en": "Dispatcher"}),
        "count": Place(_("几项"), 3),
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
