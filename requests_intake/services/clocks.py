"""Starting and stopping the clocks of a request. The sweep that reads them is in `escalation`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from time import monotonic

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.worktime import Calendar, Duration, Unit, add, at_fraction, calendar_current, postponed
from requests_intake.models import Clock, EscalationStep, PolicyClock, PolicyStage, ServiceRequest, TurnLimit, WorkOrder
from requests_intake.models.deadlines import PLAIN_UNITS
from requests_intake.workflow import ORDER_CLOCKS, ClockKind

RATING_WINDOW = Duration(7, Unit.NATURAL_DAY)
ESCALATING = (
    ClockKind.ACCEPT,
    ClockKind.DISPATCH,
    ClockKind.SIGN,
    ClockKind.CONTACT,
    ClockKind.RESULT,
    ClockKind.REPORT_IN,
    ClockKind.DECIDE,
    ClockKind.STAGE,
    ClockKind.ANSWER,
)
_CACHE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """The time limits of one policy version."""

    policy_id: int
    durations: dict[str, Duration]

    def due(self, kind: ClockKind, start: datetime, calendar: Calendar) -> datetime:
        """When a clock of this kind, started at `start`, falls due (aware UTC).

        Raises `DomainError` where the policy gives no limit for it.
        """
        if kind not in self.durations:
            raise DomainError("limit_missing", _("这个事项的时限没有配全，请管理员补上"))
        return add(start, self.durations[kind], calendar)


def limits_of(rows: Iterable[PolicyClock]) -> Limits:
    """Build the limits from the rows of one policy."""
    found = list(rows)
    durations = {row.kind: row.duration for row in found}
    durations.setdefault(ClockKind.RATE, RATING_WINDOW)
    for kind in (ClockKind.DECIDE, ClockKind.RESULT, ClockKind.REPORT_IN):
        durations.setdefault(kind, turn_limit(kind))
    # No text names a time between accepting and dispatching, and without one an accepted request could lie until the
    # answer is due. Unless a policy says otherwise the dispatcher has as long as the office has to sign. [GK]
    if ClockKind.SIGN in durations:
        durations.setdefault(ClockKind.DISPATCH, durations[ClockKind.SIGN])
    return Limits(found[0].policy_id, durations)


def turn_limit(key: str) -> Duration:
    """Return how long a turn may take; kept in the process for a minute. Raises `DomainError` where nobody said."""
    limits = _turn_limits(int(monotonic() // _CACHE_SECONDS))
    if key not in limits:
        raise DomainError("limit_missing", _("这一步的时限没有配全，请管理员补上"))
    return limits[key]


@lru_cache(maxsize=2)
def _turn_limits(bucket: int) -> dict[str, Duration]:
    return {row.key: row.duration for row in TurnLimit.objects.exclude(unit__in=PLAIN_UNITS)}


def turn_limits_forget() -> None:
    """Forget the kept limits (after an edit, and in tests)."""
    _turn_limits.cache_clear()


@lru_cache(maxsize=4)
def _steps(bucket: int) -> tuple[EscalationStep, ...]:
    return tuple(EscalationStep.objects.order_by("level"))


def ladder() -> tuple[EscalationStep, ...]:
    """Return the rungs of escalation, lowest first; kept in the process for a minute."""
    return _steps(int(monotonic() // _CACHE_SECONDS))


def ladder_clear() -> None:
    """Forget the kept rungs (after an edit, and in tests)."""
    _steps.cache_clear()


def clock_build(
    *,
    request: ServiceRequest,
    order: WorkOrder | None,
    kind: ClockKind,
    start: datetime,
    due: datetime,
    duration: Duration,
    calendar: Calendar,
    stage: PolicyStage | None = None,
) -> Clock:
    """Return an unsaved clock. The first rung lies at its share of the duration, never after the due time.

    While the request's clocks stand still, it stands still from its start.
    """
    first = ladder()[0] if ladder() else None
    share = first.share if first is not None and first.share else 0.75
    warn = min(max(at_fraction(start, duration, share, calendar), start), due)
    return Clock(
        request=request,
        order=order,
        kind=kind,
        stage=stage,
        started_at=start,
        warn_at=warn,
        due_at=due,
        original_due_at=due,
        paused_at=start if request.paused_until is not None else None,
        is_working=duration.unit.is_working,
        next_at=warn if kind in ESCALATING and first is not None and request.paused_until is None else None,
    )


def clocks_start(
    *, request: ServiceRequest, order: WorkOrder | None, kinds: Iterable[ClockKind], limits: Limits, start: datetime
) -> list[Clock]:
    """Start clocks in one statement and return them."""
    calendar = calendar_current()
    clocks = [
        clock_build(
            request=request,
            order=order if kind in ORDER_CLOCKS else None,
            kind=kind,
            start=start,
            due=limits.due(kind, start, calendar),
            duration=limits.durations[kind],
            calendar=calendar,
        )
        for kind in kinds
    ]
    return Clock.objects.bulk_create(clocks) if clocks else []


@lru_cache(maxsize=256)
def stages_of(policy_id: int) -> tuple[PolicyStage, ...]:
    """Return the stages of a policy version in their order; they never change, so this process keeps them."""
    return tuple(PolicyStage.objects.filter(policy_id=policy_id).order_by("position"))


def stages_start(*, request: ServiceRequest, start: datetime) -> None:
    """Start the clock of each stage of the version that the request was promised, those still running aside."""
    stages = stages_of(request.policy_id)
    if not stages:
        return
    calendar = calendar_current()
    clocks_stop(request=request, kinds=[ClockKind.STAGE], at=start)
    Clock.objects.bulk_create(
        clock_build(
            request=request,
            order=None,
            kind=ClockKind.STAGE,
            start=start,
            due=add(start, stage.duration, calendar),
            duration=stage.duration,
            calendar=calendar,
            stage=stage,
        )
        for stage in stages
    )


def clocks_stop(
    *, request: ServiceRequest, kinds: Iterable[ClockKind], at: datetime, order: WorkOrder | None = None
) -> None:
    """Stop the running clocks of these kinds; with `order`, of the order's own kinds only that order's."""
    wanted = list(kinds)
    if not wanted:
        return
    running = Clock.objects.filter(request=request, kind__in=wanted, stopped_at__isnull=True)
    if order is not None:
        running = running.filter(Q(order=order) | Q(order__isnull=True))
    if request.paused_until is not None:
        clocks_go_on(running, at)
    running.update(stopped_at=at, next_at=None)


def clock_run_on(*, request: ServiceRequest, kind: ClockKind, stopped_at: datetime) -> None:
    """Let the request's clock of this kind that was stopped at that moment run on, as if it had never stood still."""
    clock = Clock.objects.filter(request=request, order__isnull=True, kind=kind, stopped_at=stopped_at).last()
    if clock is not None:
        clock.stopped_at = None
        clock.next_at = next_rung(clock, ladder())
        clock.save(update_fields=["stopped_at", "next_at"])


