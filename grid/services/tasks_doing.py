"""What addressees do with an assignment and what the asker makes of it: each step a line of its history."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.files.services import files_adopt
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.worktime import Duration, Unit, add, calendar_current
from grid import events
from grid.admitting import may_refuse
from grid.field_values import checked_values
from grid.models import Assignment, AssignmentEntry, AssignmentState, Step, Task, TaskKind, policy_current
from grid.models.tasks import NO_BURDEN, SETTLED, TO_DO, TO_LOOK_AT
from grid.permissions import Capability
from grid.services.burden import burden_add
from grid.services.tasks import TEXT_MAX, lock, said, tell_assignments

PHOTOS_MAX = 6


def assignment_answer(
    *,
    assignment: Assignment,
    text: str,
    values: Sequence[str],
    file_ids: Sequence[UUID],
    actor: Viewer,
    at: datetime,
) -> Assignment:
    """Say that it is done, with words (a form needs none) and, if wanted, photos; once more before it was looked at.

    Raises `DomainError` on "text", "photos" or the field ("field_0"), `StaleState` where it is not to be done any more.
    """
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.DO_TASK, actor, (*TO_DO, AssignmentState.ANSWERED))
        is_form = row.task.kind == TaskKind.FORM
        words = text.strip()[:TEXT_MAX] if is_form else said(text, _("请写做了什么，几个字就行"))
        row.values = checked_values(row.task.fields, values)
        if len(file_ids) > PHOTOS_MAX:
            raise DomainError("too_many_files", _("最多放 %(most)s 份") % {"most": PHOTOS_MAX}, field="photos")
        row.asked_until = None
        entry = _step(row, Step.ANSWERED, AssignmentState.ANSWERED, words, actor, at)
        files_adopt(files=list(file_ids), owner_ref=ref_of(entry), actor=actor, at=at)
        _tell(events.ASSIGNMENT_ANSWERED, row, actor, at)
    return row


def extension_ask(*, assignment: Assignment, until: date | None, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Ask for more time, to the end of a working day, with the reason; one question at a time."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.DO_TASK, actor, TO_DO)
        words = said(text, _("请写为什么要延期"))
        if row.asked_until is not None:
            raise StaleState("extension_asked", _("已经申请过延期，等对方答复"))
        calendar = calendar_current()
        if until is None or not calendar.is_workday(until):
            raise DomainError("until_wrong", _("请选一个上班的日子"), field="until")
        row.asked_until = calendar.closing(until)
        if row.due_at is None or row.asked_until <= max(row.due_at, at):
            raise DomainError("until_early", _("延期要晚于现在的期限，也要在以后"), field="until")
        _step(row, Step.EXTENSION_ASKED, row.state, words, actor, at, until=row.asked_until)
        _tell(events.EXTENSION_ASKED, row, actor, at, until=row.asked_until)
    return row


def extension_decide(*, assignment: Assignment, is_given: bool, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Give the time that was asked for, or say why not."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.ASK_TASK, actor, TO_DO)
        if row.asked_until is None:
            raise StaleState("extension_not_asked", _("现在没有要答复的延期申请"))
        words = text.strip()[:TEXT_MAX] if is_given else said(text, _("请写为什么不同意"))
        until, row.asked_until = row.asked_until, None
        if is_given:
            row.due_at, row.reminded = until, 0
        _step(row, Step.EXTENDED if is_given else Step.NOT_EXTENDED, row.state, words, actor, at, until=until)
        _tell(events.EXTENSION_DECIDED, row, actor, at, is_given=is_given, until=until)
    return row


def assignment_hand_back(*, assignment: Assignment, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Say that somebody else should have been asked, and who if one knows."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.DO_TASK, actor, TO_DO)
        words = said(text, _("请写为什么不归您这里，知道归谁的话也写上"))
        row.asked_until = None
        _step(row, Step.HANDED_BACK, AssignmentState.HANDED_BACK, words, actor, at)
        _tell(events.ASSIGNMENT_HANDED_BACK, row, actor, at)
    return row


def assignment_refuse(*, assignment: Assignment, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Not do what was never admitted; recorded, and told to who asked. Raises `Forbidden` for what was admitted."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.DO_TASK, actor, TO_DO)
        if not may_refuse(row.task):
            raise Forbidden("task_admitted", _("这件事在清单上，或者经过准入，不能因为没有准入拒绝"))
        words = said(text, _("请写为什么不办"))
        row.asked_until = None
        _step(row, Step.REFUSED, AssignmentState.REFUSED, words, actor, at)
        _tell(events.ASSIGNMENT_REFUSED, row, actor, at)
    return row


def assignment_accept(*, assignment: Assignment, actor: Viewer, at: datetime) -> Assignment:
    """Take an answer as it is."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.ASK_TASK, actor, (AssignmentState.ANSWERED,))
        _step(row, Step.ACCEPTED, AssignmentState.ACCEPTED, "", actor, at)
        _tell(events.ASSIGNMENT_ACCEPTED, row, actor, at)
    return row


