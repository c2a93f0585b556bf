"""The only writers of the trail: publish events, and give a failed delivery another chance."""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from governance.errors import StaleState
from governance.outbox.events import DELIVERY_RETRIED, EventType, PayloadError, checked_payload
from governance.outbox.models import Delivery, DeliveryState, DomainEvent
from governance.outbox.nudging import nudge_after_commit
from governance.outbox.subscriptions import handler_keys
from governance.refs import ref_of

CHUNK = 10_000
PURGE_CHUNK = 5_000
_REF = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+:[A-Za-z0-9-]{1,40}")
_AREA = re.compile(r"[0-9A-Z]{0,17}")


class NotInTransaction(RuntimeError):
    """An event was published outside a transaction: it could then tell of something that never happened."""


class Actor(Protocol):
    """Whoever acts; `governance.access.Viewer` is one."""

    @property
    def user_id(self) -> int | None:
        """Primary key of the person, None when nobody is signed in."""

    @property
    def kind(self) -> str:
        """One of `ActorKind`."""


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """One event for `publish_many`; the fields mean what the arguments of `publish` mean."""

    event_type: EventType
    subject: models.Model | str
    actor: Actor
    at: datetime
    area_code: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


def publish(
    event_type: EventType,
    *,
    subject: models.Model | str,
    actor: Actor,
    at: datetime,
    area_code: str = "",
    payload: Mapping[str, Any] | None = None,
) -> DomainEvent:
    """Append an event to the trail and one delivery per subscribed handler, in the caller's transaction. 1 SQL.

    `subject` is the object spoken of or its reference, `area_code` where it lies. The payload has exactly the declared
    keys and holds ids, codes, times and booleans. Raises `NotInTransaction` outside a transaction and `PayloadError`
    for anything that could be personal data; both are faults of the program.
    """
    new = NewEvent(
        event_type=event_type, subject=subject, actor=actor, at=at, area_code=area_code, payload=payload or {}
    )
    return publish_many([new])[0]


def publish_many(new_events: Iterable[NewEvent]) -> list[DomainEvent]:
    """Append many events, in their order: 1 SQL per 10,000. Raises as `publish` does, and writes nothing then."""
    if not connection.in_atomic_block:
        raise NotInTransaction("publish() belongs inside the transaction.atomic() of the change it speaks of.")
    events = [_event(new).stamp() for new in new_events]
    for start in range(0, len(events), CHUNK):
        _append(events[start : start + CHUNK])
    return events


def deliveries_retry(*, delivery_ids: Iterable[int], actor: Actor, at: datetime) -> int:
    """Make those of these that are failed due again; returns how many. Whether the actor may is the caller's question.

    Each is a step of its own: one that somebody else has retried meanwhile is passed over.
    """
    count = 0
    for delivery in Delivery.objects.filter(pk__in=list(delivery_ids)).order_by("pk"):
        with suppress(StaleState):
            delivery_retry(delivery=delivery, actor=actor, at=at)
            count += 1
    return count


def delivery_retry(*, delivery: Delivery, actor: Actor, at: datetime) -> Delivery:
    """Make a failed delivery due again, with all its attempts. Whether the actor may is the caller's question.

    Raises `StaleState` when it is not failed any more.
    """
    with transaction.atomic():
        locked = (
            Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("event").get(pk=delivery.pk)
        )
        if locked.state != DeliveryState.FAILED:
            raise StaleState("delivery_not_failed", _("这条投递已经不是失败状态，不用重试"))
        locked.state, locked.attempts, locked.next_at = DeliveryState.PENDING, 0, at
        locked.save(update_fields=["state", "attempts", "next_at"])
        publish(
            DELIVERY_RETRIED,
            subject=locked,
            actor=actor,
            at=at,
            area_code=locked.event.area_code,
            payload={"event_uuid": locked.event.uuid},
        )
        nudge_after_commit()
    return locked


