"""Tasks: who may ask whom, what must be admitted first, what addressees do, what the clock does."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.worktime import calendar_current
from grid.models import Application, Assignment, AssignmentEntry, DutyItem, Task, TaskPolicy, shown_weight
from grid.rounds import shifted
from grid.services import tasks_doing as doing
from grid.services.admissions import admission_decide
from grid.services.duties import duty_item_sort
from grid.services.task_policy import task_policy_change, task_weights_set
from grid.services.tasks import TaskDraft, task_ask, task_cancel, task_repeat_stop
from grid.services.tasks_outside import OutsideDraft, task_note
from grid.services.tasks_sweeping import admitted_send, assignments_remind, rounds_send
from grid.task_lists import tasks_late_for, tasks_open_for
from tests.factories import world as worlds
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

FORM = ({"label": "独居老人", "kind": "number", "fact": ""}, {"label": "备注", "kind": "text", "fact": ""})


@pytest.fixture
def town(world):  # noqa: F811
    """The town with one duty that communities assist in, and a second supervisor."""
    worlds.add_person(world, "second_supervisor", "supervisor", STREET, world.organisations["street"])
    DutyItem.objects.filter(code="P-1").update(community_list="assist", legal_basis="x")
    return world


def draft(world, **changes):  # noqa: F811
    values = {
        "title": "核对独居老人",
        "purpose": "打个电话就行",
        "kind": "act",
        "legal_ground": "某文件 3 号",
        "organisation": world.organisations["street"],
        "area_code": STREET,
        "addressees": [EAST, WEST],
        "hours": Decimal("1.5"),
        "days": 5,
        "duty": DutyItem.objects.get(code=changes.pop("duty", "P-1")),
    }
    return TaskDraft(**values | changes)


def asked(world, by="supervisor", at=MORNING, key=None, **changes):  # noqa: F811
    return task_ask(draft=draft(world, **changes), submission_key=key or uuid4(), actor=world.viewer(by, at), at=at)


def of(task, area):
    return task.assignments.get(area_code=area)


def answered(world, task, area=EAST, by="head", at=MORNING, text="办好了", values=(), file_ids=()):  # noqa: F811
    return doing.assignment_answer(
        assignment=of(task, area), text=text, values=values, file_ids=file_ids, actor=world.viewer(by, at), at=at
    )


def refused(error, field=None, *, do, **act):
    with pytest.raises(error) as caught, transaction.atomic():
        do(**act)
    assert caught.value.field == field, str(caught.value)


def test_asking_reaches_those_right_below_and_nobody_else(town):
    key = uuid4()
    task = asked(town, key=key)
    assert task == asked(town, key=key), "sent twice is one"
    assert (task.state, task.admission, task.total, task.sent_at) == ("sent", "listed", 2, MORNING)
    due = calendar_current().closing(date(2026, 11, 24))  # Tuesday and five working days
    assert set(task.assignments.values_list("area_code", "state", "due_at")) == {
        (EAST, "open", due),
        (WEST, "open", due),
    }
    mine = asked(town, by="head", area_code=EAST, addressees=[EAST_GRID], duty="B-1")
    assert mine.state == "sent", "what a community asks of its own grids rests on no list"
    for changes, field in (
        ({"addressees": []}, "addressees"),
        ({"addressees": [EAST_GRID]}, "addressees"),
        ({"addressees": ["990105001099"]}, "addressees"),
        ({"area_code": DISTRICT, "addressees": [STREET]}, "addressees"),
        ({"title": " "}, "title"),
        ({"legal_ground": ""}, "legal_ground"),
        ({"hours": Decimal(0)}, "hours"),
        ({"days": 0}, "days"),
        ({"days": 251}, "days"),
        ({"kind": "x"}, "kind"),
        ({"kind": "form"}, "fields"),
        ({"kind": "form", "fields": [{"label": "几户", "kind": "", "fact": ""}]}, "fields"),
        ({"repeat": "month"}, "repeat_until"),
        ({"repeat": "month", "repeat_until": date(2028, 1, 1)}, "repeat_until"),
        ({"weight": 5}, "weight"),
    ):
        by = "administrator" if changes.get("area_code") == DISTRICT else "supervisor"
        with pytest.raises(DomainError) as error, transaction.atomic():
            asked(town, by=by, **changes)
        assert error.value.field == field, changes
    for by, changes in (("head", {}), ("grid_worker", {}), ("dispatcher", {}), ("head", {"area_code": WEST})):
        with pytest.raises(Forbidden):
            asked(town, by=by, **changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(admission="none")
    head = town.viewer("head")
    late = [tasks_late_for(head, at) for at in (MORNING, MORNING + timedelta(days=30))]
    assert (tasks_open_for(head), late) == (1, [0, 1])
    boss = town.viewer("supervisor")
    with assert_sql(0):
        assert tasks_open_for(boss) == 0
    names = list(DomainEvent.objects.filter(name__startswith="grid.task").values_list("name", "area_code"))
    assert names.count(("grid.task_assigned", EAST)) == 1
    relay.drain(MORNING)
    told = set(Message.objects.filter(kind="grid.task_assigned").values_list("user__staff_no", flat=True))
    assert told == {"head", "grid_worker"}


def test_what_is_on_no_list_is_admitted_by_a_second_person_or_not_at_all(town):
    supervisor, second = town.viewer("supervisor"), town.viewer("second_supervisor")
    DutyItem.objects.create(code="W-1", name="收回", kind="withdrawn", community_list="assist")
    DutyItem.objects.create(code="N-1", name="不能", kind="basic", community_list="barred")
    known = [{"label": "", "kind": "", "fact": "grid.grids"}]
    for changes, reasons in (
        ({"duty": "B-1"}, ["not_listed"]),
        ({"duty": "W-1"}, ["withdrawn"]),
        ({"is_appraisal": True}, ["appraisal"]),
        ({"kind": "form", "fields": known}, ["known"]),
    ):
        with pytest.raises(DomainError) as error, transaction.atomic():
            asked(town, **changes)
        assert error.value.field == "grounds", "says why, and asks for the grounds"
        task = asked(town, grounds="上级要求", **changes)
        assert (task.state, task.application.reasons) == ("applied", reasons)
        assert not Assignment.objects.visible_to(town.viewer("head")).filter(task=task).exists(), "nobody sees it yet"
    with pytest.raises(DomainError) as error:
        asked(town, duty="N-1", grounds="上级要求")
    assert error.value.field == "duty", "the negative list is not open to applications"
    row = Application.objects.order_by("pk").first()
    calendar = calendar_current()
    assert row.decide_by == calendar.closing(date(2026, 12, 8)), "15 working days"
    assert row.earliest_at == calendar.closing(date(2026, 12, 29)), "30 working days"
    decide = {"do": admission_decide, "application": row, "is_admitted": True, "at": MORNING}
    refused(Forbidden, actor=supervisor, text="同意", **decide)
    refused(Forbidden, actor=town.viewer("head"), text="同意", **decide)
    refused(DomainError, "text", actor=second, text=" ", **decide)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(
            decided_by=row.asked_by, decided_at=MORNING, is_admitted=True, decision="x"
        )
    admission_decide(application=row, is_admitted=True, text="同意", actor=second, at=MORNING)
    refused(StaleState, actor=second, text="同意", **decide)
    row.task.refresh_from_db()
    assert (row.task.state, row.task.admission) == ("admitted", "admitted")
    assert admitted_send(at=row.earliest_at - timedelta(minutes=1)) == 0, "communities have their time of notice"
    assert (admitted_send(at=row.earliest_at), admitted_send(at=row.earliest_at)) == (1, 0)
    assert set(row.task.assignments.values_list("state", flat=True)) == {"open"}
    other = Application.objects.order_by("pk").last()
    admission_decide(application=other, is_admitted=False, text="门户里有", actor=second, at=MORNING)
    assert Task.objects.get(pk=other.task_id).state == "declined"
    relay.drain(MORNING)
    told = Message.objects.filter(kind__startswith="grid.admission").values_list("kind", "user__staff_no")
    assert set(told) == {("grid.admission_asked", "second_supervisor"), ("grid.admission_decided", "supervisor")}


def test_a_community_need_not_do_what_was_never_admitted(town):
    task, head = asked(town), town.viewer("head")
    refuse = {"assignment": of(task, EAST), "text": "清单上没有", "actor": head, "at": MORNING}
    refused(Forbidden, do=doing.assignment_refuse, **refuse)
    duty_item_sort(
        duty=task.duty, community_list="", legal_basis="", note="", actor=town.viewer("operations"), at=MORNING
    )
    refused(DomainError, "text", do=doing.assignment_refuse, **refuse | {"text": ""})
    assert doing.assignment_refuse(**refuse).state == "refused"
    admitted = asked(town, grounds="非做不可")
    admission_decide(
        application=admitted.application,
        is_admitted=True,
        text="同意",
        actor=town.viewer("second_supervisor"),
        at=MORNING,
    )
    admitted_send(at=admitted.application.earliest_at)
    refused(Forbidden, do=doing.assignment_refuse, **refuse | {"assignment": of(admitted, EAST)})
    relay.drain(MORNING)
    assert Message.objects.filter(kind="grid.assignment_refused", user=task.by).exists()
    sort = {"do": duty_item_sort, "duty": task.duty, "note": "", "actor": town.viewer("operations"), "at": MORNING}
    refused(DomainError, "legal_basis", community_list="own", legal_basis="", **sort)
    refused(DomainError, "community_list", community_list="x", legal_basis="y", **sort)
    refused(Forbidden, community_list="own", legal_basis="y", **sort | {"actor": town.viewer("supervisor")})


def test_what_came_by_telephone_is_written_down_and_may_be_refused(town):
    head, street = town.viewer("head"), town.organisations["street"]
    said = {
        "title": "明天交照片", "purpose": "", "organisation": street, "area_code": EAST, "hours": Decimal(3), "days": 2,
    }  # fmt: skip
    key, act = uuid4(), {"actor": head, "at": MORNING}
    task = task_note(draft=OutsideDraft(**said), submission_key=key, **act)
    assert task == task_note(draft=OutsideDraft(**said), submission_key=key, **act)
    assert (task.state, task.admission, task.is_outside, task.area_code) == ("sent", "none", True, STREET)
    listed = OutsideDraft(**said, duty=DutyItem.objects.get(code="P-1"))
    assert task_note(draft=listed, submission_key=uuid4(), **act).admission == "listed"
    for changes, field in (
        ({"title": ""}, "title"),
        ({"organisation": None}, "organisation"),
        ({"area_code": EAST_GRID}, "area_code"),
        ({"hours": Decimal(0)}, "hours"),
        ({"days": 0}, "days"),
    ):
        refused(DomainError, field, do=task_note, draft=OutsideDraft(**said | changes), submission_key=uuid4(), **act)
    other = OutsideDraft(**said | {"area_code": WEST})
    refused(Forbidden, do=task_note, draft=other, submission_key=uuid4(), **act)
    row = doing.assignment_refuse(assignment=of(task, EAST), text="没有准入", **act)
    assert row.state == "refused"
    relay.drain(MORNING)
    told = Message.objects.filter(kind="grid.assignment_refused").values_list("user__staff_no", flat=True)
    assert set(told) == {"supervisor", "second_supervisor"}, "whoever asks in that street hears of it"


def test_answers_are_looked_at_and_go_back_only_so_often(town):
    task, boss = asked(town, kind="form", fields=FORM), town.viewer("supervisor")
    for values, field in ((["", ""], "field_0"), (["三", "无"], "field_0"), (["3", ""], "field_1")):
        with pytest.raises(DomainError) as error, transaction.atomic():
            answered(town, task, values=values)
        assert error.value.field == field, values
    for by in ("grid_worker", "supervisor"):
        with pytest.raises(Forbidden):
            answered(town, task, by=by, values=["3", "无"])
    row = answered(town, task, text="", values=["3", "无"])
    task.refresh_from_db()
    assert (row.state, row.values, task.waiting, task.settled) == ("answered", ["3", "无"], 1, 0)
    act = {"assignment": row, "actor": boss, "at": MORNING}
    refused(Forbidden, do=doing.assignment_accept, **act | {"actor": town.viewer("head")})
    refused(DomainError, "text", do=doing.assignment_rework, text="", **act)
    for _turn in range(2):
        back = doing.assignment_rework(text="少一户", **act)
        assert back.state == "rework"
        answered(town, task, values=["4", "无"])
    refused(DomainError, "text", do=doing.assignment_rework, text="再来", **act)
    with assert_sql(9, at_most=True):
        assert doing.assignments_accept(task=task, actor=boss, at=MORNING) == 1
    task.refresh_from_db()
    assert (of(task, EAST).state, task.waiting, task.settled) == ("accepted", 0, 1)
    refused(StaleState, do=answered, world=town, task=task, values=["5", "无"])
    late = MORNING + timedelta(days=20)
    tardy = answered(town, asked(town), at=late)
    again = doing.assignment_rework(assignment=tardy, text="补图", actor=boss, at=late)
    assert again.due_at > late, "a rework has time of its own"


def test_more_time_wrong_addressee_and_taking_back(town):
    task, head, boss = asked(town), town.viewer("head"), town.viewer("supervisor")
    row = of(task, EAST)
    ask = {"do": doing.extension_ask, "assignment": row, "actor": head, "at": MORNING, "text": "人手不够"}
    for until in (None, date(2026, 11, 28), date(2026, 11, 20)):  # none, a Saturday, before it is due
        refused(DomainError, "until", until=until, **ask)
    doing.extension_ask(assignment=row, until=date(2026, 12, 1), text="人手不够", actor=head, at=MORNING)
    refused(StaleState, until=date(2026, 12, 2), **ask)
    give = {"assignment": row, "actor": boss, "at": MORNING}
    refused(DomainError, "text", do=doing.extension_decide, is_given=False, text="", **give)
    doing.extension_decide(is_given=False, text="就这周", **give)
    doing.extension_ask(assignment=row, until=date(2026, 12, 1), text="真的不够", actor=head, at=MORNING)
    given = doing.extension_decide(is_given=True, text="", **give)
    assert (given.due_at, given.asked_until) == (calendar_current().closing(date(2026, 12, 1)), None)
    refused(StaleState, do=doing.extension_decide, is_given=True, text="", **give)
    back = doing.assignment_hand_back(assignment=row, text="归青禾", actor=head, at=MORNING)
    assert back.state == "handed_back"
    assert doing.assignment_send_again(assignment=row, text="是你们的", actor=boss, at=MORNING).state == "open"
    doing.assignment_hand_back(assignment=row, text="真不是", actor=head, at=MORNING)
    assert doing.assignment_cancel(assignment=row, text="发错了", actor=boss, at=MORNING).state == "cancelled"
    steps = list(AssignmentEntry.objects.filter(assignment=row).values_list("step", flat=True))
    assert steps == [
        "extension_asked", "not_extended", "extension_asked", "extended",
        "handed_back", "sent_again", "handed_back", "cancelled",
    ]  # fmt: skip
    refused(DomainError, "text", do=task_cancel, task=task, text=" ", actor=boss, at=MORNING)
    over = task_cancel(task=task, text="不做了", actor=boss, at=MORNING)
    assert (over.settled, of(task, WEST).state) == (2, "cancelled")
    refused(StaleState, do=task_cancel, task=task, text="x", actor=boss, at=MORNING)


def test_rounds_come_once_and_stop_with_the_list(town):
    assert [shifted(date(2026, 1, 31), "month", times) for times in (1, 2)] == [date(2026, 2, 28), date(2026, 3, 31)]
    assert shifted(date(2026, 11, 17), "quarter", 1) == date(2027, 2, 17)
    task = asked(town, repeat="week", repeat_until=date(2026, 12, 10), kind="form", fields=FORM)
    assert task.next_at == calendar_current().periods(date(2026, 11, 24))[0][0]
    doing.assignment_cancel(assignment=of(task, WEST), text="不归", actor=town.viewer("supervisor"), at=MORNING)
    first = task.next_at
    assert rounds_send(at=first - timedelta(minutes=1)) == 0
    assert (rounds_send(at=first), rounds_send(at=first)) == (1, 0), "however often the clock runs"
    second = Task.objects.get(series=task)
    assert (second.round, second.fields, second.total) == (2, list(FORM), 1), "who was taken out stays out"
    assert second.due_at > second.sent_at == first
    assert rounds_send(at=second.next_at) == 1
    third = Task.objects.get(series=task, round=3)
    assert third.next_at is not None
    DutyItem.objects.update(community_list="")
    assert rounds_send(at=third.next_at) == 0, "no longer on the list: no next round"
    third.refresh_from_db()
    assert (third.next_at, Task.objects.filter(series=task).count()) == (None, 2)
    refused(StaleState, do=task_repeat_stop, task=third, actor=town.viewer("supervisor"), at=MORNING)
    relay.drain(MORNING)
    assert Message.objects.filter(kind="grid.task_repeat_stopped", user=task.by).exists()


def test_reminders_come_once_before_and_once_after(town):
    task = asked(town)
    answered(town, task, WEST, by="administrator")
    before, after = task.due_at - timedelta(hours=3), task.due_at + timedelta(minutes=1)
    counts = [assignments_remind(at=at) for at in (MORNING, before, before, after, after)]
    assert counts == [0, 1, 0, 1, 0], "only who has not answered"
    events = DomainEvent.objects.filter(name="grid.assignment_due").order_by("pk")
    assert [event.payload["is_over"] for event in events] == [False, True]


def test_weights_rest_on_a_recorded_ground_and_numbers_are_the_offices(town):
    boss = town.viewer("operations")
    refused(DomainError, "ground", do=task_weights_set, is_on=True, ground="", actor=boss, at=MORNING)
    refused(Forbidden, do=task_weights_set, is_on=True, ground="x", actor=town.viewer("supervisor"), at=MORNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskPolicy.objects.create(pk=1, weights_on=True)
    row = task_weights_set(is_on=True, ground="某条例第 3 条", actor=boss, at=MORNING)
    assert (row.weights_by.staff_no, row.weights_at) == ("operations", MORNING)
    weighed = asked(town, weight=5, repeat="week", repeat_until=date(2026, 12, 30))
    assert (weighed.weight, shown_weight(weighed)) == (5, 5)
    task_weights_set(is_on=False, ground="条例废止", actor=boss, at=MORNING)
    assert shown_weight(weighed) is None, "off: no page shows it"
    assert rounds_send(at=weighed.next_at) == 1
    assert Task.objects.get(series=weighed).weight is None, "and no round takes it along"
    values = {"apply_days": 10, "decide_days": 5, "rework_max": 1, "rework_days": 1, "checks_a_year": 1}
    change = {"do": task_policy_change, "actor": boss, "at": MORNING}
    refused(DomainError, "why", values=values | {"is_confirmed": True, "why": ""}, **change)
    refused(DomainError, "apply_days", values=values | {"is_confirmed": True, "why": "x", "apply_days": 0}, **change)
    task_policy_change(values=values | {"is_confirmed": True, "why": "区里的文件"}, actor=boss, at=MORNING)
    task = asked(town, duty="B-1", grounds="要做")
    assert task.application.earliest_at == calendar_current().closing(date(2026, 12, 1))
    fields = [
        event.payload["fields"] for event in DomainEvent.objects.filter(name="grid.task_policy_changed").order_by("pk")
    ]
    assert fields[:2] == [["weights_on"], ["weights_off"]]
    assert "is_confirmed" in fields[2]


def test_pages_keep_what_was_typed_and_lists_ask_little(town, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)
    boss, head, worker = client_of("supervisor"), client_of("head"), client_of("grid_worker")
    said = {
        "title": "数楼道灯", "purpose": "数一数", "kind": "form", "everyone": "on", "days": "3", "hours": "0.5",
        "duty": str(DutyItem.objects.get(code="P-1").pk), "legal_ground": "某文件", "key": str(uuid4()),
        "organisation": str(town.organisations["lamps"].pk), "label_0": "几盏", "what_0": "number",
    }  # fmt: skip
    wrong = boss.post(reverse("grid:ask-new"), said | {"hours": "一会儿"})
    assert wrong.status_code == 422
    assert "数楼道灯" in wrong.text
    assert "例如 1.5" in wrong.text
    asks_first = boss.post(reverse("grid:ask-new"), said | {"duty": ""})
    assert asks_first.status_code == 422
    assert "没有对应的履职事项" in asks_first.text
    made = boss.post(reverse("grid:ask-new"), said, follow=True)
    task = Task.objects.get(title="数楼道灯")
    assert made.redirect_chain[-1][0] == reverse("grid:ask", args=[task.public_id])
    assert (task.organisation.name, task.total) == ("市政设施所", 2)
    row = of(task, EAST)
    page = reverse("grid:task", args=[row.public_id])
    assert worker.get(page).status_code == 404, "not the grid's"
    assert "分值" not in head.get(page).text, "no weight is shown while weights are off"
    step = reverse("grid:task-step", args=[row.public_id, "answer"])
    picture = SimpleUploadedFile("x.txt", b"not a photo", content_type="image/jpeg")
    fault = head.post(step, {"field_0": "七", "text": "数过了", "photos": picture})
    assert fault.status_code == 422
    assert "数过了" in fault.text
    photo = BytesIO()
    Image.new("RGB", (64, 48), "navy").save(photo, "PNG")
    sent = {"text": "数过了", "photos": SimpleUploadedFile("x.png", photo.getvalue(), content_type="image/png")}
    kept = re.search(r'name="kept" value="([^"]+)"', head.post(step, sent | {"field_0": ""}).text)
    assert kept, "what was sent with a form that must be mended is there still"
    assert head.post(step, {"field_0": "7", "text": "数过了", "kept": kept[1]}).status_code == 302
    shown = reverse("files:show", args=[kept[1], "thumb"])
    assert (boss.get(shown).status_code, worker.get(shown).status_code) == (200, 404)
    assert head.post(step, {"field_0": "8", "text": "数过了"}).status_code == 302, "no photo is needed"
    assert boss.post(step, {"field_0": "7"}).status_code == 403, "who asked does not answer"
    assert head.post(reverse("grid:task-step", args=[row.public_id, "accept"])).status_code == 403
    assert boss.post(reverse("grid:task-step", args=[row.public_id, "nothing"])).status_code == 404
    assert "数过了" in boss.get(page).text
    assert boss.post(reverse("grid:ask-step", args=[task.public_id, "accept"])).status_code == 302
    for client, address, most in ((head, "grid:tasks", 6), (boss, "grid:asks", 6)):
        url = reverse(address)
        asked(town, title="先来一个", key=uuid4())
        client.get(url)
        before = _counted(client, url)
        for number in range(6):
            asked(town, title=f"再来 {number}", key=uuid4())
        assert _counted(client, url) == before, f"{address}: no more for more rows"
        assert before <= most
    assert head.get(reverse("grid:asks")).text.count("数楼道灯") == 0, "what the street asked is the street's list"
    assert timezone.now() == MORNING + timedelta(hours=1)


def _counted(client, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured.captured_queries)
