"""Grants go along when areas are split, merged or get new codes: nobody loses what they look after, nobody gains."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from governance.access import events
from governance.access.models import Grant
from governance.access.viewer import SYSTEM
from governance.outbox.services import NewEvent, publish_many
from governance.refs import ref_of


def grants_move(*, prefixes: Sequence[str], heirs: Callable[[str], Sequence[str]], at: datetime) -> int:
    """Move grants that are not over, in areas that begin with these codes, to the areas that follow on them.

    Of a split area its people get every part; a grant in an organisation has the organisation's area. Where two grants
    of one person become the same, the one that moves ends. What is over keeps the code of its time. Returns how many.
    """
    place = Q(pk__in=[])
    for prefix in prefixes:
        place |= Q(area_code__startswith=prefix)
    with transaction.atomic():
        alive = Grant.objects.filter(place, Q(ends_at__isnull=True) | Q(ends_at__gt=at)).order_by("pk")
        grants = list(alive.select_related("role", "organisation").select_for_update(of=("self",), no_key=True))
        told = [event for grant in grants for event in _move(grant, heirs(grant.area_code), at)]
        publish_many(told)
    return len(grants)


def _move(grant: Grant, codes: Sequence[str], at: datetime) -> list[NewEvent]:
    """Move one grant and add those for the other parts; return what is to be told."""
    before = grant.area_code
    if grant.organisation is not None:
        codes = [grant.organisation.area_code]
    grant.area_code = codes[0]
    if not _saved(grant):
        grant.area_code, grant.ends_at = before, max(at, grant.starts_at)
        grant.save(update_fields=["ends_at"])
        payload = {
            "user_id": grant.user_id,
            "role": grant.role.key,
            "organisation_id": grant.organisation_id,
            "ends_at": grant.ends_at,
        }
        return [_event(events.GRANT_ENDED, grant, payload, at)]
    moved = [grant]
    for code in codes[1:]:
        other = Grant(
            user_id=grant.user_id,
            role=grant.role,
            area_code=code,
            starts_at=max(grant.starts_at, at),
            ends_at=grant.ends_at,
            granted_by_id=grant.granted_by_id,
            reason=grant.reason,
            created_at=at,
            stands_in_for_id=grant.stands_in_for_id,
            source=grant.source,
        )
        if _saved(other):
            moved.append(other)
    return [
        _event(events.GRANT_MOVED, one, {"user_id": one.user_id, "role": one.role.key, "from_code": before}, at)
        for one in moved
    ]


def _saved(grant: Grant) -> bool:
    """Whether the grant could be written beside the person's others."""
    try:
        with transaction.atomic():
            grant.save(update_fields=["area_code"] if grant.pk else None)
    except IntegrityError:
        return False
    return True


def _event(event_type: events.EventType, grant: Grant, payload: dict[str, object], at: datetime) -> NewEvent:
    return NewEvent(
        event_type=event_type, subject=ref_of(grant), actor=SYSTEM, area_code=grant.area_code, payload=payload, at=at
    )
