"""The deadline sweep: set-based, repeatable, and quiet after an outage.

A clock's `next_at` is the moment of its next rung. The sweep takes due clocks with SKIP LOCKED, writes one
`Escalation` row per clock and rung (unique), and publishes one event each in the same transaction; the notices are
made from the events. Where nobody swept for long, the rungs passed meanwhile are told in one summary a person.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from governance.access.models import Grant, User
from governance.access.viewer import SYSTEM
from governance.outbox.services import NewEvent, publish_many
from requests_intake import events
from requests_intake.models import Clock, Escalation, EscalationStep, ServiceRequest
from requests_intake.services.clocks import rung_times

BATCH = 2_000
# A rung passed longer ago than this was passed while nobody swept: it goes into the summary.
OUTAGE = timedelta(hours=1)

_CLAIM = """
SELECT c.id, c.kind, c.level, c.warn_at, c.due_at, c.next_at, c.request_id,
       r.area_code, r.organisation_id, COALESCE(o.handler_id, r.handler_id)
FROM requests_intake_clock c
JOIN requests_intake_servicerequest r ON r.id = c.request_id
LEFT JOIN requests_intake_workorder o ON o.id = c.order_id
WHERE c.next_at <= %s
ORDER BY c.next_at, c.id
LIMIT %s
FOR NO KEY UPDATE OF c SKIP LOCKED
"""

_ADVANCE = """
UPDATE requests_intake_clock c SET level = n.level, next_at = n.next_at
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS n (id, level, next_at)
WHERE c.id = n.id
"""


@dataclass(frozen=True, slots=True)
class DueClock:
    """A claimed clock with what decides who hears of it."""

    id: int
    kind: str
    level: int
    warn_at: datetime
    due_at: datetime
    next_at: datetime
    request_id: int
    area_code: str
    organisation_id: int | None
    handler_id: int | None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What one sweep did."""

    clocks: int = 0
    escalations: int = 0
    summaries: int = 0


def deadline_sweep(*, at: datetime) -> SweepResult:
    """Raise every rung that is due at `at` and return what was done. Safe to run twice, and by two workers at once.

    Summaries are published at the end, in the transaction that notes which rungs they tell of, so a crash in the
    middle leaves the rest to the next sweep.
    """
    steps = list(EscalationStep.objects.order_by("level"))
    if not steps:
        return SweepResult()
    clocks = escalations = 0
    while True:
        with transaction.atomic():
            due = _claim(at)
            if not due:
                break
            rows = _reach(due, steps, at)
            clocks += len(due)
            escalations += len(rows)
    return SweepResult(clocks, escalations, _summarise(at))


def _claim(at: datetime) -> list[DueClock]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at, BATCH])
        return [DueClock(*row) for row in cursor.fetchall()]


def _reach(due: Sequence[DueClock], steps: Sequence[EscalationStep], at: datetime) -> list[Escalation]:
    """Write the rungs that these clocks passed, move the clocks on, publish the fresh ones."""
    responsible = Responsible(at)
    rows: list[Escalation] = []
    fresh: list[NewEvent] = []
    advance: list[tuple[int, int, datetime | None]] = []
    for clock in due:
        rungs = rung_times(clock.warn_at, clock.due_at, steps)
        reached = [(level, moment) for level, moment in rungs if level > clock.level and moment <= at]
        later = [moment for _, moment in rungs if moment > at]
        advance.append((clock.id, max([clock.level, *(level for level, _ in reached)]), min(later, default=None)))
        for level, moment in reached:
            missed = at - moment > OUTAGE
            recipient = responsible.person(clock, steps[level - 1].role)
            rows.append(Escalation(clock_id=clock.id, level=level, at=at, recipient_id=recipient, in_summary=missed))
            if not missed:
                fresh.append(_event(clock, level, recipient, at))
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [list(column) for column in zip(*advance, strict=True)])
    Escalation.objects.bulk_create(rows, batch_size=BATCH)
    publish_many(fresh)
    return rows


