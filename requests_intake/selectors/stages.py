"""The stages before the answer that a request was promised: which are open, when each is due, which are reached."""

from dataclasses import dataclass
from datetime import datetime

from requests_intake.models import Clock, LedgerMilestone, PolicyStage, Reply, ServiceRequest
from requests_intake.services.clocks import stages_of
from requests_intake.workflow import ClockKind


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage as the resident reads it. `reached_at` is None until the office said so."""

    label: str
    due_at: datetime
    reached_at: datetime | None
    is_paused: bool


def stages_open(request: ServiceRequest) -> list[PolicyStage]:
    """Return the stages that nobody has reached yet, in their order. 0 SQL where the policy has none, else 1."""
    stages = stages_of(request.policy_id)
    if not stages:
        return []
    running = set(
        Clock.objects.filter(request=request, kind=ClockKind.STAGE, stopped_at__isnull=True).values_list(
            "stage_id", flat=True
        )
    )
    return [stage for stage in stages if stage.pk in running]


def newest_stages(request: ServiceRequest) -> list[Clock]:
    """Return the latest clock of each stage, in their order. 0 SQL where the policy has none, else 1."""
    if not stages_of(request.policy_id):
        return []
    clocks = Clock.objects.filter(request=request, kind=ClockKind.STAGE).select_related("stage")
    newest = {clock.stage_id: clock for clock in clocks.order_by("started_at", "pk")}
    return sorted(newest.values(), key=lambda clock: clock.stage.position if clock.stage else 0)


def stage_lines(request: ServiceRequest) -> list[StageLine]:
    """Return the stages with their dates. 0 SQL where the policy has none, else 2."""
    clocks = newest_stages(request)
    if not clocks:
        return []
    said = Reply.objects.filter(order__request=request, stage__isnull=False).values_list("stage_id", "at")
    reached: dict[int | None, datetime] = dict(said.order_by("at", "pk"))
    return [
        StageLine(
            label=clock.stage.label,
            due_at=clock.due_at,
            reached_at=_since(reached.get(clock.stage_id), clock.started_at),
            is_paused=clock.paused_at is not None,
        )
        for clock in clocks
        if clock.stage is not None
    ]


def _since(moment: datetime | None, start: datetime) -> datetime | None:
    """What was reached before a new start was reached in an earlier round."""
    return moment if moment is not None and moment >= start else None


def milestones_open(request: ServiceRequest) -> list[LedgerMilestone]:
    """Milestones of the ledger entry the request stands on that nobody has noted as reached, in order of day. 1 SQL."""
    found = LedgerMilestone.objects.filter(entry__request=request, entry__is_approved=True, reached_at__isnull=True)
    return list(found.order_by("day", "pk"))
