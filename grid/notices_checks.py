"""Who hears that something has to be looked at on site."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant, User
from governance.notifications.groups import STAFF, NoticeGroup
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from grid.models import Area, Check
from grid.permissions import Capability

CHECKS = NoticeGroup("grid.checks", _("现场核实"), _("离得最近、能去现场看的人"), STAFF)


def _check(event: Any) -> Check | None:
    return Check.objects.filter(pk=int(event.subject_ref.partition(":")[2])).first()


def _who_may_go(event: Any) -> list[Recipient]:
    """The holders of the smallest area that covers it among whom one is not kept away; not whoever asked. 3 SQL."""
    check = _check(event)
    if check is None:
        return []
    covering = [check.area_code[:end] for end in range(len(check.area_code), 5, -1)]
    grants = Grant.objects.live(event.at).people().filter(organisation=None, area_code__in=covering)
    holds = {"role__group__permissions__codename": Capability.CHECK_ON_SITE.partition(".")[2]}
    kept_away = {check.asked_by_id, *check.excluded_user_ids}
    members = User.objects.filter(organisation__in=check.excluded_organisation_ids)
    rows = grants.filter(**holds).exclude(user__in=members).order_by("user_id").values_list("area_code", "user_id")
    near: dict[str, list[int]] = {}
    for area_code, user_id in rows:
        if user_id not in kept_away:
            near.setdefault(area_code, []).append(user_id)
    people = next((near[code] for code in covering if code in near), [])
    return [user_recipient(pk) for pk in dict.fromkeys(people)]


def _facts(event: Any) -> Mapping[str, Any]:
    check = _check(event)
    code = check.area_code if check is not None else ""
    rows = {row.code: row for row in Area.objects.filter(code__in=[code[:12], code]).only("code", "name", "name_en")}
    found = [rows[part] for part in dict.fromkeys((code[:12], code)) if part in rows]
    return {
        "place": {"zh": "".join(row.name for row in found), "en": ", ".join(row.name_en or row.name for row in found)},
        "due_at": check.due_at.isoformat() if check is not None else None,
    }


register(
    NoticeKind(
        key="grid.check_asked",
        event="grid.check_asked",
        title=_("请您到现场看一看"),
        group=CHECKS,
        audience=_who_may_go,
        context=_facts,
        context_keys=("place", "due_at"),
        subject_zh="{place}有一件事，请到现场看一看",
        body_zh="{place}有一件事要到现场核实，请在 {due_at} 以前去看。谁方便谁去，看过记一下就行。\n\n{link}",
        subject_en="{place}: please go and have a look",
        body_en="Something in {place} has to be checked on site by {due_at}. Whoever can goes; note what you saw and "
        "it is done.\n\n{link}",
    )
)
