"""The only writers of jobs."""

from governance.jobs.services.jobs import job_cancel, job_start
from governance.jobs.services.running import job_run, jobs_waiting

__all__ = ["job_cancel", "job_run", "job_start", "jobs_waiting"]
