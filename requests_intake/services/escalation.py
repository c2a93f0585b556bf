"""The deadline sweep: set-based, repeatable, and quiet after an outage.

A clock's `next_at` is the moment of its next rung. The sweep takes due clocks with SKIP LOCKED, writes one
`Escalation` row per clock and rung (unique), and publishes one event each in the same transaction; the notices are
made from the events. Where nobody swept for long, whoever would have heard meanwhile gets one summary instead.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.db import connection, transaction
from django.db.models import F

from governance.access.models import Grant, User
from governance.access.viewer import SYSTEM
from governance.outbox.services import NewEvent, publish_many
from requests_intake import events
from requests_intake.models import Clock, Escalation, EscalationStep, Pause, ServiceRequest
from requests_intake.services.clocks import rung_times
from requests_intake.services.stepping import request_lock
from requests_intake.workflow import ClockKind

log = structlog.get_logger(__name__)

BATCH = 2_000
HANDLER = "handler"
# Who hears where a rung's role is held by nobody: the next one in this line.
RISING = ("dispatcher", "community_head", "supervisor", "district_viewer", "administrator", "system_admin")
# A department that was called in and does not come is the district's matter at once (街道办事处条例 §44).
CALLED_IN_VAIN = ("district_viewer", "administrator", "system_admin")
# A clock that waited for a sweep longer than this waited in an outage.
OUTAGE = timedelta(hours=1)

_CLAIM = """
SELECT c.id, c.kind, c.level, c.warn_at, c.due_at, c.next_at, c.request_id,
       r.area_code, COALESCE(o.organisation_id, r.organisation_id),
       CASE WHEN o.id IS NULL THEN r.handler_id ELSE o.handler_id END,
       sent.made_by_id
FROM requests_intake_clock c
JOIN requests_intake_servicerequest r ON r.id = c.request_id
LEFT JOIN requests_intake_workorder o ON o.id = c.order_id
LEFT JOIN requests_intake_workorder lead
  ON c.order_id IS NULL AND lead.request_id = r.id AND lead.role = 'lead' AND lead.is_current AND lead.is_outside
