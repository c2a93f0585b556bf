"""Letting go of a person's data because they asked the office to (个人信息保护法 §47); by themselves: `ownership`."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from governance.access.viewer import Viewer
from governance.outbox.services import NewEvent, publish_many
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import (
    Appointment,
    AppointmentState,
    ConcernedPerson,
    Draft,
    Follow,
    RequesterContact,
    ServiceRequest,
)


def contacts_let_go(*, requests: "QuerySet[ServiceRequest]", actor: Viewer, at: datetime) -> int:
    """Delete name, telephone and e-mail of those of the requests that are over; return of how many.

    Whether the actor may is the caller's question. The matters themselves stay: offices have to keep them.
    """
    with transaction.atomic():
        over = requests.filter(closed_at__isnull=False).order_by("pk")
        locked = list(over.select_for_update(of=("self",), no_key=True))
        pks = [one.pk for one in locked]
        left = set(RequesterContact.objects.filter(request__in=pks).values_list("request_id", flat=True))
        left |= set(ConcernedPerson.objects.filter(request__in=pks).values_list("request_id", flat=True))
        RequesterContact.objects.filter(request__in=left).delete()
        ConcernedPerson.objects.filter(request__in=left).delete()
        publish_many(
            [
                NewEvent(
                    event_type=events.CONTACT_REMOVED,
                    subject=ref_of(one),
                    actor=actor,
                    at=at,
                    area_code=one.area_code,
                )
                for one in locked
                if one.pk in left
            ]
        )
    return len(left)


def appointments_let_go(*, appointments: "QuerySet[Appointment]", at: datetime) -> int:
    """Remove name, telephone and e-mail from those of the appointments that are over; return how many."""
    over = appointments.filter(forgotten_at__isnull=True, ends_at__lte=at).exclude(state=AppointmentState.BOOKED)
    return over.order_by().update(name="", phone="", phone_index="", email="", token="", forgotten_at=at)


def drafts_let_go(*, user: Any) -> int:
    """Throw away what the account has begun and not sent; return how many."""
    return Draft.objects.filter(account=user, clerk=None).delete()[0] if user is not None else 0


def follows_let_go(*, follows: "QuerySet[Follow]") -> int:
    """Delete the addresses of what somebody follows; return how many. Nothing more is sent."""
    return follows.order_by().delete()[0]
