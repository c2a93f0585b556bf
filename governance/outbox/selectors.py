"""Reads of the trail and of its deliveries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Model, Q, QuerySet

from governance.outbox.models import Delivery, DeliveryState, DomainEvent
from governance.refs import ref_of


@dataclass(frozen=True)
class Backlog:
    """How many deliveries wait and how many were given up; `oldest_at` is the due time of the longest waiting."""

    pending: int
    failed: int
    oldest_at: datetime | None


def backlog() -> Backlog:
    """Count the deliveries that are not done. 1 SQL on partial indexes."""
    open_states = (DeliveryState.PENDING, DeliveryState.FAILED)
    figures = Delivery.objects.filter(state__in=open_states).aggregate(
        pending=Count("pk", filter=Q(state=DeliveryState.PENDING)),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        oldest_at=Min("next_at"),
    )
    return Backlog(**figures)


def failed_deliveries() -> QuerySet[Delivery]:
    """Return the deliveries that were given up, with their events, newest event first. Slice before showing."""
    return Delivery.objects.filter(state=DeliveryState.FAILED).select_related("event").order_by("-event_id")


def events_about(subject: Model | str) -> QuerySet[DomainEvent]:
    """Return the events whose subject this is (an object or its reference), oldest first."""
    ref = subject if isinstance(subject, str) else ref_of(subject)
    return DomainEvent.objects.filter(subject_ref=ref).order_by("pk")
