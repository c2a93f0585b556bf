"""Who hears of tasks: those who have to do them, those who asked, those who decide."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant
from governance.notifications.groups import STAFF, NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from grid.models import Application, Area, Assignment, Task
from grid.permissions import Capability

TO_DO = NoticeGroup("grid.tasks", _("给您的任务"), _("社区和网格里办任务的人"), STAFF)
ASKED = NoticeGroup("grid.asks", _("您下达的任务"), _("下达的人"), STAFF)
DECISIONS = NoticeGroup("grid.admissions", _("准入申请"), _("决定准入的人，申请的人"), STAFF)

describe_places(
    "grid",
    {
        "task": Place(_("任务的名称"), {"zh": "核对独居老人联系方式", "en": "Check on older people living alone"}),
        "place": Place(_("哪个社区或网格"), {"zh": "槐安社区", "en": "Huai'an Community"}),
        "due_at": Place(_("几时到期"), "2026-11-27T18:00:00+08:00"),
        "link": Place(_("打开看的链接"), "/staff/tasks/0b4f/"),
    },
)
_KEYS = ("task", "place", "due_at")


def holders(capability: str, codes: Iterable[str]) -> dict[str, list[int]]:
    """People who hold a capability in exactly these areas now, by the code. 1 SQL."""
    app_label, _dot, codename = str(capability).partition(".")
    grants = (
        Grant.objects.live(timezone.now())
        .people()
        .filter(
            area_code__in=set(codes),
            organisation=None,
            role__group__permissions__content_type__app_label=app_label,
            role__group__permissions__codename=codename,
        )
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for code, user in sorted(set(grants.order_by().values_list("area_code", "user_id"))):
        found[code].append(user)
    return dict(found)


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _tasks(events: Sequence[Any]) -> dict[int, Task]:
    """The task of each event, by the event's key: from its payload, or the subject itself. 1 SQL."""
    wanted = {event.pk: event.payload.get("task_id") or _pk(event.subject_ref) for event in events}
    found = Task.objects.in_bulk(set(wanted.values()))
    return {key: found[pk] for key, pk in wanted.items() if pk in found}


