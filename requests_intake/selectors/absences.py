"""Who stands in for whom at a moment."""

from collections.abc import Iterable
from datetime import datetime

from requests_intake.models import StandIn


def stood_in_for(user_id: int | None, at: datetime) -> list[int]:
    """Return the people whose orders this person looks after now. 1 SQL."""
    live = StandIn.objects.filter(substitute_id=user_id or 0, starts_at__lte=at, ends_at__gt=at)
    return sorted(set(live.values_list("person_id", flat=True)))


def substitutes_of(user_ids: Iterable[int], at: datetime) -> dict[int, set[int]]:
    """Return person -> those who stand in for them now. 1 SQL."""
    found: dict[int, set[int]] = {}
    live = StandIn.objects.filter(person_id__in=set(user_ids), starts_at__lte=at, ends_at__gt=at)
    for person, substitute in live.values_list("person_id", "substitute_id"):
        found.setdefault(person, set()).add(substitute)
    return found
