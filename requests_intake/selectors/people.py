"""Who handles orders in which office."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from governance.access.models import Grant, User, UserKind
from requests_intake.models import StandIn
from requests_intake.permissions import Capability

_APP, _CODENAME = str(Capability.HANDLE_ORDER).split(".")


def _handling(at: datetime) -> Any:
    """Live grants by which somebody handles in an organisation."""
    return Grant.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        starts_at__lte=at,
        role__group__permissions__codename=_CODENAME,
        role__group__permissions__content_type__app_label=_APP,
    )


def handlers_of(organisation_ids: Iterable[int], at: datetime) -> Any:
    """Return the people who may handle orders of these organisations now, by name."""
    live = _handling(at).filter(organisation_id__in=list(organisation_ids))
    return User.objects.filter(pk__in=live.values("user_id"), is_active=True, kind=UserKind.STAFF).order_by(
        "display_name", "pk"
    )


def handlers_by_office(organisation_ids: Iterable[int], at: datetime) -> dict[int, list[User]]:
    """Return organisation -> the people who may handle its orders now, by name. 1 SQL."""
    found: dict[int, list[User]] = {}
    rows = _handling(at).filter(
        organisation_id__in=list(organisation_ids), user__is_active=True, user__kind=UserKind.STAFF
    )
    for grant in rows.select_related("user").order_by("user__display_name", "user_id"):
        people = found.setdefault(grant.organisation_id, [])
        if grant.user not in people:
            people.append(grant.user)
    return found


def is_away(at: datetime) -> Q:
    """Condition "whoever has this request is away": somebody stands in for them, or they handle there no more."""
    absent = StandIn.objects.filter(starts_at__lte=at, ends_at__gt=at).values("person_id")
    there = _handling(at).filter(user_id=OuterRef("handler_id"), user__is_active=True)
    return Q(handler__isnull=False) & (Q(handler__in=absent) | ~Q(Exists(there)))
