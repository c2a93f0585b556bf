"""The only writers of tasks: asking, sending, cancelling. What addressees and askers do then: `tasks_doing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import facts
from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.organisations.models import Organisation
from governance.outbox.services import NewEvent, publish, publish_many
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import Duration, Unit, add, calendar_current
from grid import events
from grid.admitting import is_known_already, reasons_against
from grid.models import (
    Admission,
    AdmissionReason,
    Application,
    Area,
    Assignment,
    AssignmentEntry,
    AssignmentState,
    CommunityList,
    DutyItem,
    FieldKind,
    Repeat,
    Step,
    Task,
    TaskKind,
    TaskPolicy,
    TaskState,
    policy_current,
)
from grid.models.tasks import SETTLED
from grid.permissions import Capability
from grid.rounds import next_round
from grid.services.burden import appraisals_in, burden_add

TITLE_MAX, PURPOSE_MAX, GROUND_MAX, TEXT_MAX = 60, 1000, 300, 1000
FIELDS_MAX, LABEL_MAX = 12, 40
ASKERS = (9, 12)  # lengths of the codes of those who ask: a sub-district, a community
_MISSING = {
    "title": gettext_lazy("请写要做什么"),
    "purpose": gettext_lazy("请写为了什么、怎么做"),
    "legal_ground": gettext_lazy("请写依据哪部法规或哪个文件"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """What a form says. `grounds`: why it should be admitted, for what is on no list."""

    title: str
    purpose: str
    kind: str
    legal_ground: str
    organisation: Organisation
    area_code: str
    addressees: Sequence[str]
    hours: Decimal
    days: int
    duty: DutyItem | None = None
    fields: Sequence[dict[str, str]] = ()
    repeat: str = ""
    repeat_until: date | None = None
    is_appraisal: bool = False
    weight: int | None = None
    grounds: str = ""


def task_ask(*, draft: TaskDraft, submission_key: UUID, actor: Viewer, at: datetime) -> Task:
    """Ask communities, or a community's grids: sent at once, or an application where a second person must decide.

    The same key twice is one. Raises `Forbidden` out of reach, `DomainError` beside the field: nobody asked, a duty on
    the negative list, no grounds for what needs an admission ("grounds", the message says why it does).
    """
    with constraint_errors(), transaction.atomic():
        known = Task.objects.filter(submission_key=submission_key).first()
        if known is not None:
            return known
        require(actor, Capability.ASK_TASK, Scope(draft.area_code))
        policy = policy_current()
        codes = _addressees(draft, at)
        task = _row(draft, policy, submission_key, actor, at)
        reasons = reasons_against(
            draft.duty,
            asks_communities=task.asks_communities,
            is_appraisal=task.is_appraisal,
            fields=task.fields,
        )
        if task.is_appraisal and appraisals_in(task.area_code, timezone.localdate(at).year) >= policy.checks_a_year:
            reasons.append(AdmissionReason.OVER_CAP)
        grounds = clean_text(draft.grounds)
        if reasons and not grounds:
            raise DomainError("needs_admission", needs_admission(reasons), field="grounds")
        task.state = TaskState.APPLIED if reasons else TaskState.ADMITTED
        task.admission = "" if reasons else Admission.LISTED
        task.save(force_insert=True)
        Assignment.objects.bulk_create(
            (Assignment(task=task, area_code=code, changed_at=at) for code in codes), batch_size=1000
        )
        if reasons:
            _apply(task, reasons, grounds, policy, actor, at)
        else:
            task_send(task=task, actor=actor, at=at)
    return task


def needs_admission(reasons: Sequence[str]) -> str:
    """Why it cannot just be sent, and what to do."""
    why = _("；").join(str(AdmissionReason(reason).label) for reason in reasons)
    return _("不能直接下达：%(why)s。要做的话请写理由，申请准入，由另一位同事决定") % {"why": why}


def task_send(*, task: Task, actor: Viewer, at: datetime) -> None:
    """Send a task that may be sent, in the caller's transaction: its planned assignments are there from now on.

    9 SQL for any number of addressees. Whether it may be sent is the caller's question. Raises `DomainError` where the
    working calendar ends before the due day.
    """
    calendar = calendar_current()
    task.state, task.sent_at = TaskState.SENT, at
    task.due_at = add(at, Duration(task.days, Unit.WORKING_DAY), calendar)
    planned = Assignment.objects.filter(task=task, state=AssignmentState.PLANNED)
    rows = list(planned.order_by("pk").values_list("pk", "area_code"))
    planned.update(state=AssignmentState.OPEN, sent_at=at, due_at=task.due_at, changed_at=at)
    task.total = len(rows)
    task.next_at = next_round(task, calendar)
    task.save(update_fields=["state", "sent_at", "due_at", "total", "next_at", "admission"])
    publish(
        events.TASK_SENT,
        subject=task,
        actor=actor,
        area_code=task.area_code,
        payload={
            "kind": task.kind,
            "organisation_id": task.organisation_id,
            "addressees": len(rows),
            "admission": task.admission,
        },
        at=at,
    )
    tell_assignments(events.TASK_ASSIGNED, task, rows, actor, at)
    burden_add(assignment_ids=[pk for pk, _code in rows], sign=1)


def task_cancel(*, task: Task, text: str, actor: Viewer, at: datetime) -> Task:
    """Take a task back with a reason, and every assignment that is not settled. Raises `StaleState` for one that is."""
    words = said(text, _("请写为什么撤销，社区会看到"))
    with constraint_errors(), transaction.atomic():
        locked = lock(task, actor)
        if locked.state not in (TaskState.APPLIED, TaskState.ADMITTED, TaskState.SENT):
            raise StaleState("task_over", _("这个任务已经不在了，不用再撤销"))
        rows = list(
            Assignment.objects.filter(task=locked)
            .exclude(state__in=SETTLED)
            .select_for_update(no_key=True)
            .order_by("pk")
            .values_list("pk", "area_code", "state")
        )
        Assignment.objects.filter(pk__in=[pk for pk, _code, _state in rows]).update(
            state=AssignmentState.CANCELLED, asked_until=None, changed_at=at
        )
        told = [(pk, code) for pk, code, state in rows if state != AssignmentState.PLANNED]
        AssignmentEntry.objects.bulk_create(
            AssignmentEntry(assignment_id=pk, step=Step.CANCELLED, at=at, by=actor.staff_user, text=words)
            for pk, _code in told
        )
        Application.objects.filter(task=locked, decided_at=None).update(
            decided_at=at, is_admitted=False, decision=words[:500]
        )
        locked.state, locked.end_reason, locked.next_at = TaskState.CANCELLED, words[:GROUND_MAX], None
        locked.settled, locked.waiting = locked.settled + len(told), 0
        locked.save(update_fields=["state", "end_reason", "next_at", "settled", "waiting"])
        publish(
            events.TASK_CANCELLED,
            subject=locked,
            actor=actor,
            area_code=locked.area_code,
            payload={"addressees": len(told)},
            at=at,
        )
        tell_assignments(events.ASSIGNMENT_CANCELLED, locked, told, actor, at)
        burden_add(assignment_ids=[pk for pk, _code in told], sign=-1)
    return locked


def task_repeat_stop(*, task: Task, actor: Viewer, at: datetime) -> Task:
    """Send no next round; what was sent stays. Raises `StaleState` where there is no next one."""
    with transaction.atomic():
        locked = lock(task, actor)
        if locked.next_at is None:
            raise StaleState("task_not_repeated", _("这个任务没有下一轮了"))
        repeat_stop(locked, actor, at)
    return locked


def repeat_stop(task: Task, actor: Viewer, at: datetime) -> None:
    """Let a locked task have no next round, in the caller's transaction."""
    task.next_at = None
    task.save(update_fields=["next_at"])
    publish(
        events.TASK_REPEAT_STOPPED,
        subject=task,
        actor=actor,
        area_code=task.area_code,
        payload={"round": task.round},
        at=at,
    )


