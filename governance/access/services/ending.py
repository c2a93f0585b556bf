"""Grants that end soon: lengthening one, reminding in time, and how many days before that is."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.checks import require_everywhere
from governance.access.guardians import guardians_until
from governance.access.models import Grant, GrantExtension, GrantLife, ReminderPolicy
from governance.access.permissions import Capability
from governance.access.reasons import checked_reason
from governance.access.selectors import may_give_where
from governance.access.services import require_over
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import NewEvent, publish, publish_many
from governance.refs import ref_of


def grant_extend(
    *, grant: Grant, ends_at: datetime | None, reason: str, actor: Viewer, at: datetime, source: str = ""
) -> Grant:
    """Let a grant end later, or never (None); what was, by whom and why is kept.

    `source` is what the grant follows from: whoever decides over that has asked who may.
    Raises `Forbidden` for one's own and out of reach, `StaleState` for one that has ended, `DomainError` with the field
    for an end that is not later, one beyond the grant that a stand-in's stands for, a closed account or organisation, a
    retired role, no reason.
    """
    why = checked_reason(reason, missing=_("请写明为什么延期，以后查起来才清楚"))
    with constraint_errors(), transaction.atomic():
        locked = Grant.objects.select_for_update(of=("self",), no_key=True)
        one = locked.select_related("user", "role", "organisation", "stands_in_for").get(pk=grant.pk)
        require_over(one, actor, source)
        if one.user_id == actor.user_id:
            raise Forbidden("grant_to_self", _("不能给自己延期，请由另一位管理员办理"))
        if one.life(at) is GrantLife.ENDED:
            raise StaleState("grant_ended", _("这项授权已经结束了，要的话请重新给"))
        if one.ends_at is None or (ends_at is not None and ends_at <= one.ends_at):
            raise DomainError("not_later", _("延期要晚于现在的结束时间"), field="ends_at")
        _check_alive(one, ends_at)
        before, one.ends_at = one.ends_at, ends_at
        one.save(update_fields=["ends_at"])
        GrantExtension.objects.create(grant=one, before=before, after=ends_at, reason=why, by=actor.user, at=at)
        publish(
            events.GRANT_EXTENDED,
            subject=ref_of(one),
            actor=actor,
            area_code=one.area_code,
            payload={"user_id": one.user_id, "role": one.role.key, "ends_at": ends_at},
            at=at,
        )
    return one


def _check_alive(grant: Grant, ends_at: datetime | None) -> None:
    own = grant.stands_in_for
    if own is not None and (ends_at is None or (own.ends_at is not None and ends_at > own.ends_at)):
        raise DomainError("beyond_own", _("代班要有结束时间，不能晚于同事自己的授权"), field="ends_at")
    if not grant.user.is_active:
        raise DomainError("user_inactive", _("这个人的账号已经停用"))
    if grant.role.retired_at is not None:
        raise DomainError("role_retired", _("这个角色已经停用"))
    if grant.organisation is not None and not grant.organisation.is_active:
        raise DomainError("organisation_inactive", _("这个单位已经停用"))


# One statement finds what is due and remembers that it was told: the smallest stage that a grant has reached and that
# lies in its own time (who was given ten days need not hear at once that they end within fourteen).
_DUE = """
INSERT INTO access_grantreminder (grant_id, ends_at, days, at)
SELECT g.id, g.ends_at, min(stage.days), %(at)s
FROM access_grant g
JOIN access_user u ON u.id = g.user_id AND u.is_active AND u.kind = 'staff'
JOIN unnest(%(days)s::int[]) AS stage (days)
  ON g.ends_at <= %(at)s::timestamptz + make_interval(days => stage.days)
 AND g.ends_at - make_interval(days => stage.days) >= g.starts_at
WHERE g.starts_at <= %(at)s AND g.ends_at > %(at)s
  AND g.ends_at <= %(at)s::timestamptz + make_interval(days => %(most)s)
