"""What the clock does with tasks: admitted ones go out, next rounds go out, who forgot is reminded."""

from datetime import datetime

from django.db import connection, transaction

from governance.access.viewer import SYSTEM
from governance.outbox.services import NewEvent, publish_many
from governance.worktime import Duration, Unit, add, calendar_current
from grid import events
from grid.admitting import duty_reason
from grid.models import Admission, Application, Assignment, Task, TaskState, shown_weight
from grid.models.tasks import TO_DO
from grid.services.tasks import repeat_stop, task_send

TASKS_A_RUN = 50
REMINDED_A_RUN = 1000
# The addressees of a round are those of the round before it that nobody took out.
_SAME_ADDRESSEES = """
INSERT INTO grid_assignment (public_id, task_id, area_code, state, "values", reworks, reminded, changed_at)
SELECT gen_random_uuid(), %s, area_code, 'planned', '[]', 0, 0, %s FROM grid_assignment
WHERE task_id = %s AND state NOT IN ('cancelled', 'refused')
"""
_COPIED = (
    "title", "purpose", "kind", "duty_id", "legal_ground", "organisation_id", "area_code", "by_id", "admission",
    "is_appraisal", "is_known", "hours", "days", "fields", "weight", "repeat", "repeat_until",
)  # fmt: skip


def admitted_send(*, at: datetime) -> int:
    """Send what was admitted and whose time of notice is over; return how many. Once each, however often it runs."""
    due = Application.objects.filter(is_admitted=True, earliest_at__lte=at, task__state=TaskState.ADMITTED)
    sent = 0
    for pk in list(due.order_by("earliest_at", "pk").values_list("task_id", flat=True)[:TASKS_A_RUN]):
        with transaction.atomic():
            rows = Task.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            task = rows.filter(pk=pk, state=TaskState.ADMITTED).first()
            if task is not None:
                task_send(task=task, actor=SYSTEM, at=at)
                sent += 1
    return sent


def rounds_send(*, at: datetime) -> int:
    """Send the next round of repeated tasks; return how many. Once each, however often it runs, whoever runs it."""
    sent = 0
    due = Task.objects.filter(next_at__lte=at)
    for pk in list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:TASKS_A_RUN]):
        with transaction.atomic():
            rows = Task.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            task = rows.select_related("duty", "series").filter(pk=pk, next_at__lte=at).first()
            if task is not None:
                sent += _round(task, at)
    return sent


def _round(task: Task, at: datetime) -> int:
    """The next round of a locked task: 1, or 0 where the list does not say any more that it may be asked."""
    listed = task.admission == Admission.LISTED and task.asks_communities
    if listed and duty_reason(task.duty) is not None:
        repeat_stop(task, SYSTEM, at)
        return 0
    task.next_at = None
    task.save(update_fields=["next_at"])
    values = {name: getattr(task, name) for name in _COPIED}
    values["weight"] = shown_weight(task)
    following = Task(
        **values, series=task.series or task, round=task.round + 1, created_at=at, state=TaskState.ADMITTED
    )
    following.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(_SAME_ADDRESSEES, [following.pk, at, task.pk])
    task_send(task=following, actor=SYSTEM, at=at)
    return 1


def assignments_remind(*, at: datetime) -> int:
    """Remind once on the last working day and once when it is over; return how many. Nobody above hears of it."""
    soon = add(at, Duration(1, Unit.WORKING_DAY), calendar_current())
    told = 0
    for level, until, is_over in ((1, soon, False), (2, at, True)):
        waiting = Assignment.objects.filter(state__in=TO_DO, due_at__lte=until, reminded__lt=level)
        with transaction.atomic():
            rows = list(
                waiting.select_for_update(no_key=True, skip_locked=True)
                .order_by("due_at", "pk")
                .values_list("pk", "area_code", "task_id", "due_at")[:REMINDED_A_RUN]
            )
            Assignment.objects.filter(pk__in=[pk for pk, *_rest in rows]).update(reminded=level)
            publish_many(
                NewEvent(
                    event_type=events.ASSIGNMENT_DUE,
                    subject=f"{Assignment._meta.label_lower}:{pk}",
                    actor=SYSTEM,
                    area_code=code,
                    payload={"task_id": task_id, "is_over": is_over},
                    at=at,
                )
                for pk, code, task_id, due_at in rows
                if is_over or due_at > at  # what is over already is told so, not that it is nearly due
            )
        told += len(rows)
    return told
