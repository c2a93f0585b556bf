"""Two years of asks of every community, fewer since the portal knows half of the forms; some are under way today."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from demo.asks import ASKS, DUTIES, Ask
from demo.staff import staff_by_role
from demo.territory import territory
from governance.access.models import User
from governance.access.viewer import SYSTEM, viewer_for
from governance.organisations.models import Organisation
from governance.worktime import calendar_current
from grid.models import Area, Assignment, AssignmentEntry, DutyItem, Step, Task
from grid.services.burden import AppraisalDraft, appraisal_register, burden_recount
from grid.services.duties import duty_items_load
from grid.services.tasks import TaskDraft, task_ask
from grid.services.tasks_doing import assignment_answer, extension_ask
from grid.task_lists import month_after

MONTHS = 24
PORTAL_SINCE = 11  # so many months ago the portal began to fill in what it knows


def load_tasks(offices: dict[str, Organisation], people: dict[str, User], at: datetime) -> None:
    """Write the duties with their lists, the history in bulk, what is under way by the services, then the board."""
    duty_items_load(
        items=[
            DutyItem(code=code, name=name, name_en=en, kind=kind, community_list=listed, legal_basis=basis, note=note)
            for code, name, en, kind, listed, basis, note in DUTIES
        ],
        actor=SYSTEM,
    )
    duties = {duty.code: duty for duty in DutyItem.objects.all()}
    _history(offices, people, duties, at)
    burden_recount()
    _under_way(offices, people, duties, at)


def _history(
    offices: dict[str, Organisation], people: dict[str, User], duties: dict[str, DutyItem], at: datetime
) -> None:
    chance = Random("tasks")
    tasks, rows, entries = [], [], []
    heads = {one.grants[0].area_code: people[one.key] for one in staff_by_role("community_head")}
    for street, supervisor in _streets(people):
        everywhere = [one.code for one in territory().communities if one.code.startswith(street)]
        for ask, sent in _asked(chance, at):
            task = _task(ask, street, supervisor, _office(offices, ask, street), duties[ask.duty], sent, chance)
            tasks.append(task)
            # some are for a few: a flooded lane, an estate that is being converted
            few = chance.random() < 0.35 and not ask.fading
            communities = sorted(chance.sample(everywhere, chance.randint(1, 2))) if few else everywhere
            for code in communities:
                row = Assignment(
                    public_id=uuid.UUID(int=chance.getrandbits(128)), task=task, area_code=code, state="accepted",
                    sent_at=task.sent_at, due_at=task.due_at, changed_at=task.due_at,
                    values=[_value(kind, chance) for _label, kind, _fact in ask.fields],
                )  # fmt: skip
                rows.append(row)
                said = task.sent_at + (task.due_at - task.sent_at) * chance.uniform(0.3, 1.0)
                entries.append(
                    AssignmentEntry(
                        assignment=row, step=Step.ANSWERED, at=said, by=heads.get(code), text=chance.choice(ask.answers)
                    )
                )
                entries.append(AssignmentEntry(assignment=row, step=Step.ACCEPTED, at=said, by=supervisor))
            task.total = task.settled = len(communities)
    Task.objects.bulk_create(tasks, batch_size=1000)
    Assignment.objects.bulk_create(rows, batch_size=2000)
    AssignmentEntry.objects.bulk_create(entries, batch_size=2000)


def _streets(people: dict[str, User]) -> Iterator[tuple[str, User]]:
    for person in staff_by_role("supervisor"):
        yield person.grants[0].area_code, people[person.key]


def _asked(chance: Random, at: datetime) -> Iterator[tuple[Ask, datetime]]:
    """Which ask came when, in one street: what fades comes ever less often once the portal knows it."""
    this = timezone.localdate(at).replace(day=1)
    for number in range(MONTHS, 0, -1):
        month = month_after(this, -number)
        for ask in ASKS:
            if month.month not in ask.months:
                continue
            if chance.random() > (0.25 if ask.fading and number <= PORTAL_SINCE else 0.92):
                continue
            day = month + timedelta(days=chance.randint(1, 24))
            day += timedelta(days=max(0, 2 - (6 - day.weekday())) if day.weekday() >= 5 else 0)
            clock = time(chance.choice((9, 10, 14, 16)), chance.randint(0, 59))
            yield ask, datetime.combine(day, clock, tzinfo=timezone.get_current_timezone())


def _task(
    ask: Ask, street: str, supervisor: User, office: Organisation, duty: DutyItem, sent: datetime, chance: Random
) -> Task:
    last_day = timezone.localdate(sent) + timedelta(days=ask.days + 2 * (ask.days // 5))
    return Task(
        public_id=uuid.UUID(int=chance.getrandbits(128)),
        submission_key=uuid.UUID(int=chance.getrandbits(128)),
        title=ask.title,
        purpose=ask.purpose,
        kind=ask.kind,
        duty=duty,
        legal_ground=ask.ground,
        organisation=office,
        area_code=street,
        by=supervisor,
        created_at=sent,
        state="sent",
        admission="listed" if duty.community_list else "admitted",
        is_known=bool(ask.fields) and all(fact for _label, _kind, fact in ask.fields),
        hours=Decimal(str(ask.hours)),
        days=ask.days,
        fields=[{"label": label, "kind": kind, "fact": fact} for label, kind, fact in ask.fields],
        sent_at=sent,
        due_at=datetime.combine(last_day, time(18), tzinfo=timezone.get_current_timezone()),
    )


def _office(offices: dict[str, Organisation], ask: Ask, street: str) -> Organisation:
    return offices.get(ask.office) or offices.get(f"{ask.office}:{street}") or offices[f"sub:{street}"]


def _value(kind: str, chance: Random) -> str:
    return str(chance.randint(0, 60)) if kind == "number" else chance.choice(("无", "和上次差不多", "见楼栋长记的"))


def _under_way(
    offices: dict[str, Organisation], people: dict[str, User], duties: dict[str, DutyItem], at: datetime
) -> None:
    """What the logins of the demo find on their desks."""
    person = {
        role: next(one for one in staff_by_role(role) if one.is_demo_login)
        for role in ("supervisor", "community_head", "grid_worker")
    }
    views = {role: viewer_for(people[one.key], at) for role, one in person.items()}
    street, community = (person[role].grants[0].area_code for role in ("supervisor", "community_head"))
    grid = person["grid_worker"].grants[0].area_code
    communities = list(Area.objects.filter(code__startswith=street, level="community").values_list("code", flat=True))
    keys = Random("tasks under way")

    def ask(number: int, ago: int, *, by: str = "supervisor", **more: object) -> Task:
        one = ASKS[number]
        values: dict[str, object] = {
            "title": one.title, "purpose": one.purpose, "kind": one.kind, "legal_ground": one.ground,
            "organisation": _office(offices, one, street), "area_code": street, "addressees": communities,
            "hours": Decimal(str(one.hours)), "days": one.days, "duty": duties[one.duty],
            "fields": [{"label": label, "kind": kind, "fact": fact} for label, kind, fact in one.fields],
        }  # fmt: skip
        key = uuid.UUID(int=keys.getrandbits(128))
        draft = TaskDraft(**values | more)  # type: ignore[arg-type]
        return task_ask(draft=draft, submission_key=key, actor=views[by], at=at - timedelta(days=ago))

    visits = ask(0, 6, repeat="month", repeat_until=timezone.localdate(at) + timedelta(days=300))
    mixed = (*ASKS[1].fields[:1], ("网格几个", "number", "grid.grids"), ("在岗几人", "number", "grid.posts"))
    ask(1, 2, fields=[{"label": label, "kind": kind, "fact": fact} for label, kind, fact in mixed])
    ask(2, 9)
    ask(15, 3, grounds="区里统一要求，街道整理不出楼道里的照片，请各社区配合一次。")
    home = ask(
        9, 1, by="community_head", area_code=community, addressees=[grid], duty=None,
        organisation=people[person["community_head"].key].organisation,
    ) if grid.startswith(community) else None  # fmt: skip
    assert home is None or home.state == "sent"  # noqa: S101 - a community asks its own grids without an admission
    mine = visits.assignments.get(area_code=community)
    extension_ask(
        assignment=mine, until=_workday(at, 14), text="两位网格员在培训，多给几天。", actor=views["community_head"],
        at=at - timedelta(days=1),
    )  # fmt: skip
    other = visits.assignments.exclude(area_code=community).order_by("pk").first()
    assert other is not None  # noqa: S101 - a street has several communities
    head = next(one for one in staff_by_role("community_head") if one.grants[0].area_code == other.area_code)
    assignment_answer(
        assignment=other, text=ASKS[0].answers[2], values=(), file_ids=(), actor=viewer_for(people[head.key], at),
        at=at - timedelta(hours=3),
    )  # fmt: skip
    day = timezone.localdate(at)
    appraisal_register(
        draft=AppraisalDraft(
            title="年底综合考核",
            organisation=offices[f"sub:{street}"],
            area_code=street,
            ground="街道党工委 2026 年第 12 号",
            indicators="居民满意、矛盾调解、安全；不看照片和台账，不比点击和注册。",
            starts_on=day,
            ends_on=day + timedelta(days=20),
        ),
        submission_key=uuid.UUID(int=keys.getrandbits(128)), actor=views["supervisor"], at=at,
    )  # fmt: skip


def _workday(at: datetime, days: int) -> date:
    day = timezone.localdate(at) + timedelta(days=days)
    while not calendar_current().is_workday(day):
        day += timedelta(days=1)
    return day
