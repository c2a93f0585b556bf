"""Deciding over applications (准入): never by who applied."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.models import Admission, Application, Task, TaskState
from grid.permissions import Capability
from grid.services.tasks import task_send

DECISION_MAX = 500


def admission_decide(
    *, application: Application, is_admitted: bool, text: str, actor: Viewer, at: datetime
) -> Application:
    """Admit what was applied for, or not, with the reason. An admitted task goes out when its time of notice is over.

    Raises `Forbidden` out of reach and for who applied, `StaleState` for a decided one, `DomainError` on "text".
    """
    words = clean_text(text)
    if not words:
        raise DomainError("decision_missing", _("请写为什么这样决定，申请的人会看到"), field="text")
    if len(words) > DECISION_MAX:
        raise DomainError("decision_long", _("最多写 500 字，请写短一些"), field="text")
    with constraint_errors(), transaction.atomic():
        task: Task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=application.task_id)
        row: Application = Application.objects.select_for_update(of=("self",), no_key=True).get(pk=application.pk)
        require(actor, Capability.ADMIT_TASK, row)
        if row.asked_by_id is not None and row.asked_by_id == actor.user_id:
            raise Forbidden("own_application", _("谁申请的，不能由谁来决定。请另一位同事办"))
        if row.decided_at is not None or task.state != TaskState.APPLIED:
            raise StaleState("application_decided", _("这份申请已经有决定了"))
        row.decided_by, row.decided_at = actor.staff_user, at
        row.is_admitted, row.decision = is_admitted, words
        row.save(update_fields=["decided_by", "decided_at", "is_admitted", "decision"])
        publish(
            events.ADMISSION_DECIDED,
            subject=row,
            actor=actor,
            area_code=row.area_code,
            payload={"task_id": task.pk, "is_admitted": is_admitted},
            at=at,
        )
        task.state = TaskState.ADMITTED if is_admitted else TaskState.DECLINED
        task.admission = Admission.ADMITTED if is_admitted else ""
        task.save(update_fields=["state", "admission"])
        if is_admitted and row.earliest_at <= at:
            task_send(task=task, actor=actor, at=at)
    return row