def clocks_stand_still(request: ServiceRequest, at: datetime) -> None:
    """Pause the running clocks of a locked request: no reminder until they go on."""
    Clock.objects.filter(request=request, stopped_at__isnull=True).update(paused_at=at, next_at=None)


def clocks_go_on(clocks: QuerySet[Clock], at: datetime) -> None:
    """Let those of these clocks that stand still go on with what was left of them."""
    paused = list(clocks.filter(paused_at__isnull=False))
    if not paused:
        return
    calendar, steps = calendar_current(), ladder()
    for clock in paused:
        assert clock.paused_at is not None  # noqa: S101 - the filter says so
        clock.warn_at, clock.due_at = (
            postponed(moment, paused=clock.paused_at, resumed=at, is_working=clock.is_working, calendar=calendar)
            for moment in (clock.warn_at, clock.due_at)
        )
        clock.paused_at = None
        clock.next_at = next_rung(clock, steps)
    Clock.objects.bulk_update(paused, ["warn_at", "due_at", "paused_at", "next_at"])


def next_rung(clock: Clock, steps: Iterable[EscalationStep]) -> datetime | None:
    """Return the moment of the first rung that a running clock has not reached yet."""
    if clock.kind not in ESCALATING:
        return None
    rungs = rung_times(clock.warn_at, clock.due_at, steps)
    return min((moment for level, moment in rungs if level > clock.level), default=None)


def running_due(request: ServiceRequest, order: WorkOrder | None = None) -> dict[str, datetime]:
    """Return kind -> due time of the running clocks, the earliest of a kind; with `order`, those that concern it.

    One that stands still has nothing due before it goes on; one that was late before stays late.
    """
    running = Clock.objects.filter(request=request, stopped_at__isnull=True)
    if order is not None:
        running = running.filter(Q(order=order) | Q(order__isnull=True))
    due: dict[str, datetime] = {}
    for kind, when, paused_at in running.values_list("kind", "due_at", "paused_at"):
        until = request.paused_until
        moment = until if until is not None and paused_at is not None and when > paused_at else when
        due[kind] = min(moment, due.get(kind, moment))
    return due


def rung_times(warn_at: datetime, due_at: datetime, steps: Iterable[EscalationStep]) -> list[tuple[int, datetime]]:
    """Return (level, moment) of every rung for a clock."""
    return [
        (step.level, warn_at if step.hours_after is None else due_at + timedelta(hours=step.hours_after))
        for step in steps
    ]
