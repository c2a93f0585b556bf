"""Letting the clocks of a locked request stand still and go on; who may, and why, is the callers' business."""

from datetime import datetime
from typing import Any

from governance.access.viewer import SYSTEM, Viewer
from governance.refs import ref_of
from grid.services.checks import check_withdraw
from requests_intake.models import Clock, Extension, LedgerEntry, Pause, PauseKind, ServiceRequest, Supplement
from requests_intake.services.clocks import clocks_go_on, clocks_stand_still, clocks_stop
from requests_intake.workflow import LEDGER_WAITS, ClockKind, Waiting


def pause_begin(
    request: ServiceRequest, *, kind: PauseKind, text: str, until: datetime, actor: Viewer, at: datetime
) -> Pause:
    """Let the clocks stand still until `until` at the latest. The caller saves `paused_until` and the copies."""
    clocks_stand_still(request, at)
    request.paused_until = until
    return Pause.objects.create(
        request=request, kind=kind, text=text, by=actor.user, started_at=at, until=until, due_before=request.due_at
    )


def pause_end(request: ServiceRequest, *, at: datetime, answer: Supplement | None = None) -> set[str]:
    """Let the clocks go on with what was left. Returns the names of the request's fields that the caller saves.

    `original_due_at`, what was promised at first, stays as it was.
    """
    running = Clock.objects.filter(request=request, stopped_at__isnull=True)
    clocks_go_on(running, at)
    due = running.filter(kind=ClockKind.ANSWER).values_list("due_at", flat=True).first()
    request.due_at = due or request.due_at
    request.paused_until = None
    Pause.objects.filter(request=request, ended_at__isnull=True).update(
        ended_at=at, due_after=request.due_at, answer=answer
    )
    return {"due_at", "paused_until"}


def waiting_end(request: ServiceRequest, *, at: datetime) -> set[str]:
    """End what a locked request waits for, because it has moved past it: an open pause, an undecided application.

    Returns the names of the request's fields that the caller saves.
    """
    fields = pause_end(request, at=at) if request.paused_until is not None else set()
    models: dict[str, Any] = {Waiting.EXTENSION: Extension, **dict.fromkeys(LEDGER_WAITS, LedgerEntry)}
    undecided = models.get(request.waiting_for)
    if undecided is not None:
        undecided.objects.filter(request=request, decided_at__isnull=True).update(decided_at=at, is_approved=False)
        clocks_stop(request=request, kinds=[ClockKind.DECIDE], at=at)
    if request.waiting_for == Waiting.CHECK:
        check_withdraw(subject_ref=ref_of(request), actor=SYSTEM, at=at)
    if request.waiting_for:
        request.waiting_for = ""
        fields.add("waiting_for")
    return fields