LEFT JOIN LATERAL (
    SELECT made_by_id FROM requests_intake_externallink
    WHERE order_id = CASE WHEN o.is_outside THEN o.id ELSE lead.id END
    ORDER BY made_at DESC, id DESC LIMIT 1
) sent ON true
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
    # Who sent it to a party outside the portal, where one answers it.
    sent_by_id: int | None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What one sweep did."""

    clocks: int = 0
    escalations: int = 0
    summaries: int = 0


def deadline_sweep(*, at: datetime) -> SweepResult:
    """Raise every rung that is due at `at` and return what was done. Safe to run twice, and by two workers at once.

    Each batch of clocks is one transaction; what a crash leaves, the next sweep takes. Summaries are published once no
    clock is due any more, in the transaction that notes which rungs they tell of.
    """
    steps = list(EscalationStep.objects.order_by("level"))
    if not steps:
        return SweepResult()
    clocks = escalations = 0
    together: set[int] = set(_to_summarise().values_list("recipient_id", flat=True))
    while True:
        with transaction.atomic():
            due = _claim(at)
            if not due:
                break
            rows = _reach(due, steps, together, at)
            clocks += len(due)
            escalations += len(rows)
    return SweepResult(clocks, escalations, _summarise(at))


def _claim(at: datetime) -> list[DueClock]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at, BATCH])
        return [DueClock(*row) for row in cursor.fetchall()]


def _reach(
    due: Sequence[DueClock], steps: Sequence[EscalationStep], together: set[int], at: datetime
) -> list[Escalation]:
    """Write the rungs that these clocks passed, move the clocks on, publish what is not left to a summary.

    `together` are the people who get a summary; whoever missed one rung hears of all of them in it.
    """
    responsible = Responsible(at)
    reached: list[tuple[DueClock, int, int | None]] = []
    advance: list[tuple[int, int, datetime | None]] = []
    roles = {step.level: step.role for step in steps}
    for clock in due:
        rungs = rung_times(clock.warn_at, clock.due_at, steps)
        levels = [level for level, moment in rungs if level > clock.level and moment <= at]
        later = [moment for level, moment in rungs if level > clock.level and moment > at]
        advance.append((clock.id, max([clock.level, *levels]), min(later, default=None)))
        for level in levels:
            recipient = responsible.person(clock, roles[level])
            reached.append((clock, level, recipient))
            if recipient is None:
                log.warning("escalation_without_recipient", clock=clock.id, level=level)
            elif at - clock.next_at > OUTAGE:
                together.add(recipient)
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [list(column) for column in zip(*advance, strict=True)])
    rows = [
        Escalation(clock_id=clock.id, level=level, at=at, recipient_id=person, in_summary=person in together)
        for clock, level, person in reached
    ]
    Escalation.objects.bulk_create(rows, batch_size=BATCH)
    publish_many(_event(clock, level, person, at) for clock, level, person in reached if person not in together)
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


def _to_summarise() -> Any:
    return Escalation.objects.filter(in_summary=True, summary=None, recipient__isnull=False)


def _summarise(at: datetime) -> int:
    """Publish one summary a person over the rungs missed in an outage, and mark them told. Returns how many people.

    While another worker still has due clocks in hand, it is left to that worker: nobody gets two summaries.
    """
    with transaction.atomic():
        if not _to_summarise().exists() or Clock.objects.filter(next_at__lte=at).exists():
            return 0
        rows = list(
            _to_summarise()
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
            .values_list("pk", "recipient_id", "level", "clock__request_id")
        )
        sweep = uuid4()
        warned: defaultdict[int, set[int]] = defaultdict(set)
        overdue: defaultdict[int, set[int]] = defaultdict(set)
        for _pk, person, level, request_id in rows:
            (warned if level == 1 else overdue)[person].add(request_id)
        Escalation.objects.filter(pk__in=[row[0] for row in rows]).update(summary=sweep)
        people = sorted({*warned, *overdue})
        publish_many(
            NewEvent(
                event_type=events.DEADLINES_MISSED,
                subject=f"{User._meta.label_lower}:{person}",
                actor=SYSTEM,
                payload={
                    "sweep": sweep,
                    "recipient_id": person,
                    "warned": len(warned[person] - overdue[person]),
                    "overdue": len(overdue[person]),
                },
                at=at,
            )
            for person in people
        )
        return len(people)


class Responsible:
    """Who hears of a clock at each rung: one person a role, the one whose grant lies closest to the place.

    Loaded once a batch (1 SQL), so that ten thousand clocks cost no more statements than one.
    """

    def __init__(self, at: datetime) -> None:
        self._by_role: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._handlers: defaultdict[int, list[int]] = defaultdict(list)
        self._people: set[int] = set()
        live = (
            Grant.objects.live(at)
            .people()
            .order_by("starts_at", "pk")
            .values_list("user_id", "role__key", "area_code", "organisation_id")
        )
        for user_id, role, area_code, organisation_id in live:
            self._people.add(user_id)
            if organisation_id is None:
                self._by_role[role].setdefault(area_code, user_id)
            elif role == HANDLER:
                self._handlers[organisation_id].append(user_id)

    def person(self, clock: DueClock, role: str) -> int | None:
        """Return the user for this clock and rung; where nobody holds the role there, the next one up the line.

        The handler's reminder goes to whoever signed, while they still handle there; otherwise to the organisation's
        senior handler; of an order that went outside, to whoever sent it; before dispatch, to the dispatcher. None only
        where no administrator is left either.
        """
        line = RISING[RISING.index(role) :] if role in RISING else RISING
        if clock.kind == ClockKind.REPORT_IN and role != HANDLER:
            line = CALLED_IN_VAIN
        if role == HANDLER and clock.kind != ClockKind.DECIDE:  # what the office waits for is not its own to do
            handlers = self._handlers[clock.organisation_id] if clock.organisation_id is not None else []
            if clock.handler_id in handlers:
                return clock.handler_id
            if clock.sent_by_id in self._people:
                return clock.sent_by_id
            if handlers:
                return handlers[0]
        elif role not in RISING and line is not CALLED_IN_VAIN:
            line = (role, *RISING)
        return next((found for one in line if (found := self.holder(one, clock.area_code)) is not None), None)

    def holder(self, role: str, area_code: str) -> int | None:
        """Return who holds a role closest to a place."""
        holders = self._by_role[role]
        return next(
            (holders[code] for end in range(len(area_code), 5, -1) if (code := area_code[:end]) in holders), None
        )


def clocks_move(*, request: ServiceRequest, by: timedelta, at: datetime) -> int:
    """Demo only: shift the running clocks of one request `by` into the past, as if that time had gone by.

    Returns how many clocks moved; while they stand still, the day on which they go on moves instead. Never touches
    what was promised (`original_due_at`). Rungs passed by the move are due at `at`, so that each is told on its own:
    nothing was missed.
    """
    with transaction.atomic():
        locked = request_lock(request.pk)
        if locked.paused_until is not None:
            return _pause_move(locked, by)
        clocks = list(
            Clock.objects.select_for_update(of=("self",), no_key=True)
            .filter(request=locked, stopped_at__isnull=True)
            .order_by("pk")
        )
        if not clocks:
            return 0
        for clock in clocks:
            clock.started_at -= by
            clock.warn_at -= by
            clock.due_at -= by
            if clock.next_at is not None:
                clock.next_at = max(clock.next_at - by, min(at, clock.next_at))
        Clock.objects.bulk_update(clocks, ["started_at", "warn_at", "due_at", "next_at"])
        answer = next((clock.due_at for clock in clocks if clock.kind == ClockKind.ANSWER), locked.due_at)
        locked.due_at, locked.next_due_at = answer, min(clock.due_at for clock in clocks)
        locked.save(update_fields=["due_at", "next_due_at"])
        locked.orders.filter(next_due_at__isnull=False).update(due_at=answer, next_due_at=locked.next_due_at)
    return len(clocks)


def _pause_move(request: ServiceRequest, by: timedelta) -> int:
    assert request.paused_until is not None  # noqa: S101 - only what rests has a pause
    until = request.paused_until - by
    Pause.objects.filter(request=request, ended_at__isnull=True).update(until=until, started_at=F("started_at") - by)
    ServiceRequest.objects.filter(pk=request.pk).update(paused_until=until, next_due_at=until)
    return 0