def lock(task: Task, actor: Viewer) -> Task:
    """The task's row, locked, for somebody who asks there. Tasks are locked before their assignments."""
    locked: Task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    require(actor, Capability.ASK_TASK, locked)
    return locked


def said(text: str, missing: str) -> str:
    """Words that a step needs. Raises `DomainError` on "text"."""
    words = clean_text(text)
    if not words:
        raise DomainError("text_missing", missing, field="text")
    if len(words) > TEXT_MAX:
        raise DomainError("text_too_long", _("最多写 1000 字，请写短一些"), field="text")
    return words


def tell_assignments(
    event: events.EventType, task: Task, rows: Sequence[tuple[int, str]], actor: Viewer, at: datetime
) -> None:
    """Publish one event an assignment, (pk, area code), in its own area. 1 SQL."""
    publish_many(
        NewEvent(
            event_type=event,
            subject=f"{Assignment._meta.label_lower}:{pk}",
            actor=actor,
            area_code=code,
            payload={"task_id": task.pk},
            at=at,
        )
        for pk, code in rows
    )


def _addressees(draft: TaskDraft, at: datetime) -> list[str]:
    """The codes of those asked: right below the asker, and there today."""
    codes = sorted(set(draft.addressees))
    if not codes:
        raise DomainError("nobody_asked", _("请选给谁"), field="addressees")
    below = len(draft.area_code) + 3
    fits = len(draft.area_code) in ASKERS and all(
        code.startswith(draft.area_code) and len(code) == below for code in codes
    )
    there = Area.objects.valid_on(timezone.localdate(at)).filter(code__in=codes).count() if fits else 0
    if there != len(codes):
        raise DomainError(
            "addressee_unknown", _("街道给自己的社区，社区给自己的网格；有一个不在这里面"), field="addressees"
        )
    return codes


