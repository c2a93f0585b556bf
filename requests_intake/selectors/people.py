"""Who handles orders in which office."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from governance.access.models import Grant, User, UserKind
from requests_intake.permissions import Capability

_APP, _CODENAME = str(Capability.HANDLE_ORDER).split(".")


def handlers_of(organisation_ids: Iterable[int], at: datetime) -> Any:
    """Return the people who may handle orders of these organisations now, by name."""
    live = Grant.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        organisation_id__in=list(organisation_ids),
        starts_at__lte=at,
        role__group__permissions__codename=_CODENAME,
        role__group__permissions__content_type__app_label=_APP,
    )
    return User.objects.filter(pk__in=live.values("user_id"), is_active=True, kind=UserKind.STAFF).order_by(
        "display_name", "pk"
    )
