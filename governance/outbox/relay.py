"""Carries events to their handlers: claims due deliveries, runs each in a savepoint, marks it in the same transaction.

Several relays may run at once: a claimed row is skipped by the others. A killed relay leaves its rows as they were,
together with everything its handlers had written.
"""

from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from governance.outbox.failure_text import failure_text
from governance.outbox.models import Delivery, DeliveryState, DomainEvent
from governance.outbox.nudging import relaying
from governance.outbox.subscriptions import Handler, handlers

BATCH = 500
# Handlers that take one event may lock rows that people wait for: keep these transactions short.
SINGLES = 20
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)

log = structlog.get_logger(__name__)


def drain(at: datetime | None = None) -> int:
    """Run all due deliveries, including those that the handlers cause, and return how many attempts were made.

    `at` fixes the clock; without it the clock is read for each claim.
    """
    attempts = 0
    with relaying():
        while True:
            before = attempts
            for handler in _due_handlers(at or timezone.now()):
                while claimed := _run_claim(handler, at or timezone.now()):
                    attempts += claimed
            if attempts == before:
                return attempts


def _due(at: datetime) -> Q:
    # The first attempt is due whatever clock the event carries: servers' clocks differ, and so do demonstrations'.
    return Q(state=DeliveryState.PENDING) & (Q(attempts=0) | Q(next_at__lte=at))


def _due_handlers(at: datetime) -> list[Handler]:
    known = handlers()
    keys = Delivery.objects.filter(_due(at), handler__in=known).order_by("handler").values_list("handler", flat=True)
    return [known[key] for key in keys.distinct()]


def _run_claim(handler: Handler, at: datetime) -> int:
    """Run up to one batch of a handler's due deliveries in one transaction; return how many there were."""
    with transaction.atomic():
        claimed = list(
            Delivery.objects.filter(_due(at), handler=handler.key)
            .select_related("event")
            .order_by("event_id")
            .select_for_update(skip_locked=True, of=("self",), no_key=True)[: BATCH if handler.batch else SINGLES]
        )
        if handler.batch and len(claimed) > 1 and _attempt(handler, [delivery.event for delivery in claimed]) is None:
            _mark_done(claimed, at)
            return len(claimed)
        # One by one; after a failed batch as well, so that one bad row does not hold up the others.
        done = []
        for delivery in claimed:
            error = _attempt(handler, [delivery.event])
            if error is None:
                done.append(delivery)
            else:
                _mark_failed(delivery, error, at)
        _mark_done(done, at)
        return len(claimed)


def _attempt(handler: Handler, events: list[DomainEvent]) -> Exception | None:
    """Call the handler in a savepoint; return the error that undid it, if any."""
    try:
        with transaction.atomic():
            handler.function(events if handler.batch else events[0])
            # A deferred foreign key would otherwise fail at the commit and undo the whole claim, for ever.
            connection.check_constraints()
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is kept with the delivery and tried again
        return error
    return None


def _mark_done(deliveries: list[Delivery], at: datetime) -> None:
    if deliveries:
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(
            state=DeliveryState.DONE, attempts=F("attempts") + 1, next_at=None, done_at=at, error=""
        )


def _mark_failed(delivery: Delivery, error: Exception, at: datetime) -> None:
    delivery.attempts += 1
    delivery.error = failure_text(error)
    if delivery.attempts > len(BACKOFF):
        delivery.state, delivery.next_at = DeliveryState.FAILED, None
    else:
        delivery.next_at = at + BACKOFF[delivery.attempts - 1]
    delivery.save(update_fields=["state", "attempts", "next_at", "error"])
    log.warning(
        "outbox_delivery_failed",
        delivery=delivery.pk,
        handler=delivery.handler,
        attempts=delivery.attempts,
        state=str(delivery.state),
        error=delivery.error,
    )