def _row(draft: TaskDraft, policy: TaskPolicy, key: UUID, actor: Viewer, at: datetime) -> Task:
    words = {
        name: clean_text(getattr(draft, name), multiline=name == "purpose")
        for name in ("title", "purpose", "legal_ground")
    }
    for name, most in (("title", TITLE_MAX), ("purpose", PURPOSE_MAX), ("legal_ground", GROUND_MAX)):
        if not words[name]:
            raise DomainError(f"{name}_missing", _MISSING[name], field=name)
        if len(words[name]) > most:
            raise DomainError(f"{name}_long", _("最多写 %(most)s 字，请写短一些") % {"most": most}, field=name)
    if draft.kind not in TaskKind.values:
        raise DomainError("kind_unknown", _("请选是哪一种"), field="kind")
    if draft.duty is not None and draft.duty.community_list == CommunityList.BARRED and len(draft.area_code) == 9:
        raise DomainError("duty_barred", _("这件事在负面清单上，不能让社区做，也不能申请准入"), field="duty")
    if not 0 < draft.hours < 1000:
        raise DomainError("hours_wrong", _("请写一家大概要几个小时，例如 1.5"), field="hours")
    if not 1 <= draft.days <= TaskPolicy.DAYS_MOST:
        raise DomainError("days_wrong", _("给 1 到 250 个工作日"), field="days")
    if draft.weight is not None and not policy.weights_on:
        raise DomainError("weights_off", _("任务不带分值：没有启用"), field="weight")
    _check_repeat(draft, at)
    fields = _fields(draft) if draft.kind == TaskKind.FORM else []
    return Task(
        **words,
        submission_key=key,
        kind=draft.kind,
        duty=draft.duty,
        organisation=draft.organisation,
        area_code=draft.area_code,
        by=actor.staff_user,
        created_at=at,
        is_appraisal=draft.is_appraisal,
        hours=draft.hours,
        days=draft.days,
        fields=fields,
        is_known=is_known_already(fields),
        weight=draft.weight,
        repeat=draft.repeat,
        repeat_until=draft.repeat_until if draft.repeat else None,
    )


def _check_repeat(draft: TaskDraft, at: datetime) -> None:
    if not draft.repeat:
        return
    if draft.repeat not in Repeat.values:
        raise DomainError("repeat_unknown", _("请选多久一次"), field="repeat")
    if draft.repeat_until is None:
        raise DomainError("repeat_endless", _("重复的任务要写到哪天为止"), field="repeat_until")
    today = timezone.localdate(at)
    if not 0 < (draft.repeat_until - today).days <= 366:
        raise DomainError("repeat_until_wrong", _("请选一年以内、以后的日期"), field="repeat_until")


def _fields(draft: TaskDraft) -> list[dict[str, str]]:
    """The lines of a form; a line whose value the portal knows has that fact's kind."""
    made = []
    for field in draft.fields:
        fact = facts.get(field.get("fact", "")) if field.get("fact") else None
        label = clean_text(field.get("label", ""), multiline=False)[:LABEL_MAX]
        kind = fact.kind if fact is not None else field.get("kind", "")
        if not label and fact is None:
            continue
        if kind not in FieldKind.values:
            raise DomainError("field_kind_unknown", _("请选每一项填什么"), field="fields")
        made.append({"label": label or str(fact.title if fact else ""), "kind": kind, "fact": fact.key if fact else ""})
    if not made:
        raise DomainError("fields_missing", _("填报要写明填哪几项"), field="fields")
    if len(made) > FIELDS_MAX:
        raise DomainError("fields_many", _("最多 %(most)s 项") % {"most": FIELDS_MAX}, field="fields")
    return made


def _apply(
    task: Task, reasons: Sequence[AdmissionReason], grounds: str, policy: TaskPolicy, actor: Viewer, at: datetime
) -> Application:
    if len(grounds) > TEXT_MAX:
        raise DomainError("grounds_long", _("最多写 1000 字，请写短一些"), field="grounds")
    calendar = calendar_current()
    made = Application.objects.create(
        task=task,
        area_code=task.area_code,
        reasons=[str(reason) for reason in reasons],
        grounds=grounds,
        asked_by=actor.staff_user,
        asked_at=at,
        decide_by=add(at, Duration(policy.decide_days, Unit.WORKING_DAY), calendar),
        earliest_at=add(at, Duration(policy.apply_days, Unit.WORKING_DAY), calendar),
    )
    publish(
        events.ADMISSION_ASKED,
        subject=ref_of(made),
        actor=actor,
        area_code=task.area_code,
        payload={"task_id": task.pk, "reasons": made.reasons},
        at=at,
    )
    return made
