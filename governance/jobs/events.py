"""What the jobs app publishes."""

from governance.outbox.events import EventType

JOB_STARTED = EventType("jobs.job_started", ("kind",))
JOB_CANCELLED = EventType("jobs.job_cancelled", ("kind", "done"))
