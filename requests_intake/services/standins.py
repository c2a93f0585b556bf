"""Stand-ins: a person names a colleague of the same office who looks after their orders for a while."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant, User
from governance.access.viewer import SYSTEM, Scope, Viewer, viewer_for
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import StandIn
from requests_intake.permissions import Capability


def stand_in_set(
    *,
    substitute: User | None,
    organisation_id: int,
    starts_at: datetime,
    ends_at: datetime | None,
    actor: Viewer,
    at: datetime,
) -> StandIn:
    """Name who receives the actor's orders of one office in `[starts_at, ends_at)`.

    The substitute must handle in that office already: nobody sees more than before. Raises `DomainError` on
    "substitute" or "ends_at", `Forbidden` for an office in which the actor does not handle.
    """
    scope = Scope(organisation_ids=frozenset({organisation_id}))
    if actor.user is None or organisation_id not in actor.organisations(Capability.HANDLE_ORDER):
        raise Forbidden("stand_in_office", _("您不在这个单位办理工单"))
    if substitute is None:
        raise DomainError("substitute_required", _("请选谁来代班"), field="substitute")
    if substitute.pk == actor.user_id:
        raise DomainError("stand_in_somebody_else", _("不能自己替自己代班"), field="substitute")
    if not viewer_for(substitute, at).holds(Capability.HANDLE_ORDER, scope):
        raise DomainError("substitute_elsewhere", _("这个人不在本单位办理工单，不能代班"), field="substitute")
    if ends_at is None or ends_at <= max(starts_at, at):
        raise DomainError("stand_in_ends", _("请写到哪一天为止，要晚于开始，也要晚于现在"), field="ends_at")
    with constraint_errors(), transaction.atomic():
        kept = StandIn.objects.create(
            person=actor.user,
            substitute=substitute,
            organisation_id=organisation_id,
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=at,
        )
        _publish_set(kept, actor, at)
    return kept


def stand_ins_follow(*, person_id: int, substitute_id: int, at: datetime) -> int:
    """Let whoever an administrator has put in somebody's place look after their orders there, too; return in how many
    offices that is new.

    What the person arranged themself for that time stays.
    """
    handling = {"role__group__permissions__codename": Capability.HANDLE_ORDER.partition(".")[2]}
    given = Grant.objects.standing_in(at).filter(user=substitute_id, stands_in_for__user=person_id, **handling)
    count = 0
    with transaction.atomic():
        for grant in given.filter(organisation__isnull=False).order_by("pk"):
            User.objects.select_for_update(no_key=True).only("pk").get(pk=person_id)  # one at a time for a person
            there = StandIn.objects.filter(person_id=person_id, organisation_id=grant.organisation_id)
            if there.filter(starts_at__lt=grant.ends_at, ends_at__gt=grant.starts_at).exists():
                continue
            kept = StandIn.objects.create(
                person_id=person_id,
                substitute_id=substitute_id,
                organisation_id=grant.organisation_id,
                starts_at=grant.starts_at,
                ends_at=grant.ends_at,
                created_at=at,
            )
            _publish_set(kept, SYSTEM, at)
            count += 1
    return count


def stand_ins_check(*, grant_ids: Iterable[int], at: datetime) -> int:
    """Grants have ended: whoever stood in under one and handles in that office no more looks after nothing there."""
    ended = Grant.objects.filter(pk__in=list(grant_ids), stands_in_for__isnull=False, organisation__isnull=False)
    count = 0
    with transaction.atomic():
        for grant in ended.select_related("user", "stands_in_for").order_by("pk"):
            scope = Scope(organisation_ids=frozenset({grant.organisation_id}))
            if viewer_for(grant.user, at).holds(Capability.HANDLE_ORDER, scope):
                continue
            own = StandIn.objects.select_for_update(no_key=True).filter(person_id=grant.stands_in_for.user_id)
            rows = own.filter(substitute=grant.user, organisation_id=grant.organisation_id, ends_at__gt=at)
            for row in rows.order_by("pk"):
                _end(row, actor=SYSTEM, at=at)
                count += 1
    return count


def _publish_set(kept: StandIn, actor: Viewer, at: datetime) -> None:
    payload = {
        "substitute_id": kept.substitute_id,
        "organisation_id": kept.organisation_id,
        "starts_at": kept.starts_at,
        "ends_at": kept.ends_at,
    }
    publish(events.STAND_IN_SET, subject=ref_of(kept), actor=actor, payload=payload, at=at)


def stand_ins_end_of(*, user_id: int, at: datetime) -> int:
    """End what somebody who has left arranged, and what they were to look after; return how many.

    Whoever named them hears of their orders again: nobody's are looked after by an empty chair.
    """
    with transaction.atomic():
        own = Q(person_id=user_id) | Q(substitute_id=user_id)
        found = list(StandIn.objects.select_for_update(no_key=True).filter(own, ends_at__gt=at).order_by("pk"))
        for row in found:
            _end(row, actor=SYSTEM, at=at)
    return len(found)


def _end(found: StandIn, *, actor: Viewer, at: datetime) -> None:
    publish(
        events.STAND_IN_ENDED,
        subject=ref_of(found),
        actor=actor,
        payload={"substitute_id": found.substitute_id, "organisation_id": found.organisation_id},
        at=at,
    )
    if found.starts_at >= at:
        found.delete()
    elif found.ends_at > at:
        found.ends_at = at
        found.save(update_fields=["ends_at"])


def stand_in_end(*, stand_in: StandIn, actor: Viewer, at: datetime) -> None:
    """End it now; one that has not begun is forgotten. Only by the person themself."""
    with transaction.atomic():
        found = StandIn.objects.select_for_update(no_key=True).filter(pk=stand_in.pk, person_id=actor.user_id).first()
        if found is None:
            raise Forbidden("stand_in_not_own", _("只能取消自己安排的代班"))
        _end(found, actor=actor, at=at)