GROUP BY g.id, g.ends_at
ON CONFLICT DO NOTHING
RETURNING grant_id
"""


def reminders_send(*, at: datetime) -> int:
    """Tell everybody whose grant ends within the days of the policy, and whoever may lengthen it; return how many.

    Each grant, end and stage once, however often it runs: 6 SQL for any number.
    """
    days = reminder_days()
    if not days:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, {"at": at, "days": days, "most": max(days)})
            found = [pk for (pk,) in cursor.fetchall()]
        grants = list(Grant.objects.filter(pk__in=found).select_related("role").order_by("ends_at", "pk"))
        publish_many([_ending(one, at) for one in grants] + _to_extend(grants, at) + _guardians(grants, at))
    return len(grants)


def reminder_days() -> list[int]:
    """How many days before the end people are reminded, the longest first. 1 SQL."""
    row = ReminderPolicy.objects.filter(pk=ReminderPolicy.ROW).first() or ReminderPolicy()
    return sorted(row.days, reverse=True)


def reminder_policy_change(
    *, days: Sequence[int], reason: str, seen: datetime | None, actor: Viewer, at: datetime
) -> ReminderPolicy:
    """Say how many days before people are reminded; `seen` is the row's `changed_at` as the person saw it.

    Raises `Forbidden` to whoever does not give grants in the whole territory, `StaleState` when somebody changed it
    meanwhile, `DomainError` with the field for no days, too many, or out of bounds, and without a reason.
    """
    require_everywhere(actor, Capability.GIVE_GRANT)
    most = {"stages": ReminderPolicy.STAGES_MOST, "days": ReminderPolicy.DAYS_MOST}
    wanted = sorted(set(days), reverse=True)
    few = 1 <= len(wanted) <= ReminderPolicy.STAGES_MOST
    if not few or wanted[-1] < 1 or wanted[0] > ReminderPolicy.DAYS_MOST:
        raise DomainError("days_range", _("请写 1 到 %(stages)s 个天数，每个 1 到 %(days)s 天") % most, field="days")
    why = checked_reason(reason)
    with transaction.atomic():
        ReminderPolicy.objects.get_or_create(pk=ReminderPolicy.ROW)
        policy = ReminderPolicy.objects.select_for_update(no_key=True).get(pk=ReminderPolicy.ROW)
        if policy.changed_at != seen:
            raise StaleState("policy_changed_meanwhile", _("刚才别人改过，请看清现在的样子再改"))
        policy.days, policy.changed_at, policy.changed_by, policy.why = wanted, at, actor.user, why
        policy.save()
        publish(events.REMINDERS_CHANGED, subject=ref_of(policy), actor=actor, payload={"days": wanted}, at=at)
    return policy


def _ending(grant: Grant, at: datetime) -> NewEvent:
    payload = {"user_id": grant.user_id, "role": grant.role.key, "ends_at": grant.ends_at}
    return NewEvent(
        event_type=events.GRANT_ENDING,
        subject=ref_of(grant),
        actor=SYSTEM,
        area_code=grant.area_code,
        payload=payload,
        at=at,
    )


def _to_extend(grants: Sequence[Grant], at: datetime) -> list[NewEvent]:
    """One event for each person who may lengthen some of them, with how many: never a letter a grant. 1 SQL.

    Their own are left to others, and what stands in for somebody is meant to end.
    """
    places: dict[int, tuple[str, ...]] = {}
    for user, prefix in may_give_where(at):
        places[user] = (*places.get(user, ()), prefix)
    others = [grant for grant in grants if grant.stands_in_for_id is None]
    counts = {
        user: sum(grant.user_id != user and grant.area_code.startswith(prefixes) for grant in others)
        for user, prefixes in places.items()
    }
    return [
        NewEvent(
            event_type=events.GRANTS_ENDING,
            subject=f"access.user:{user}",
            actor=SYSTEM,
            payload={"count": count, "ends_at": grants[0].ends_at},
            at=at,
        )
        for user, count in sorted(counts.items())
        if count
    ]


def _guardians(grants: Sequence[Grant], at: datetime) -> list[NewEvent]:
    """Where the last who give grants or change roles are among them, all administrators hear of it. At most 2 SQL."""
    until = guardians_until(at) if grants else None
    if until is None or not any(grant.ends_at == until for grant in grants):
        return []
    policy = f"{ReminderPolicy._meta.label_lower}:{ReminderPolicy.ROW}"
    payload = {"ends_at": until}
    return [NewEvent(event_type=events.GUARDIANS_ENDING, subject=policy, actor=SYSTEM, payload=payload, at=at)]
