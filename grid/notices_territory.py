"""Whoever changed the territory hears what could not be taken along."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from governance.impact.registry import area_uses
from governance.notifications.groups import UPKEEP, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from grid.models import AreaChange


def _who_changed(event: Any) -> list[Recipient]:
    user_id = event.payload["user_id"]
    return [user_recipient(user_id)] if user_id is not None else []


def _left(event: Any) -> dict[str, Any]:
    labels = {use.model: use.label for use in area_uses() if use.is_counted}
    what = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            what[key] = gettext("、").join(str(labels[one]) for one in event.payload["models"])
    return {"count": event.payload["left"], "what": what}


def _links(messages: Sequence[Any]) -> list[dict[str, str]]:
    """The page of the area that ended: what still lies there is listed on it."""
    pks = [int(message.subject_ref.partition(":")[2]) for message in messages]
    maps = dict(AreaChange.objects.filter(pk__in=pks).values_list("pk", "code_map"))
    return [{"link": reverse("grid:area", args=[maps[pk][0].partition(">")[0]]) if pk in maps else "/"} for pk in pks]


describe_places(
    "grid",
    {
        "count": Place(_("几条记录"), "2"),
        "what": Place(_("是些什么"), {"zh": "岗位", "en": "Posts"}),
    },
)
register(
    NoticeKind(
        key="grid.rows_left",
        event="grid.rows_left",
        title=_("改区域以后还有记录留在原处"),
        group=UPKEEP,
        audience=_who_changed,
        context=_left,
        context_keys=("count", "what"),
        late=_links,
        subject_zh="改区域以后，还有 {count} 条记录留在停用的区域",
        body_zh="您改了区域，记录都跟着改了归属，只有 {count} 条没能改：{what}。新的区域里已经有了一条一样的"
        "（比如两个网格长），要由人来定。请打开看一看。\n\n{link}",
        subject_en="Left behind in an area that has ended: {count}",
        body_en="You changed the areas, and the records moved along. Left behind: {count} ({what}). The new area "
        "already has one that excludes a second (two captains, for instance), so somebody has to decide.\n\n{link}",
    )
)
