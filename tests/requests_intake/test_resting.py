"""Pauses, the ledger, the extension: what stands still, what moves, what never does, and who is told."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.access.viewer import requester
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake.models import (
    Clock,
    Extension,
    LedgerEntry,
    LedgerFile,
    LedgerMilestone,
    Pause,
    ServiceRequest,
    Supplement,
    WorkOrder,
)
from requests_intake.selectors.why import why_this_date
from requests_intake.services.closing import request_answer, request_withdraw
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.extension import extension_approve, order_ask_extension
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.ledger import (
    Milestone,
    ledger_approve,
    ledger_check,
    ledger_decline,
    ledger_reach,
    milestones_of,
    order_ask_ledger,
)
from requests_intake.services.resting import (
    order_ask_resident,
    pause_expire,
    pauses_due,
    request_ask,
    request_resume,
    request_suspend,
)
from requests_intake.services.returns import turn_expire
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.governance.file_samples import drawing, encoded
from tests.requests_intake.walk import to_state, to_turn

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ASKED = MORNING + HOUR  # when the turns of the walk are taken


def running(request):
    return {clock.kind: clock for clock in Clock.objects.filter(request=request, stopped_at=None)}


def fresh(request):
    return ServiceRequest.objects.get(pk=request.pk)


def lead(request):
    return WorkOrder.objects.get(request=request, role="lead", is_current=True)


def answer(request, at, text="门口左边那一盏"):
    return request_answer(request=request, text=text, file_ids=[], actor=requester(ref_of(request)), at=at)


def ask(world, request, at=ASKED):
    return request_ask(request=request, text="是哪一盏灯？", actor=world.viewer("dispatcher"), at=at)


def event_types(request):
    return list(DomainEvent.objects.filter(subject_ref=ref_of(request)).order_by("pk").values_list("name", flat=True))


def test_a_question_stops_the_clocks_and_the_answer_lets_them_go_on(world):
    request = to_turn(world, "asked")
    before = request.due_at
    assert request.waiting_for == "question"
    assert {clock.paused_at for clock in running(request).values()} == {ASKED}
    assert {clock.next_at for clock in running(request).values()} == {None}
    # nothing is due before the clocks go on: five working days after Tuesday
    assert request.next_due_at == request.paused_until == lead(request).next_due_at
    assert request.paused_until.isoformat() == "2026-11-24T10:00:00+00:00"
    answer(request, ASKED + 2 * DAY)
    request = fresh(request)
    assert (request.waiting_for, request.paused_until) == ("", None)
    assert request.due_at == before + 2 * DAY == running(request)["answer"].due_at == lead(request).due_at
    assert request.original_due_at == before == running(request)["answer"].original_due_at
    assert lead(request).next_due_at == request.next_due_at == running(request)["contact"].due_at
    assert running(request)["contact"].next_at is not None
    assert Pause.objects.get().answer == Supplement.objects.get()
    assert [row.name for row in request.transitions.all()][-2:] == ["ask", "answer"]
    assert event_types(request)[-2:] == ["requests_intake.question_asked", "requests_intake.question_answered"]


def test_working_limits_move_by_the_office_hours_that_passed(world):
    """Two working hours from 10:20; asked at 11:00 with 1 h 20 min left, answered the next morning at ten."""
    request = to_state(world, "dispatched")
    sign = running(request)["sign"]
    assert (sign.is_working, sign.due_at.isoformat()) == (True, "2026-11-17T05:50:00+00:00")
    ask(world, request, at=MORNING + HOUR)
    answer(request, MORNING + DAY)
    assert running(request)["sign"].due_at.isoformat() == "2026-11-18T03:20:00+00:00"
    assert lead(request).next_due_at == running(request)["sign"].due_at


def test_nobody_is_reminded_while_the_clocks_stand_still(world):
    request = to_turn(world, "asked")
    assert deadline_sweep(at=ASKED + 6 * DAY).clocks == 0
    assert pauses_due(at=request.paused_until - timedelta(seconds=1), limit=9) == []
    assert pauses_due(at=request.paused_until, limit=9) == [request.pk]
    assert pause_expire(request_id=request.pk, at=request.paused_until)
    assert not pause_expire(request_id=request.pk, at=request.paused_until)
    after = fresh(request)
    assert (after.waiting_for, after.paused_until) == ("", None)
    assert after.due_at == request.due_at + (request.paused_until - ASKED)
    assert event_types(request)[-1] == "requests_intake.question_lapsed"
    assert deadline_sweep(at=after.due_at + HOUR).escalations > 0


def test_what_was_late_stays_late(world):
    request = to_state(world, "contacted")
    late = request.due_at + HOUR
    deadline_sweep(at=late)
    ask(world, request, at=late)
    assert fresh(request).next_due_at == request.due_at  # still in the list of what is overdue
    assert deadline_sweep(at=late + 4 * DAY).clocks == 0
    answer(request, late + 4 * DAY)
    assert fresh(request).due_at == request.due_at
    assert running(request)["answer"].due_at == request.due_at
    assert deadline_sweep(at=late + 4 * DAY).clocks == 1


def test_one_question_at_a_time_and_none_beside_another_decision(world):
    request = to_turn(world, "asked")
    with pytest.raises(StaleState) as refused:
        ask(world, request, at=ASKED + HOUR)
    assert refused.value.code == "waiting"
    for turn in ("returning", "disputed", "ledger_asked", "extension_asked"):
        with pytest.raises(StaleState):
            ask(world, to_turn(world, turn), at=ASKED + HOUR)


@pytest.mark.parametrize("text", ["", "  ", "问" * 501])
def test_a_question_has_words(world, text):
    request = to_state(world, "signed")
    with pytest.raises(DomainError) as refused:
        order_ask_resident(order=lead(request), text=text, actor=world.viewer("handler"), at=ASKED)
    assert refused.value.field == "text"
    assert not Pause.objects.exists()


def test_a_clock_that_starts_meanwhile_stands_still_too(world):
    request = to_state(world, "dispatched")
    ask(world, request)
    order_sign(order=lead(request), actor=world.viewer("handler"), at=ASKED + HOUR)
    contact = running(request)["contact"]
    assert (contact.paused_at, contact.next_at) == (ASKED + HOUR, None)
    signed = Clock.objects.get(request=request, kind="sign")
    assert signed.due_at > ASKED + HOUR  # what stood still was not due when it was done
    answer(request, ASKED + 3 * HOUR)
    assert running(request)["contact"].due_at == contact.due_at + 2 * HOUR


def test_reaching_the_resident_or_answering_them_ends_the_question(world):
    request = to_turn(world, "asked")
    handler = world.viewer("handler")
    order_contact(order=lead(request), how="phone", reached=True, note="左边那盏", actor=handler, at=ASKED + DAY)
    after = fresh(request)
    assert (after.waiting_for, after.due_at) == ("", request.due_at + DAY)
    order_ask_resident(order=lead(request), text="还亮吗？", actor=handler, at=ASKED + DAY + HOUR)
    order_reply(order=lead(request), text="修好了。", file_ids=[], actor=handler, at=ASKED + DAY + 2 * HOUR)
    after = fresh(request)
    assert (after.state, after.waiting_for, after.paused_until) == ("callback", "", None)
    assert not Pause.objects.filter(ended_at=None).exists()
    assert set(running(request)) == {"rate"}
    with pytest.raises(StaleState):
        answer(request, ASKED + 2 * DAY)


def test_withdrawing_ends_everything(world):
    for turn in ("asked", "suspended", "ledgered", "extension_asked", "ledger_asked"):
        request = to_turn(world, turn)
        request_withdraw(request=request, comment="", actor=requester(ref_of(request)), at=ASKED + HOUR)
        after = fresh(request)
        assert (after.state, after.waiting_for, after.paused_until) == ("withdrawn", "", None), turn
        assert running(request) == {}, turn
    assert not Pause.objects.filter(ended_at=None).exists()
    assert not Extension.objects.filter(decided_at=None).exists()
    assert not LedgerEntry.objects.filter(decided_at=None).exists()


def test_suspended_until_a_day_and_going_on_by_itself(world):
    request = to_turn(world, "suspended")
    assert (request.state, request.state_before) == ("suspended", "in_progress")
    assert request.paused_until.isoformat() == "2026-11-24T00:30:00+00:00"  # when the office opens
    with pytest.raises(StaleState) as refused:
        order_contact(
            order=lead(request), how="phone", reached=True, note="", actor=world.viewer("handler"), at=ASKED + HOUR
        )
    assert refused.value.code == "resting"
    assert pause_expire(request_id=request.pk, at=request.paused_until)
    after = fresh(request)
    assert (after.state, after.state_before, after.paused_until) == ("in_progress", "", None)
    assert after.due_at == request.due_at + (request.paused_until - ASKED)
    assert event_types(request)[-1] == "requests_intake.resumed"


def test_resumed_by_hand(world):
    request = to_turn(world, "suspended")
    request_resume(request=request, actor=world.viewer("dispatcher"), at=ASKED + DAY)
    assert fresh(request).due_at == request.due_at + DAY


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (None, "until_required"),
        (date(2026, 11, 17), "until_past"),
        (date(2026, 12, 18), "until_too_far"),
    ],
)
def test_a_suspension_ends_within_its_limit(world, until, code):
    request = to_state(world, "signed")
    with pytest.raises(DomainError) as refused:
        request_suspend(request=request, text="等货", until=until, actor=world.viewer("dispatcher"), at=ASKED)
    assert (refused.value.code, refused.value.field) == (code, "until")


def test_the_ledger_runs_until_its_milestone(world):
    request = to_turn(world, "ledger_asked")
    assert running(request)["answer"].paused_at is None  # until it is decided, the promise stands
    ledger_check(request=request, actor=world.viewer("supervisor"), at=ASKED)
    assert running(request)["answer"].paused_at is None
    ledger_approve(request=request, actor=world.viewer("district"), at=ASKED)
    request = fresh(request)
    entry = LedgerEntry.objects.get(request=request)
    assert (request.state, entry.is_approved, entry.office) == ("ledgered", True, world.organisations["lamps"])
    assert request.paused_until.isoformat() == "2027-02-15T00:30:00+00:00"
    assert "decide" not in running(request)
    assert deadline_sweep(at=request.paused_until - HOUR).clocks == 0
    assert pause_expire(request_id=request.pk, at=request.paused_until)
    after = fresh(request)
    assert after.state == "in_progress"
    assert after.due_at == request.due_at + (request.paused_until - ASKED)


def test_what_nobody_decided_is_refused(world):
    for turn, model in [
        ("ledger_asked", LedgerEntry),
        ("ledger_checked", LedgerEntry),
        ("extension_asked", Extension),
    ]:
        request = to_turn(world, turn)
        clock = running(request)["decide"]
        assert not turn_expire(clock_id=clock.pk, at=clock.due_at - timedelta(seconds=1))
        assert turn_expire(clock_id=clock.pk, at=clock.due_at)
        assert not turn_expire(clock_id=clock.pk, at=clock.due_at)
        row = model.objects.get(request=request)
        assert (row.is_approved, row.decided_by, fresh(request).waiting_for) == (False, None, ""), turn
        assert "decide" not in running(request)
        assert fresh(request).due_at == request.due_at


def test_an_extension_moves_the_answer_once(world):
    request = to_turn(world, "extension_asked")
    assert running(request)["decide"].due_at == request.due_at  # undecided by then, it is refused
    extension_approve(request=request, actor=world.viewer("supervisor"), at=ASKED + HOUR)
    after = fresh(request)
    assert after.due_at == request.due_at + 5 * DAY == running(request)["answer"].due_at == lead(request).due_at
    assert after.original_due_at == request.original_due_at
    row = Extension.objects.get(request=request)
    assert (row.due_before, row.due_after, row.decided_by) == (
        request.due_at,
        after.due_at,
        world.people["supervisor"],
    )
    with pytest.raises(DomainError) as refused:
        order_ask_extension(order=lead(request), amount=1, text="还不够", actor=world.viewer("handler"), at=ASKED + DAY)
    assert refused.value.code == "extension_asked"


@pytest.mark.parametrize(
    ("amount", "code"), [(None, "amount_required"), (0, "extension_amount"), (8, "extension_amount")]
)
def test_an_extension_is_at_most_as_long_as_the_promise(world, amount, code):
    request = to_state(world, "signed")
    with pytest.raises(DomainError) as refused:
        order_ask_extension(order=lead(request), amount=amount, text="运灯杆", actor=world.viewer("handler"), at=ASKED)
    assert (refused.value.code, refused.value.field) == (code, "amount")


def test_after_the_deadline_nobody_asks_for_more_time(world):
    request = to_state(world, "signed")
    with pytest.raises(DomainError) as refused:
        order_ask_extension(
            order=lead(request), amount=2, text="晚了", actor=world.viewer("handler"), at=request.due_at
        )
    assert refused.value.code == "extension_too_late"
    assert not Extension.objects.exists()


def test_why_this_date_tells_pauses_and_the_extension_in_order(world):
    request = to_turn(world, "asked")
    assert "现在不算" in str(why_this_date(request)[-1].text)
    answer(request, ASKED + DAY)
    order_ask_extension(
        order=lead(request), amount=2, text="灯杆要从外地运来", actor=world.viewer("handler"), at=ASKED + 2 * DAY
    )
    extension_approve(request=request, actor=world.viewer("supervisor"), at=ASKED + 2 * DAY + HOUR)
    lines = [str(line.text) for line in why_this_date(fresh(request))]
    assert lines[-3:] == [
        "11月17日 11:00 至 11月18日 11:00 等居民补充，不算；到期改为 11月25日 18:00",
        "11月19日 12:00 柳塘街道办事处同意延期 2 天，到期改为 11月27日 18:00，理由：",
        "灯杆要从外地运来",
    ]


def test_a_ledger_entry_is_decided_before_its_milestone(world):
    request = to_turn(world, "ledger_checked")
    LedgerEntry.objects.filter(request=request).update(milestone=date(2026, 11, 17))
    with pytest.raises(DomainError) as refused:
        ledger_approve(request=request, actor=world.viewer("district"), at=ASKED + HOUR)
    assert refused.value.code == "milestone_past"


def test_nobody_does_two_of_asking_checking_and_deciding(world):
    """Not even where their roles would let them."""
    request = to_turn(world, "ledger_asked")
    LedgerEntry.objects.filter(request=request).update(asked_by=world.people["supervisor"])
    with pytest.raises(Forbidden):
        ledger_check(request=request, actor=world.viewer("supervisor"), at=ASKED)
    checked = to_turn(world, "ledger_checked")
    worlds.grant(world, "supervisor", "district_viewer", "990105")
    with pytest.raises(Forbidden):
        ledger_approve(request=checked, actor=world.viewer("supervisor"), at=ASKED)
    with pytest.raises(StaleState):
        ledger_check(request=checked, actor=world.viewer("supervisor"), at=ASKED)
    ledger_decline(request=checked, text="先想别的办法", actor=world.viewer("district"), at=ASKED)
    assert (fresh(checked).state, fresh(checked).waiting_for) == ("in_progress", "")


def test_milestones_are_planned_reached_once_and_told(world):
    request = to_turn(world, "ledgered")
    assert [(str(one.day), one.text) for one in LedgerMilestone.objects.filter(entry__request=request)] == [
        ("2026-12-20", "采购灯杆"),
        ("2027-01-30", "开工"),
    ]
    step = str(LedgerMilestone.objects.filter(entry__request=request)[0].pk)
    handler, later = world.viewer("handler"), ASKED + 30 * DAY
    for bad, field in [({"step": "", "text": "到了"}, "step"), ({"step": step, "text": ""}, "text")]:
        with pytest.raises(DomainError) as refused:
            ledger_reach(request=request, **bad, actor=handler, at=later)
        assert refused.value.field == field
    with pytest.raises(DomainError):
        ledger_reach(request=request, step="9" * 30, text="x", actor=handler, at=later)
    with pytest.raises(Forbidden):
        ledger_reach(request=request, step=step, text="x", actor=world.viewer("other_handler"), at=later)
    ledger_reach(request=request, step=step, text="灯杆到货了", actor=handler, at=later)
    with pytest.raises(StaleState):
        ledger_reach(request=request, step=step, text="又到了", actor=handler, at=later)
    told = fresh(request).transitions.get(name="reach_milestone")
    assert (told.is_public, told.text) == (True, "采购灯杆\n灯杆到货了")
    assert fresh(request).state == "ledgered"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("明年春天 采购", "steps_line"),
        ("2026-13-40 采购", "steps_line"),
        ("2026-11-17 采购", "steps_day"),
        ("2027-03-01 采购", "steps_day"),
        ("2026-12-20 " + "长" * 101, "steps_long"),
        ("\n".join(f"2026-12-{day} 采购" for day in range(11, 20)), "steps_many"),
    ],
)
def test_milestones_that_are_none_are_told_by_their_line(lines, code):
    with pytest.raises(DomainError) as refused:
        milestones_of(lines, until=date(2027, 2, 15), today=date(2026, 11, 17))
    assert (refused.value.code, refused.value.field) == (code, "steps")


def test_the_evidence_of_an_application_is_for_staff_of_the_request(world, client, client_of):
    """Sent along with the form, shown to who checks and decides; the resident and other offices never fetch it."""
    request = to_state(world, "signed")
    form = {
        "text": "要等整条路改造",
        "plan": "明年一起换",
        "steps": "2026年12月20日 采购灯杆",
        "milestone": "2027-02-15",
        "order": lead(request).pk,
    }
    act = reverse("intake:act", args=[request.number, "ask_ledger"])
    refused = client_of("handler").post(act, form | {"photos": SimpleUploadedFile("a.exe", b"MZ")})
    assert refused.status_code == 422
    assert not LedgerEntry.objects.exists()
    paper = SimpleUploadedFile("批复.png", encoded(drawing(80), "PNG"), "image/png")
    assert client_of("handler").post(act, form | {"photos": paper}).status_code == 302
    one = LedgerFile.objects.get(entry__request=request)
    address = reverse("files:show", args=[one.file_id, "full"])
    for name, status in (("supervisor", 200), ("district", 200), ("handler", 200), ("other_handler", 404)):
        assert client_of(name).get(address).status_code == status, name
    assert client.get(address).status_code == 404
    assert "批复.png" in client_of("supervisor").get(reverse("intake:request", args=[request.number])).content.decode()
    page = client.get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert "批复.png" not in page


def test_a_milestone_is_read_as_people_write_it():
    for line in ("2026-12-20 采购灯杆", "2026/12/20：采购灯杆", "2026年12月20日，采购灯杆", "2026.12.20采购灯杆"):
        assert milestones_of(line, until=None, today=date(2026, 11, 17)) == [Milestone(date(2026, 12, 20), "采购灯杆")]
    assert milestones_of("", until=None, today=date(2026, 11, 17)) == []


def test_a_plan_may_be_as_long_as_its_fields(world):
    """Reason, plan and milestones stand together in what the resident reads: nothing is cut, nothing breaks."""
    request = to_state(world, "signed")
    steps = "\n".join(f"2026-12-{day} " + "步" * 99 for day in range(11, 19))
    order_ask_ledger(
        order=lead(request),
        text="因" * 500,
        plan="划" * 1000,
        milestone=date(2027, 2, 15),
        steps=steps,
        actor=world.viewer("handler"),
        at=ASKED,
    )
    ledger_check(request=request, actor=world.viewer("supervisor"), at=ASKED)
    ledger_approve(request=request, actor=world.viewer("district"), at=ASKED)
    assert fresh(request).state == "ledgered"


def test_the_pages_tell_it(world, client, client_of):
    """The resident reads question, reason and new date; staff see why the clocks stand still."""
    request = to_turn(world, "asked")
    page = client.get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert "是哪一盏灯？" in page
    assert 'id="own-answer" open' in page
    sent = client.post(reverse("intake:own", args=[request.track_token, "answer"]), {"text": "左边"})
    assert sent.status_code == 302
    assert "您回答了" in client.get(reverse("intake:track", args=[request.track_token])).content.decode()
    request = to_turn(world, "extended")
    page = client.get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert "原定 11月24日 18:00，改为 11月29日 18:00。理由：灯杆要从外地运来" in page
    for turn, words in [
        ("suspended", "等新灯到货"),
        ("ledgered", "明年春天改造时一起换"),
        ("extension_asked", "灯杆要从外地运来"),
        ("ledger_asked", "要等整条路改造"),
    ]:
        request = to_turn(world, turn)
        page = client_of("supervisor").get(reverse("intake:request", args=[request.number])).content.decode()
        assert words in page, turn
