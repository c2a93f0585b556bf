"""Starting and cancelling jobs; what a worker does with them is in `running`."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState
from governance.jobs.events import JOB_CANCELLED, JOB_STARTED
from governance.jobs.models import ACTIVE, Job, State
from governance.jobs.nudging import nudge
from governance.jobs.registry import get
from governance.outbox.services import publish


def job_start(*, kind: str, params: dict[str, Any], actor: Viewer, at: datetime) -> Job:
    """Write down a job and ask a worker to do it. Whether the actor may is the caller's question.

    `params` are JSON: ids, codes and filters. A dead broker only delays the start. Raises `DomainError` for an unknown
    kind and for an actor who is nobody in particular: somebody must be there to see how it ends.
    """
    if get(kind) is None:
        raise DomainError("job_kind_unknown", _("没有这种后台任务"))
    if actor.user_id is None:
        raise DomainError("job_needs_owner", _("后台任务要由登录的人启动"))
    with transaction.atomic():
        job = Job.objects.create(kind=kind, owner_id=actor.user_id, params=params, created_at=at, touched_at=at)
        publish(JOB_STARTED, subject=job, actor=actor, payload={"kind": kind}, at=at)
        nudge(job.pk)
    return job


def job_cancel(*, job: Job, actor: Viewer, at: datetime) -> Job:
    """Ask a job to stop; a queued one stops at once, a running one after the step it is in.

    What earlier steps did stays done. Raises `StaleState` when the job has ended meanwhile, and `Job.DoesNotExist`
    for somebody else's job.
    """
    with transaction.atomic():
        locked = Job.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).get(pk=job.pk)
        if locked.state not in ACTIVE:
            raise StaleState("job_ended", _("这个任务已经结束，没有什么可取消的了"))
        locked.cancel_requested = True
        if locked.state == State.QUEUED:
            locked.state, locked.finished_at = State.CANCELLED, at
        locked.touched_at = at
        locked.save(update_fields=["cancel_requested", "state", "finished_at", "touched_at"])
        publish(JOB_CANCELLED, subject=locked, actor=actor, payload={"kind": locked.kind, "done": locked.done}, at=at)
    return locked