def assignments_accept(*, task: Task, actor: Viewer, at: datetime) -> int:
    """Take all answers of a task that nobody has looked at yet; return how many. 7 SQL for any number."""
    with constraint_errors(), transaction.atomic():
        locked = lock(task, actor)
        answered = Assignment.objects.filter(task=locked, state=AssignmentState.ANSWERED)
        rows = list(answered.select_for_update(no_key=True).order_by("pk").values_list("pk", "area_code"))
        pks = [pk for pk, _code in rows]
        Assignment.objects.filter(pk__in=pks).update(state=AssignmentState.ACCEPTED, changed_at=at)
        AssignmentEntry.objects.bulk_create(
            AssignmentEntry(assignment_id=pk, step=Step.ACCEPTED, at=at, by=actor.staff_user) for pk in pks
        )
        locked.waiting, locked.settled = locked.waiting - len(pks), locked.settled + len(pks)
        locked.save(update_fields=["waiting", "settled"])
        tell_assignments(events.ASSIGNMENT_ACCEPTED, locked, rows, actor, at)
    return len(pks)


def assignment_rework(*, assignment: Assignment, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Give an answer back with what is missing, at most so often as the policy says, and with time to mend it."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.ASK_TASK, actor, (AssignmentState.ANSWERED,))
        words = said(text, _("请写还差什么，照着就能补"))
        policy = policy_current()
        if row.reworks >= policy.rework_max:
            most = {"most": policy.rework_max}
            raise DomainError("reworks_used_up", _("已经退回 %(most)s 次了，只能通过或者撤销") % most, field="text")
        least = add(at, Duration(policy.rework_days, Unit.WORKING_DAY), calendar_current())
        row.reworks, row.reminded = row.reworks + 1, 0
        row.due_at = max(least, row.due_at or least)
        _step(row, Step.REWORK, AssignmentState.REWORK, words, actor, at)
        _tell(events.ASSIGNMENT_REWORKED, row, actor, at)
    return row


def assignment_send_again(*, assignment: Assignment, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Say to whom handed it back why it is theirs after all."""
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.ASK_TASK, actor, (AssignmentState.HANDED_BACK,))
        words = said(text, _("请写为什么还是归他们"))
        _step(row, Step.SENT_AGAIN, AssignmentState.OPEN, words, actor, at)
        _tell(events.ASSIGNMENT_SENT_AGAIN, row, actor, at)
    return row


def assignment_cancel(*, assignment: Assignment, text: str, actor: Viewer, at: datetime) -> Assignment:
    """Take a task back from one addressee."""
    unsettled = tuple(state for state in AssignmentState if state not in (*SETTLED, AssignmentState.PLANNED))
    with constraint_errors(), transaction.atomic():
        row = _locked(assignment, Capability.ASK_TASK, actor, unsettled)
        words = said(text, _("请写为什么撤销，社区会看到"))
        row.asked_until = None
        _step(row, Step.CANCELLED, AssignmentState.CANCELLED, words, actor, at)
        _tell(events.ASSIGNMENT_CANCELLED, row, actor, at)
    return row


def _locked(assignment: Assignment, capability: Capability, actor: Viewer, states: Sequence[str]) -> Assignment:
    """The assignment and its task, locked in this order. Raises `Forbidden`, `StaleState`."""
    task = Task.objects.select_for_update(of=("self",), no_key=True).select_related("duty").get(pk=assignment.task_id)
    row: Assignment = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    row.task = task
    require(actor, capability, row if capability == Capability.DO_TASK else task)
    if row.state not in states:
        now = {"state": row.get_state_display()}
        raise StaleState("assignment_moved_on", _("刚才有人办过了，现在是“%(state)s”") % now)
    return row


def _step(
    row: Assignment,
    step: Step,
    state: str,
    text: str,
    actor: Viewer,
    at: datetime,
    *,
    until: datetime | None = None,
) -> AssignmentEntry:
    """Move an assignment on, write its line, and keep the counts of its task."""
    task, before = row.task, row.state
    row.state, row.changed_at = state, at
    row.save(update_fields=["state", "due_at", "asked_until", "values", "reworks", "reminded", "changed_at"])
    task.waiting += (state in TO_LOOK_AT) - (before in TO_LOOK_AT)
    task.settled += (state in SETTLED) - (before in SETTLED)
    task.save(update_fields=["waiting", "settled"])
    if state in NO_BURDEN:
        burden_add(assignment_ids=[row.pk], sign=-1)
    return AssignmentEntry.objects.create(assignment=row, step=step, at=at, by=actor.staff_user, text=text, until=until)


def _tell(event: EventType, row: Assignment, actor: Viewer, at: datetime, **more: Any) -> None:
    payload = {"task_id": row.task_id, **more}
    publish(event, subject=ref_of(row), actor=actor, area_code=row.area_code, payload=payload, at=at)