def doers(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever does tasks in the area; of a grid without anybody, the community's."""
    codes = {event.area_code for event in events}
    held = holders(Capability.DO_TASK, codes | {code[:12] for code in codes})
    return [
        [user_recipient(pk) for pk in held.get(event.area_code) or held.get(event.area_code[:12], [])]
        for event in events
    ]


def askers(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever asked; of what came from outside, whoever asks in that area."""
    tasks = _tasks(events)
    outside = {task.area_code for task in tasks.values() if task.is_outside or task.by_id is None}
    held = holders(Capability.ASK_TASK, outside) if outside else {}
    told: list[list[Recipient]] = []
    for event in events:
        task = tasks.get(event.pk)
        if task is None:
            told.append([])
        elif task.by_id is not None and not task.is_outside:
            told.append([user_recipient(task.by_id)])
        else:
            told.append([user_recipient(pk) for pk in held.get(task.area_code, [])])
    return told


def deciders(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever decides in the nearest area where somebody else than the applicant does."""
    rows = Application.objects.in_bulk([_pk(event.subject_ref) for event in events])
    codes = {event.area_code[:length] for event in events for length in (6, 9, 12)}
    held = holders(Capability.ADMIT_TASK, codes)
    told = []
    for event in events:
        row = rows.get(_pk(event.subject_ref))
        steps = [[pk for pk in held.get(event.area_code[:n], []) if row and pk != row.asked_by_id] for n in (12, 9, 6)]
        told.append([user_recipient(pk) for pk in next((step for step in steps if step), [])])
    return told


def applicants(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever applied."""
    rows = Application.objects.in_bulk([_pk(event.subject_ref) for event in events])
    asked = [rows.get(_pk(event.subject_ref)) for event in events]
    return [[user_recipient(row.asked_by_id)] if row and row.asked_by_id else [] for row in asked]


def _contexts(events: Sequence[Any]) -> list[dict[str, Any]]:
    tasks = _tasks(events)
    label = Assignment._meta.label_lower
    own = [_pk(event.subject_ref) for event in events if event.subject_ref.startswith(f"{label}:")]
    due = dict(Assignment.objects.filter(pk__in=own).values_list("pk", "due_at"))
    names = {
        area.code: {"zh": area.name, "en": area.name_en or area.name}
        for area in Area.objects.filter(code__in={event.area_code for event in events}).only("code", "name", "name_en")
    }
    made = []
    for event in events:
        task = tasks.get(event.pk)
        moment = due.get(_pk(event.subject_ref)) or (task.due_at if task is not None else None)
        made.append(
            {
                "task": task.title if task is not None else "",
                "place": names.get(event.area_code, ""),
                "due_at": moment.isoformat() if moment is not None else None,
            }
        )
    return made


def _kind(
    name: str,
    title: Any,
    zh: tuple[str, str],
    en: tuple[str, str],
    *,
    group: NoticeGroup,
    audiences: Callable[[Sequence[Any]], list[list[Recipient]]],
) -> None:
    register(
        NoticeKind(
            key=f"grid.{name}",
            event=f"grid.{name}",
            title=title,
            group=group,
            audience=lambda event: audiences([event])[0],
            audience_many=audiences,
            context=lambda event: _contexts([event])[0],
            context_many=_contexts,
            context_keys=_KEYS,
            subject_zh=zh[0],
            body_zh=zh[1] + "\n\n{link}",
            subject_en=en[0],
            body_en=en[1] + "\n\n{link}",
        )
    )


_kind(
    "task_assigned",
    _("来了新任务"),
    ("新任务：{task}", "给{place}的任务：{task}，{due_at} 前办。不用签收，照片可有可无。"),
    (
        "A new task: {task}",
        "{place} is asked to do this by {due_at}: {task}. No need to sign for it; photos are optional.",
    ),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "assignment_reworked",
    _("任务退回补办"),
    ("要补一补：{task}", "{place}的“{task}”退回来了，差什么写在里面，{due_at} 前补上。"),
    (
        "Something is missing: {task}",
        "“{task}” came back to {place}. What is missing is written there; please add it by {due_at}.",
    ),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "assignment_accepted",
    _("任务通过了"),
    ("通过了：{task}", "{place}的“{task}”通过了，辛苦了。"),
    ("Accepted: {task}", "The answer of {place} to “{task}” was accepted. Thank you."),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "assignment_sent_again",
    _("任务又发了一次"),
    ("还请您办：{task}", "{place}说找错了人，对方看过，还请{place}办：{task}。原因写在里面。"),
    (
        "Still yours: {task}",
        "{place} handed this back, and the asker explains there why it is theirs after all: {task}.",
    ),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "assignment_cancelled",
    _("任务撤销了"),
    ("不用办了：{task}", "给{place}的“{task}”撤销了，原因写在里面。"),
    ("No longer needed: {task}", "“{task}” was taken back from {place}. The reason is written there."),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "assignment_due",
    _("任务快到期、到期了"),
    ("看一下期限：{task}", "{place}的“{task}”期限是 {due_at}。来不及可以申请延期。"),
    (
        "Please mind the date: {task}",
        "“{task}” of {place} is due on {due_at}. If there is not enough time, ask for more.",
    ),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "extension_decided",
    _("延期有答复"),
    ("延期有答复：{task}", "{place}的“{task}”申请延期，对方答复了。现在的期限是 {due_at}。"),
    (
        "About your extension: {task}",
        "The asker has answered {place} about more time for “{task}”. It is now due on {due_at}.",
    ),
    group=TO_DO,
    audiences=doers,
)
_kind(
    "assignment_answered",
    _("任务有答复"),
    ("{place}答复了：{task}", "{place}答复了“{task}”，请看，通过或者退回。"),
    ("{place} has answered: {task}", "{place} has answered “{task}”. Please accept it, or say what is missing."),
    group=ASKED,
    audiences=askers,
)
_kind(
    "extension_asked",
    _("申请延期"),
    ("{place}申请延期：{task}", "{place}办“{task}”来不及，申请延期，请答复。"),
    ("{place} asks for more time: {task}", "{place} needs more time for “{task}”. Please answer."),
    group=ASKED,
    audiences=askers,
)
_kind(
    "assignment_handed_back",
    _("说找错了人"),
    ("{place}说不归他们：{task}", "{place}说“{task}”不归他们，请看，撤销或者说明。"),
    (
        "{place} says it is not theirs: {task}",
        "{place} says that “{task}” should go to somebody else. Please take it back or explain.",
    ),
    group=ASKED,
    audiences=askers,
)
_kind(
    "assignment_refused",
    _("没有准入，社区不办"),
    ("{place}不办：{task}", "“{task}”没有准入，{place}不办，原因写在里面。"),
    ("{place} declines: {task}", "“{task}” was never admitted, and {place} declines it. The reason is written there."),
    group=ASKED,
    audiences=askers,
)
_kind(
    "task_repeat_stopped",
    _("重复的任务停了"),
    ("不再重复：{task}", "“{task}”没有下一轮了：有人停了它，或者这件事已经不在可以让社区做的清单上。"),
    (
        "Not repeated any more: {task}",
        "There is no next round of “{task}”: somebody stopped it, or communities may no longer be asked for it.",
    ),
    group=ASKED,
    audiences=askers,
)
_kind(
    "admission_asked",
    _("有准入申请"),
    ("准入申请：{task}", "{place}有一份准入申请要您决定：{task}。"),
    ("An application to admit: {task}", "Please decide whether communities of {place} may be asked for this: {task}."),
    group=DECISIONS,
    audiences=deciders,
)
_kind(
    "admission_decided",
    _("准入有决定"),
    ("准入有决定：{task}", "“{task}”的准入申请有决定了，请看。"),
    ("Decided: {task}", "Your application to admit “{task}” has been decided. Please read it."),
    group=DECISIONS,
    audiences=applicants,
)