def deliveries_drop(*, event_ids: Iterable[int], handler: str, at: datetime) -> None:
    """Let one handler never hear of these events, which have been taken back, unless it has heard of them already.

    Waits for a relay that is at it just now; what that handler wrote is there to be seen afterwards. 2 SQL.
    """
    with transaction.atomic():
        mine = Delivery.objects.filter(event_id__in=list(event_ids), handler=handler).exclude(state=DeliveryState.DONE)
        waiting = list(
            mine.order_by("event_id").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
        )
        Delivery.objects.filter(pk__in=waiting).update(state=DeliveryState.DONE, next_at=None, done_at=at)


# One window of keys a time: old deliveries have small keys, so a purge ends soon after it has met young ones.
_PURGE = """
WITH looked AS (
    SELECT id, state = 'done' AND done_at >= %(before)s::timestamptz AS is_young
    FROM outbox_delivery WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), gone AS (
    DELETE FROM outbox_delivery USING looked
    WHERE outbox_delivery.id = looked.id AND outbox_delivery.state = 'done'
        AND outbox_delivery.done_at < %(before)s::timestamptz
    RETURNING 1
)
SELECT max(id), bool_or(is_young), (SELECT count(*) FROM gone) FROM looked
"""


def deliveries_purge(*, at: datetime, keep: timedelta) -> int:
    """Delete the deliveries that were done longer ago than `keep`; returns how many. Each 5,000 in a transaction.

    The events stay: they are the trail, sealed and never purged. Pending and failed deliveries stay, however old.
    """
    total, after = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PURGE, {"before": str(at - keep), "after": after, "limit": PURGE_CHUNK})
            last, met_young, gone = cursor.fetchone()
        total += gone
        if last is None or (met_young and not gone):
            return total
        after = last


def _event(new: NewEvent) -> DomainEvent:
    subject_ref = new.subject if isinstance(new.subject, str) else ref_of(new.subject)
    if not _REF.fullmatch(subject_ref):
        raise PayloadError(f"{new.event_type.name}: the subject is not a reference of the form app.model:pk.")
    if not _AREA.fullmatch(new.area_code):
        raise PayloadError(f"{new.event_type.name}: the area code is not one of up to 17 digits or capitals.")
    if new.at.tzinfo is None:
        raise PayloadError(f"{new.event_type.name}: the time has no zone.")
    return DomainEvent(
        name=new.event_type.name,
        at=new.at,
        actor_id=new.actor.user_id,
        actor_kind=new.actor.kind,
        subject_ref=subject_ref,
        area_code=new.area_code,
        payload=checked_payload(new.event_type, new.payload),
    )


# One statement for any number of events: the trail and the deliveries of a deadline sweep are written set-wise.
_APPEND = """
WITH appended AS (
    INSERT INTO outbox_domainevent
        (uuid, name, at, actor_id, actor_kind, subject_ref, area_code, payload, digest)
    SELECT * FROM unnest(
        %s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[], %s::text[], %s::text[],
        %s::jsonb[], %s::text[]
    )
    RETURNING id, uuid, txid, name, at
), delivered AS (
    INSERT INTO outbox_delivery (event_id, handler, state, attempts, next_at, error)
    SELECT appended.id, subscribed.handler, 'pending', 0, appended.at, ''
    FROM appended JOIN unnest(%s::text[], %s::text[]) AS subscribed (name, handler) USING (name)
)
SELECT id, uuid, txid FROM appended
"""


def _append(events: list[DomainEvent]) -> None:
    """Write events and the deliveries to those who subscribed, and set the ids on the events."""
    columns = zip(
        *(
            (
                event.uuid,
                event.name,
                event.at,
                event.actor_id,
                event.actor_kind,
                event.subject_ref,
                event.area_code,
                json.dumps(event.payload),
                event.digest,
            )
            for event in events
        ),
        strict=True,
    )
    names = sorted({event.name for event in events})
    subscriptions = [(name, key) for name in names for key in handler_keys(name)]
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                *(list(column) for column in columns),
                [name for name, _ in subscriptions],
                [key for _, key in subscriptions],
            ],
        )
        ids = {uuid: (pk, txid) for pk, uuid, txid in cursor.fetchall()}
    for event in events:
        event.pk, event.txid = ids[event.uuid]
        event._state.adding, event._state.db = False, connection.alias
    if subscriptions:
        nudge_after_commit()
