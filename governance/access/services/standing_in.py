"""Standing in: for some time a colleague gets what somebody holds, as grants of their own that say in whose place."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.duties import require_apart
from governance.access.models import Grant, GrantLife, User, UserKind
from governance.access.reasons import checked_reason
from governance.access.services import grant_end, grant_write, require_over
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of


def stand_in_give(
    *,
    person: User,
    substitute: User,
    grants: Collection[int],
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    submission_key: UUID | None = None,
    source: str = "",
) -> list[Grant]:
    """Give `substitute` these grants of `person` (by primary key) from `starts_at` until `ends_at`; return them.

    `source` is what the grants follow from: whoever decides over that has asked who may. Each ends at the latest with
    the grant that it stands for. Raises `Forbidden` for the actor as substitute and unless the actor gives grants
    wherever one of them lies; `DomainError` with the field for no grants, one that is itself a stand-in's or not in
    force in that time, a closed account, a period in the wrong order, no reason, and where the substitute would get a
    second of three separated duties.
    """
    why = checked_reason(reason, missing=_("请写明为什么要人代班，以后查起来才清楚"))
    _check_people(person, substitute, actor)
    if ends_at is None or ends_at <= max(starts_at, at):
        raise DomainError("stand_in_ends", _("请写到什么时候止，要晚于开始，也要晚于现在"), field="ends_at")
    with constraint_errors(), transaction.atomic():
        chosen = Grant.objects.filter(pk__in=list(grants), user=person)
        for one in chosen.select_related("role__group").order_by("pk"):
            require_apart(user=substitute, role=one.role, at=at)  # its lock comes before those of rows, everywhere
        # a leaver's row is locked while they leave: whoever stands in is not given what is just ending
        people = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[person.pk, substitute.pk])
        if not all(one.is_active for one in people.order_by("pk")):
            raise DomainError("user_inactive", _("这个人的账号已经停用"), field="user")
        locked = chosen.select_for_update(of=("self",), no_key=True).select_related("role", "organisation")
        own = list(locked.order_by("pk"))
        if not own or len(own) != len(set(grants)):
            raise DomainError("grants_required", _("请选至少一项这位同事自己的授权"), field="grants")
        given: list[Grant] = []
        for one in own:
            require_over(one, actor, source)
            _check_grant(one, starts_at, ends_at, at)
            row = grant_write(
                user=substitute,
                role=one.role,
                area_code=one.area_code,
                organisation=one.organisation,
                starts_at=max(starts_at, one.starts_at),
                ends_at=min(ends_at, one.ends_at or ends_at),
                reason=why,
                actor=actor,
                at=at,
                submission_key=submission_key if not given else None,
                stands_in_for=one,
                source=one.source,
            )
            given.append(row)
        publish(
            events.STAND_IN_GIVEN,
            subject=ref_of(substitute),
            actor=actor,
            area_code=given[0].area_code,
            payload={"person_id": person.pk, "starts_at": starts_at, "ends_at": ends_at, "grants": len(given)},
            at=at,
        )
    return given


def stand_in_stop(*, person: User, substitute: User, actor: Viewer, at: datetime) -> int:
    """End at once what a colleague holds in somebody's place; return how many grants. Raises as `grant_end` does."""
    with transaction.atomic():
        held = Grant.objects.standing_in(at).filter(user=substitute, stands_in_for__user=person)
        ending = list(held.order_by("pk"))
        for one in ending:
            grant_end(grant=one, actor=actor, at=at)
    return len(ending)


def _check_people(person: User, substitute: User, actor: Viewer) -> None:
    if actor.user_id == substitute.pk:
        raise Forbidden("grant_to_self", _("不能给自己授权，请由另一位管理员办理"), field="user")
    if person.pk == substitute.pk:
        raise DomainError("stand_in_somebody_else", _("不能自己替自己代班"), field="user")
    if {person.kind, substitute.kind} != {UserKind.STAFF}:
        raise DomainError("user_not_staff", _("代班的两位都要是工作人员"), field="user")


def _check_grant(grant: Grant, starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    named = {"role": grant.role}
    if grant.stands_in_for_id is not None:
        told = _("“%(role)s”是代别人的，不能再请人代") % named
        raise DomainError("stand_in_twice", told, field="grants")
    over = grant.ends_at is not None and grant.ends_at <= max(starts_at, at)
    if grant.life(at) is GrantLife.ENDED or over or grant.starts_at >= ends_at:
        told = _("“%(role)s”这段时间不在生效") % named
        raise DomainError("stand_in_not_live", told, field="grants")
    if grant.role.retired_at is not None:
        raise DomainError("role_retired", _("这个角色已经停用"), field="grants")
    if grant.organisation is not None and not grant.organisation.is_active:
        raise DomainError("organisation_inactive", _("这个单位已经停用"), field="grants")
