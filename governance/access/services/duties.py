"""Giving the three administrators' duties to different people, once and for all."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.checks import require_everywhere
from governance.access.duties import Holder, holders
from governance.access.guardians import guardians_lock, require_guardians
from governance.access.models import AccessPolicy, Grant, Role
from governance.access.permissions import DUTIES, Capability
from governance.access.reasons import checked_reason
from governance.access.services import grant_end, grant_write
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of


def duties_separate(*, keep: Mapping[int, str], reason: str, actor: Viewer, at: datetime) -> AccessPolicy:
    """Give the three duties to different people: whoever holds several keeps the one that `keep` says (by person).

    Their other grants with a duty end, and where a role held several, the built-in role of the duty that stays takes
    its place, in the same area and for the same time (not of a stand-in, which just ends). From then on nobody can be
    given two. Raises `Forbidden` unless the actor gives grants and changes roles in the whole territory, and where they
    would get more than they hold; `StaleState` when it is done already; `DomainError` without a reason, without a
    choice for somebody, or when a duty would be held by nobody in the whole territory.
    """
    require_everywhere(actor, Capability.GIVE_GRANT)
    require_everywhere(actor, Capability.EDIT_ROLES)
    why = checked_reason(reason, missing=_("请写明原因，以后查起来才清楚"))
    with constraint_errors(), transaction.atomic():
        guardians_lock()
        AccessPolicy.objects.get_or_create(pk=AccessPolicy.ROW)
        policy = AccessPolicy.objects.select_for_update(no_key=True).get(pk=AccessPolicy.ROW)
        if policy.separated_at is not None:
            raise StaleState("separated", _("已经分开了"))
        several = [holder for holder in holders(at) if len(holder.duties) > 1]
        for holder in several:
            if keep.get(holder.user.pk) not in holder.duties:
                told = _("请给 %(name)s 选留下哪一种") % {"name": holder.user.display_name}
                raise DomainError("keep_missing", told, field=f"keep-{holder.user.public_id}")
        _narrow(several, keep, why, actor, at)
        _require_held(at)
        require_guardians(at)
        policy.separated_at, policy.separated_by, policy.separated_why = at, actor.user, why
        policy.save(update_fields=["separated_at", "separated_by", "separated_why"])
        publish(events.DUTIES_SEPARATED, subject=ref_of(policy), actor=actor, payload={"count": len(several)}, at=at)
    return policy


def _narrow(several: list[Holder], keep: Mapping[int, str], reason: str, actor: Viewer, at: datetime) -> None:
    """What stays is given to all before anything ends: somebody must be able to mend rights at every moment."""
    roles = {role.key: role for role in Role.objects.select_related("group").filter(key__in=DUTIES)}
    ending = [grant for one in several for grant in _replaced(one, roles[keep[one.user.pk]], reason, actor, at)]
    for grant in ending:
        grant_end(grant=grant, actor=actor, at=at)


def _replaced(holder: Holder, role: Role, reason: str, actor: Viewer, at: datetime) -> list[Grant]:
    """Give the person the role of their one duty wherever they had it through another; return what has to end."""
    there = {_place(one) for one, _duties in holder.grants if one.role_id == role.pk and one.starts_at <= at}
    ending = []
    for grant, duties in holder.grants:
        if duties == {role.key}:
            continue
        ending.append(grant)
        if role.key not in duties or _place(grant) in there or grant.stands_in_for_id is not None:
            continue
        here = (one.role.capabilities() for one, _duties in holder.grants if _place(one) == _place(grant))
        if actor.user_id == holder.user.pk and role.capabilities() - frozenset().union(*here):
            raise Forbidden("grant_to_self", _("不能给自己授权，请由另一位管理员办理"))
        there.add(_place(grant))
        grant_write(
            user=holder.user,
            role=role,
            area_code=grant.area_code,
            organisation=grant.organisation,
            starts_at=max(at, grant.starts_at),
            ends_at=grant.ends_at,
            reason=reason,
            actor=actor,
            at=at,
        )
    return ending


def _place(grant: Grant) -> tuple[str, int | None]:
    return grant.area_code, grant.organisation_id


def _require_held(at: datetime) -> None:
    left = holders(at)
    missing = [duty for duty in DUTIES if not any(holder.is_everywhere(duty, at) for holder in left)]
    if missing:
        roles = [str(role) for role in Role.objects.filter(key__in=missing)]
        told = _("还没有人在全区担任：%(roles)s。先请合适的人担任，再分开。")
        raise DomainError("duty_unheld", told % {"roles": str(_("、")).join(roles)})
