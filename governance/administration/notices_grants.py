"""Who hears of grants: that somebody stands in."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.models import User
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


describe_places(
    "administration",
    {
        "substitute": Place(_("代班的人"), "陈静"),
        "colleague": Place(_("代谁"), "林晓"),
        "from_at": Place(_("从什么时候起"), "2026-11-20T01:00:00+00:00"),
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
