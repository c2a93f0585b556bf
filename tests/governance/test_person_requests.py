"""What a person asks about their own data: received once, due in working days, answered with reasons."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.jobs.services import job_run
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.privacy.sources import Whose, sources
from governance.protection.models import PersonCopy, PersonRequest
from governance.protection.person_requests.services import (
    person_copies_expire,
    person_copy_take,
    person_policy_change,
    person_request_decide,
    person_request_file,
    person_request_finish,
    person_request_identify,
    person_request_take,
    person_requests_remind,
)
from governance.worktime import calendar_current
from requests_intake.models import Appointment, Draft, Follow, RequesterContact, ServiceRequest
from requests_intake.services.drafts import draft_start
from requests_intake.services.handling import contact_reveal
from tests.accounts.people import last_code
from tests.factories.residents import resident, signed_in, viewer_of
from tests.factories.world import EAST, MORNING
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.requests_intake.test_appointments import NINE, book, open_window
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

QUEUE, NEW, POLICY = (reverse(f"protection:person-request{name}") for name in ("s", "-new", "-policy"))
MINE, ASK = reverse("protection:my-data"), reverse("protection:my-data-new")


def filed(user, **changes):
    values = {
        "kind": "copy",
        "words": "",
        "language": "zh-hans",
        "submission_key": uuid4(),
        "actor": viewer_of(user),
        "at": MORNING,
    }
    return person_request_file(**values | changes)


def taken(world, **changes):  # noqa: F811
    values = {
        "kind": "delete",
        "name": "王桂兰",
        "contact": "13912340001",
        "words": "删掉我的电话",
        "identity": "",
        "identity_note": "",
        "is_number_proved": False,
        "language": "zh-hans",
        "submission_key": uuid4(),
        "actor": world.viewer("clerk"),
        "at": MORNING,
    }
    return person_request_take(**values | changes)


def answer(request, actor, **changes):
    values = {"decision": "granted", "ground": "", "reason": "好的，这就办", "actor": actor, "at": MORNING}
    return person_request_decide(request=request, **values | changes)


def refused_at(field, call, *args, **changes):
    with pytest.raises(DomainError) as error:
        call(*args, **changes)
    assert error.value.field == field, error.value.code


def test_what_is_received_and_by_when(world):  # noqa: F811
    user, key = resident(), uuid4()
    one = filed(user, submission_key=key)
    assert filed(user, submission_key=key) == one, "sent twice is one request"
    assert re.fullmatch(r"P20261117-\d{6}", one.number)
    days, day, calendar = 0, calendar_current().local(MORNING).date(), calendar_current()
    while days < 15:
        day += timedelta(days=1)
        days += calendar.is_workday(day)
    assert one.due_at == calendar.closing(day), "fifteen working days, to the end of the last one"
    refused_at(None, filed, user)
    refused_at("words", filed, user, kind="correct", words=" ")
    refused_at("kind", filed, user, kind="sell")
    refused_at("contact", taken, world, contact=" ")
    with pytest.raises(Forbidden):
        filed(world.people["clerk"], actor=world.viewer("clerk"))
    with pytest.raises(Forbidden):
        taken(world, actor=world.viewer("handler"))
    taken(world)
    refused_at(None, taken, world, contact="139 1234 0001")
    boss = world.viewer("administrator")
    refused_at("working_days", person_policy_change, working_days=0, reason="x", actor=boss, at=MORNING)
    person_policy_change(working_days=1, reason="区里要求", actor=boss, at=MORNING)
    assert filed(user, kind="delete", words="都删").due_at < one.due_at
    assert PersonRequest.objects.get(pk=one.pk).due_at == one.due_at, "what came before keeps its date"
    with connection.cursor() as cursor:
        cursor.execute("SELECT protection_personrequest::text FROM protection_personrequest")
        assert not any(word in row for (row,) in cursor.fetchall() for word in ("桂兰", "电话", "13912340001", "都删"))


def test_it_is_answered_with_a_ground_and_given_only_to_whom_it_belongs(world):  # noqa: F811
    boss, clerk, request = world.viewer("administrator"), world.viewer("clerk"), taken(world)
    with pytest.raises(Forbidden):
        answer(request, clerk)
    refused_at("decision", answer, request, boss)
    refused_at("decision", answer, request, boss, decision="withdrawn")
    refused_at("ground", answer, request, boss, decision="refused")
    refused_at("ground", answer, request, boss, decision="refused", ground="accurate")
    refused_at("reason", answer, request, boss, decision="refused", ground="retention", reason=" ")
    noted = {"request": request, "note": "身份证", "is_number_proved": False, "at": MORNING}
    refused_at("identity", person_request_identify, identity="account", actor=clerk, **noted)
    head = world.viewer("head")
    with pytest.raises(PersonRequest.DoesNotExist):
        person_request_identify(identity="document", actor=head, **noted)
    person_request_identify(identity="document", actor=clerk, **noted)
    answer(request, boss, decision="partly", ground="retention")
    with pytest.raises(StaleState):
        answer(request, boss)
    done = person_request_finish(request=request, outcome="电话去掉了", actor=boss, at=MORNING)
    assert (done.state, done.decision, done.done_by) == ("done", "partly", boss.user)
    refused = answer(taken(world), boss, decision="refused", ground="identity")
    assert (refused.state, refused.done_at) == ("done", MORNING), "nothing is left to be done"


def test_staff_are_reminded_once_before_and_once_after(world):  # noqa: F811
    first, over = filed(resident()), taken(world)
    answer(over, world.viewer("administrator"), decision="refused", ground="not_held")
    assert person_requests_remind(at=first.soon_at - timedelta(seconds=1)) == 0
    assert [person_requests_remind(at=first.soon_at) for _time in range(2)] == [1, 0]
    assert [person_requests_remind(at=first.due_at) for _time in range(2)] == [1, 0]
    names = DomainEvent.objects.filter(name__contains="person_request_").order_by("pk").values_list("name", flat=True)
    assert list(names)[-2:] == ["protection.person_request_due_soon", "protection.person_request_overdue"]
    relay.drain()
    told = set(Message.objects.values_list("kind", "user"))
    boss = world.people["administrator"].pk
    assert {
        ("protection.person_request_received", first.person_id),
        ("protection.person_request_new", boss),
        ("protection.person_request_due_soon", boss),
        ("protection.person_request_overdue", boss),
    } <= told
    assert not {kind for kind, user in told if user == first.person_id} - {"protection.person_request_received"}


def test_from_the_account_to_the_answer(world, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    user = resident(email="zhou@example.com")
    own, other, boss = signed_in(user), signed_in(resident("陈立", "+8613812340000")), client_of("administrator")
    assert MINE in own.get("/account/").content.decode()
    assert ASK in own.get("/privacy/").content.decode()
    bad = own.post(ASK, {"kind": "correct", "words": ""})
    assert (bad.status_code, "请写哪里不对" in bad.content.decode()) == (422, True)
    sent = {"kind": "correct", "words": "楼栋写错了，是 7 号楼", "key": str(uuid4())}
    assert own.post(ASK, sent).status_code == own.post(ASK, sent).status_code == 302
    again = own.post(ASK, sent | {"key": str(uuid4())})
    assert (again.status_code, "还在办" in again.content.decode()) == (422, True)
    request = PersonRequest.objects.get()
    page, desk = (
        reverse("protection:my-data-one", args=[request.public_id]),
        reverse("protection:person-request", args=[request.public_id]),
    )
    step = lambda name: reverse("protection:person-request-step", args=[request.public_id, name])  # noqa: E731
    assert "最晚办完" in own.get(page).content.decode()
    assert other.get(page).status_code == 404
    assert client_of("dispatcher").get(desk).status_code == 403
    assert client_of("clerk").get(desk).status_code == 404, "the counter sees what it took down itself"
    with assert_sql(7, at_most=True):
        listed = boss.get(QUEUE).content.decode()
    assert desk in listed
    assert "周梅" not in listed, "the list shows nobody's name in full"
    assert "楼栋写错了" in boss.get(desk).content.decode()
    log = AccessLog.objects.get(purpose="person_request")
    assert (log.user, log.subject_ref) == (world.people["administrator"], f"protection.personrequest:{request.pk}")
    bad = boss.post(step("decision"), {"decision": "refused", "ground": "", "reason": "核实过了"})
    assert (bad.status_code, "请选一条法律上的理由" in bad.content.decode(), "核实过了" in bad.content.decode()) == (
        422, True, True
    )  # fmt: skip
    assert boss.post(step("finish"), {"outcome": "改了"}).status_code == 409
    assert boss.post(step("nothing"), {}).status_code == 404
    given = {"decision": "refused", "ground": "accurate", "reason": "查了登记簿，是 9 号楼"}
    assert boss.post(step("decision"), given).status_code == 302
    html = own.get(page).content.decode()
    assert "谁看过您的请求" in html
    assert all(words in html for words in ("查了登记簿", "向人民法院起诉", "第四十六条"))
    assert own.post(reverse("protection:my-data-withdraw", args=[request.public_id])).status_code == 409
    with assert_sql(9, at_most=True):
        assert page in own.get(MINE).content.decode()
    assert desk in boss.get(QUEUE, {"view": "done"}).content.decode()
    relay.drain()
    assert Message.objects.filter(user=user, kind="protection.person_request_decided", channel="email").exists()


def test_at_the_counter(world, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    clerk, boss = client_of("clerk"), client_of("administrator")
    sent = {"kind": "delete", "name": "", "contact": "13912340001", "words": "删掉电话", "language": "zh-hans"}
    bad = clerk.post(NEW, sent)
    assert (bad.status_code, "请写来人的姓名" in bad.content.decode(), "删掉电话" in bad.content.decode()) == (
        422, True, True
    )  # fmt: skip
    assert clerk.post(NEW, sent | {"name": "王桂兰"}).status_code == 302
    request = PersonRequest.objects.get()
    page = reverse("protection:person-request", args=[request.public_id])
    step = lambda name: reverse("protection:person-request-step", args=[request.public_id, name])  # noqa: E731
    html = clerk.get(page).content.decode()
    assert "核对是不是本人" in html
    assert step("decision") not in html
    assert clerk.post(step("decision"), {"decision": "granted", "reason": "好"}).status_code == 403
    refused = boss.post(step("decision"), {"decision": "granted", "reason": "好"})
    assert (refused.status_code, "先确认是本人" in refused.content.decode()) == (422, True)
    ids = re.findall(r' id="([^"]+)"', refused.content.decode())
    assert len(ids) == len(set(ids))
    assert clerk.post(step("identity"), {"identity": "document", "note": "身份证"}).status_code == 302
    assert boss.post(step("decision"), {"decision": "granted", "reason": "好"}).status_code == 302
    assert boss.post(step("finish"), {"outcome": "电话删了"}).status_code == 302
    assert "电话删了" in clerk.get(page).content.decode()
    assert boss.post(POLICY, {"working_days": "x", "reason": "y"}).status_code == 422
    assert boss.post(POLICY, {"working_days": 10, "reason": "区里要求"}).status_code == 302
    assert client_of("clerk").get(POLICY).status_code == 403


def test_a_closed_account_asks_no_more(world):  # noqa: F811
    from governance.accounts.services import account_delete

    user = resident()
    request = filed(user)
    account_delete(actor=viewer_of(user), at=MORNING)
    relay.drain()
    request.refresh_from_db()
    assert (request.state, request.decision) == ("done", "withdrawn")


def made(request, world):  # noqa: F811
    """Have the copy made as a worker does, and return what it says."""
    answer(request, world.viewer("administrator"))
    job = job_run(job_id=PersonCopy.objects.get(request=request).job_id, clock=lambda: MORNING)
    assert job.state == "done", job.error
    return "".join(
        f"{label}={text};"
        for source in PersonCopy.objects.get(request=request).parts
        for part in source["parts"]
        for label, text in [("", part["title"]), *part["rows"]]
    )


def test_a_copy_holds_what_is_theirs_and_only_they_take_it(world, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    user, other = resident(email="zhou@example.com"), resident("陈立", "+8613812340000")
    own, tip = (
        to_state(world, "callback", at=MORNING),
        to_state(world, "submitted", at=MORNING, kind="tip_off", body="举报一件事"),
    )
    strange = to_state(world, "accepted", at=MORNING, body="别人的事")
    ServiceRequest.objects.filter(pk__in=[own.pk, tip.pk]).update(account=user)
    contact_reveal(request=own, purpose="visit", actor=world.viewer("handler"), at=MORNING)
    request = filed(user)
    said = made(request, world)
    for words in (own.number_grouped, own.body, tip.number_grouped, "约上门时间", "zhou@example.com", "+8613812345678"):
        assert words in said, words
    assert strange.body not in said
    assert world.people["handler"].display_name not in said, "offices are named, never colleagues"
    request.refresh_from_db()
    assert request.state == "done"
    with connection.cursor() as cursor:
        cursor.execute("SELECT protection_personcopy::text FROM protection_personcopy")
        assert "zhou@example.com" not in cursor.fetchone()[0]
    page = reverse("protection:my-data-one", args=[request.public_id])
    address = reverse("protection:my-data-copy", args=[request.public_id])
    mine = signed_in(user)
    confirm = reverse("protection:my-data-confirm", args=[request.public_id])
    assert confirm in mine.get(page).content.decode()
    assert "/account/again/" in mine.get(address)["Location"], "shown once more who it is"
    again = mine.get(confirm)["Location"]
    mine.post(again, {"recipient": "zhou@example.com"})
    back = mine.post(reverse("account_confirm_reauthentication_code"), {"code": last_code(), "next": confirm})
    assert back["Location"] == confirm
    assert mine.get(confirm)["Location"] == page, "back at the page, not left at the question"
    assert address in mine.get(page).content.decode()
    file = mine.get(address)
    assert (file.status_code, own.body in file.content.decode(), "attachment" in file["Content-Disposition"]) == (
        200, True, True
    )  # fmt: skip
    assert AccessLog.objects.filter(user=user, purpose="person_copy").count() == 1
    with pytest.raises(PersonRequest.DoesNotExist):
        person_copy_take(request=request, actor=viewer_of(other), at=MORNING)
    desk = reverse("protection:person-request-copy", args=[request.public_id])
    assert client_of("administrator").get(desk).status_code == 404, "who handles it does not see inside"
    time_machine.move_to(MORNING + timedelta(days=7), tick=False)
    assert "已经删了" in signed_in(user).get(page).content.decode()
    assert person_copies_expire(at=MORNING + timedelta(days=7)) == 1


def test_a_copy_at_the_counter_is_handed_over_and_keeps_tip_offs_out(world, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    known, tip = (
        to_state(world, "accepted", at=MORNING, kind=kind, phone="13912340001") for kind in ("help", "tip_off")
    )
    unproved = taken(world, kind="copy", words="", identity="document")
    assert known.number_grouped not in made(unproved, world), "a number that nobody called is nobody's"
    request = taken(world, kind="copy", words="", identity="document", is_number_proved=True)
    said = made(request, world)
    assert known.number_grouped in said
    assert tip.number_grouped not in said
    desk = reverse("protection:person-request-copy", args=[request.public_id])
    file = client_of("clerk").get(desk)
    assert known.number_grouped in file.content.decode()
    assert AccessLog.objects.get(purpose="person_copy").user == world.people["clerk"]
    assert client_of("head").get(desk).status_code == 404
    copy = PersonCopy.objects.get(request=request)
    PersonCopy.objects.filter(pk=copy.pk).update(made_at=None, expires_at=None)
    assert client_of("clerk").get(desk).status_code == 409


def test_a_deletion_lets_go_of_what_need_not_be_kept(world, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    user, boss = resident(), client_of("administrator")
    closed, open_one = to_state(world, "closed", at=MORNING), to_state(world, "accepted", at=MORNING)
    strange = to_state(world, "closed", at=MORNING)
    ServiceRequest.objects.filter(pk__in=[closed.pk, open_one.pk]).update(account=user)
    request = filed(user, kind="delete", words="用不着的都删")
    step = lambda name: reverse("protection:person-request-step", args=[request.public_id, name])  # noqa: E731
    assert boss.post(step("erase"), {"what": ["requests_intake.1_requests"]}).status_code == 409, (
        "not before the answer"
    )
    answer(request, world.viewer("administrator"), decision="partly", ground="retention")
    assert boss.post(step("erase"), {"what": []}).status_code == 422
    assert (
        boss.post(step("erase"), {"what": ["requests_intake.1_requests", "requests_intake.4_drafts"]}).status_code
        == 302
    )
    left = RequesterContact.objects.filter(request__in=[closed, open_one, strange]).values_list("request_id", flat=True)
    assert set(left) == {open_one.pk, strange.pk}
    request.refresh_from_db()
    assert request.erased_count == 1
    gone = DomainEvent.objects.get(name="requests_intake.contact_removed")
    assert gone.actor_id == world.people["administrator"].pk, "the trail says who pressed"
    assert boss.post(step("finish"), {"outcome": "联系方式删了"}).status_code == 302


def test_what_else_they_hold_is_told_and_let_go_of(world):  # noqa: F811
    """Found by the account's verified number and address: past appointments, drafts, follows; nobody else's."""
    user, later = resident(email="zhou@example.com"), MORNING + timedelta(days=3)
    window = open_window(world)
    mine, others = book(window, phone="13812345678", name="周梅自己"), book(window, phone="13912349999", name="别人")
    Appointment.objects.filter(pk__in=[mine.pk, others.pk]).update(state="arrived", ended_at=NINE)
    booked = book(window, phone="13812345678", name="还没到", starts_at=NINE + timedelta(days=1))
    draft_start(data={"kind": "help", "raw": {"body": "写了一半"}}, at=MORNING, actor=viewer_of(user))
    index = Follow._meta.get_field("email_index").digest
    for email in ("zhou@example.com", "chen@example.com"):
        Follow.objects.create(email=email, email_index=index(email), area_code=EAST, asked_at=MORNING)
    whose = Whose(user, "+8613812345678")
    said = [text for source in sources() for part in source.parts(whose, later) for _label, text in part.rows]
    assert {"周梅自己", "还没到", "写了一半", EAST} <= set(said)
    assert "别人" not in said
    boss = world.viewer("administrator")
    gone = {one.key.partition("_intake.")[2]: one.erase(whose, boss, later) for one in sources() if one.erase}
    assert gone == {"1_requests": 0, "3_appointments": 1, "4_drafts": 1, "5_follows": 1}
    assert set(Appointment.objects.exclude(phone_index="").values_list("pk", flat=True)) == {booked.pk, others.pk}
    assert not Draft.objects.exists()
    assert [str(one.email) for one in Follow.objects.all()] == ["chen@example.com"]
