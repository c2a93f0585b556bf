"""After a commit, hand a job to a worker. A lost hand-over costs a minute or two: a sweep looks for waiting jobs."""

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(job_id: int) -> None:
    """Enqueue the job when the current transaction commits; a dead broker fails nobody."""
    transaction.on_commit(lambda: enqueue(job_id))


def enqueue(job_id: int) -> None:
    """Enqueue the job now."""
    from governance.jobs.tasks import run_job

    try:
        run_job.apply_async(args=[job_id], queue="heavy")
    except OperationalError:
        log.warning("job_nudge_lost", job_id=job_id)