def _event(clock: DueClock, level: int, recipient: int | None, at: datetime) -> NewEvent:
    return NewEvent(
        event_type=events.DEADLINE_REACHED,
        subject=f"{ServiceRequest._meta.label_lower}:{clock.request_id}",
        actor=SYSTEM,
        area_code=clock.area_code,
        payload={
            "clock_id": clock.id,
            "clock": clock.kind,
            "level": level,
            "recipient_id": recipient,
            "due_at": clock.due_at,
        },
        at=at,
    )


def _summarise(at: datetime) -> int:
    """Publish one summary a person over the rungs missed in an outage, and mark them told. Returns how many."""
    with transaction.atomic():
        rows = list(
            Escalation.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .filter(in_summary=True, summary=None, recipient__isnull=False)
            .order_by("pk")
        )
        if not rows:
            return 0
        sweep = uuid4()
        counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for row in rows:
            counts[row.recipient_id]["warned" if row.level == 1 else "overdue"] += 1
        Escalation.objects.filter(pk__in=[row.pk for row in rows]).update(summary=sweep)
        publish_many(
            NewEvent(
                event_type=events.DEADLINES_MISSED,
                subject=f"{User._meta.label_lower}:{user_id}",
                actor=SYSTEM,
                payload={
                    "sweep": sweep,
                    "recipient_id": user_id,
                    "warned": count["warned"],
                    "overdue": count["overdue"],
                },
                at=at,
            )
            for user_id, count in sorted(counts.items())
        )
        return len(counts)


class Responsible:
    """Who hears of a clock at each rung: one person a role, the one whose grant lies closest to the place.

    Loaded once a batch (1 SQL), so that ten thousand clocks cost no more statements than one.
    """

    def __init__(self, at: datetime) -> None:
        self._by_role: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._by_organisation: dict[int, int] = {}
        live = (
            Grant.objects.live(at)
            .filter(user__is_active=True)
            .order_by("-starts_at", "-pk")
            .values_list("user_id", "role__key", "area_code", "organisation_id")
        )
        for user_id, role, area_code, organisation_id in live:
            if organisation_id is not None:
                if role == "handler":
                    self._by_organisation[organisation_id] = user_id
            else:
                self._by_role[role][area_code] = user_id

    def person(self, clock: DueClock, role: str) -> int | None:
        """Return the user for this clock and rung, or None where nobody holds the role there.

        Before anybody signed, the handler's reminder goes to the organisation's senior handler; before dispatch, to
        the dispatcher.
        """
        if role == "handler":
            if clock.handler_id is not None:
                return clock.handler_id
            if clock.organisation_id is not None:
                return self._by_organisation.get(clock.organisation_id)
            role = "dispatcher"
        holders: dict[str, Any] = self._by_role[role]
        for end in range(len(clock.area_code), 5, -1):
            found = holders.get(clock.area_code[:end])
            if found is not None:
                return int(found)
        return None


def clocks_move(*, request: ServiceRequest, by: timedelta, at: datetime) -> int:
    """Demo only: shift the running clocks of one request `by` into the past, as if that time had gone by.

    Returns how many clocks moved. Never touches what was promised (`original_due_at` of the request).
    """
    with transaction.atomic():
        locked = ServiceRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
        clocks = list(Clock.objects.select_for_update(no_key=True).filter(request=locked, stopped_at__isnull=True))
        for clock in clocks:
            clock.started_at -= by
            clock.warn_at -= by
            clock.due_at -= by
            if clock.next_at is not None:
                clock.next_at -= by
        Clock.objects.bulk_update(clocks, ["started_at", "warn_at", "due_at", "next_at"])
        if clocks:
            locked.next_due_at = min(clock.due_at for clock in clocks)
            locked.due_at -= by
            locked.save(update_fields=["next_due_at", "due_at"])
            for order in locked.orders.filter(next_due_at__isnull=False):
                order.next_due_at, order.due_at = locked.next_due_at, order.due_at - by
                order.save(update_fields=["next_due_at", "due_at"])
    return len(clocks)
