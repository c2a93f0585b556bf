"""Celery entries: do one job, and find those that nobody does."""

from celery import shared_task
from django.utils import timezone

from governance.jobs.nudging import enqueue
from governance.jobs.services import job_run, jobs_waiting


@shared_task(acks_late=True)
def run_job(job_id: int) -> None:
    """Do a job, or go on with it. The runner's guards make a second call harmless."""
    job_run(job_id=job_id, clock=timezone.now)


@shared_task(acks_late=True)
def run_job_sweep() -> int:
    """Hand over again the jobs whose nudge or worker was lost; return how many."""
    waiting = jobs_waiting(at=timezone.now())
    for job_id in waiting:
        enqueue(job_id)
    return len(waiting)
