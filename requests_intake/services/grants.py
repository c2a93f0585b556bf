"""Grants of one person to one request: given when an office is called in, ended with the call or the request."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import Case, F, Value, When
from guardian.ctypes import get_content_type

from governance.access.models import Grant
from governance.organisations.models import Organisation
from governance.worktime import add, calendar_current
from requests_intake.models import RequestGrant, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.clocks import turn_limit

# Django's own permission of the model: guardian wants one of the object's content type.
VIEW = "view_servicerequest"


def grants_give(*, request: ServiceRequest, organisation: Organisation, at: datetime) -> list[RequestGrant]:
    """Let everybody who handles in this organisation see the request, for as long as the limit "whistle_access"."""
    codename = Capability.HANDLE_ORDER.partition(".")[2]
    people = (
        Grant.objects.live(at)
        .filter(organisation=organisation, user__is_active=True, role__group__permissions__codename=codename)
        .values_list("user_id", flat=True)
    )
    return grants_give_to(request=request, organisation=organisation, user_ids=people, at=at)


def grants_give_to(
    *, request: ServiceRequest, organisation: Organisation, user_ids: Iterable[int], at: datetime
) -> list[RequestGrant]:
    """Let these people see the request; whoever may already may from now on as long again."""
    until = add(at, turn_limit("whistle_access"), calendar_current())
    permission = Permission.objects.get(codename=VIEW, content_type=get_content_type(ServiceRequest))
    return RequestGrant.objects.bulk_create(
        [
            RequestGrant(
                user_id=user_id,
                permission=permission,
                content_object=request,
                organisation=organisation,
                granted_at=at,
                expires_at=until,
            )
            for user_id in sorted(set(user_ids))
        ],
        update_conflicts=True,
        unique_fields=["user", "permission", "content_object"],
        update_fields=["organisation", "granted_at", "expires_at"],
    )


def grants_end_of(*, user_id: int, at: datetime) -> int:
    """End everything that one person was let see exceptionally: they have left. How many ended."""
    living = RequestGrant.objects.filter(user_id=user_id, expires_at__gt=at)
    return living.update(expires_at=Case(When(granted_at__gt=at, then=F("granted_at")), default=Value(at)))


def grants_end(*, request: ServiceRequest, at: datetime, organisation: Organisation | None = None) -> int:
    """End the living grants of a request now, with `organisation` only those of its people. How many ended."""
    living = RequestGrant.objects.filter(content_object=request, expires_at__gt=at)
    if organisation is not None:
        living = living.filter(organisation=organisation)
    return living.update(expires_at=Case(When(granted_at__gt=at, then=F("granted_at")), default=Value(at)))
