"""The runner: one step, one transaction, and a look for "cancel" between them."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access.viewer import viewer_for
from governance.errors import DomainError
from governance.jobs.models import ACTIVE, Job, State
from governance.jobs.registry import STEP_ROWS, JobKind, get
from governance.text import mask_personal_data

MAX_RUNS = 5
WAITS_TOO_LONG = timedelta(minutes=1)
SILENT_TOO_LONG = timedelta(minutes=10)  # longer than any step may take


def job_run(*, job_id: int, clock: Callable[[], datetime]) -> Job | None:
    """Do a job to its end; return it as it stands then, or None when there was nothing to do for this worker.

    Safe to call again at any time: an ended job is left alone, an interrupted one goes on at its cursor, and of two
    workers on one job one finds it locked and leaves. An error nobody foresaw ends the job, is kept for its owner,
    and is raised.
    """
    if not _begin(job_id, clock()):
        return None
    try:
        while (job := _step(job_id, clock())) is not None and job.is_active:
            pass
    except Exception as error:  # written down for the owner, then as loud as before
        _fail(job_id, type(error).__name__, clock())
        raise
    return job


def jobs_waiting(*, at: datetime) -> list[int]:
    """Return the jobs that no worker seems to have: never handed over, or silent for longer than a step takes."""
    lost = Q(state=State.QUEUED, touched_at__lt=at - WAITS_TOO_LONG)
    lost |= Q(state=State.RUNNING, touched_at__lt=at - SILENT_TOO_LONG)
    return list(Job.objects.filter(lost).order_by("pk").values_list("pk", flat=True)[:100])


def _begin(job_id: int, at: datetime) -> bool:
    """Count the run. A job that stopped its worker again and again is given up."""
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=job_id, state__in=ACTIVE).first()
        if job is None:
            return False
        if job.runs >= MAX_RUNS:
            _finish(job, State.FAILED, at, error=_("任务多次中断，已经停止"))
            return False
        job.runs, job.state, job.touched_at = job.runs + 1, State.RUNNING, at
        job.save(update_fields=["runs", "state", "touched_at"])
    return True


def _step(job_id: int, at: datetime) -> Job | None:
    """Do one step in one transaction; return the job, or None when another worker has it."""
    with transaction.atomic():
        job = (
            Job.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("owner")
            .filter(pk=job_id, state=State.RUNNING)
            .first()
        )
        if job is None:
            return None
        kind = get(job.kind)
        if job.cancel_requested:
            _finish(job, State.CANCELLED, at)
        elif kind is None:
            _finish(job, State.FAILED, at, error=_("没有这种后台任务"))
        else:
            try:
                with transaction.atomic():
                    _advance(job, kind, at)
            except DomainError as error:
                _finish(job, State.FAILED, at, error=mask_personal_data(str(error))[:500])
        return job


def _advance(job: Job, kind: JobKind, at: datetime) -> None:
    actor = viewer_for(job.owner, at)
    if job.total is None:
        job.total = kind.total(job.params, actor, at)
    step = kind.step(params=job.params, cursor=job.cursor, limit=STEP_ROWS, actor=actor, at=at)
    job.done += step.rows
    if job.total is not None:
        job.total = max(job.total, job.done)
    job.cursor, job.touched_at = step.cursor, at
    if step.cursor is None:
        _finish(job, State.DONE, at)
    job.save(update_fields=["done", "total", "cursor", "touched_at"])


def _finish(job: Job, state: str, at: datetime, error: str = "") -> None:
    job.state, job.finished_at, job.touched_at, job.error = state, at, at, error
    job.save(update_fields=["state", "finished_at", "touched_at", "error"])


def _fail(job_id: int, error: str, at: datetime) -> None:
    Job.objects.filter(pk=job_id, state__in=ACTIVE).update(
        state=State.FAILED, finished_at=at, touched_at=at, error=error
    )
