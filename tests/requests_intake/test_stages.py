"""Stages before the answer: data of a policy version, clocks of their own, ticked by the office, moved by pauses."""

from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from governance.access.viewer import requester
from governance.errors import DomainError, StaleState
from governance.files.services import image_store
from governance.notifications.models import Message
from governance.outbox import relay
from governance.refs import ref_of
from governance.worktime import Duration, Unit
from requests_intake.models import Clock, PolicyStage, Reply, ServiceRequest, WorkOrder
from requests_intake.selectors.tracking import tracking
from requests_intake.selectors.why import why_this_date
from requests_intake.services import clocks as clocks_module
from requests_intake.services.closing import request_reopen
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.handling import order_contact, order_reply
from requests_intake.services.policies import StageDraft, policy_version_create
from requests_intake.services.resting import request_resume, request_suspend
from requests_intake.services.staging import order_reach_stage
from requests_intake.workflow import ClockKind
from tests.factories.world import MORNING
from tests.governance.test_worktime_arithmetic import DURATIONS, STARTS, calendars, reference, start_of, walked
from tests.governance.test_worktime_arithmetic import open_minutes as open_minutes_of
from tests.requests_intake.test_drafts import picture
from tests.requests_intake.test_policies import draft
from tests.requests_intake.walk import staged, to_state, to_turn
from tests.sql import assert_sql
from tests.web.english import chinese_in

ACCEPTED = MORNING + timedelta(minutes=10)
LATER = MORNING + timedelta(hours=1)


def stage_clocks(request) -> dict[str, Clock]:
    rows = Clock.objects.filter(request=request, kind=ClockKind.STAGE).select_related("stage").order_by("pk")
    return {clock.stage.name_en: clock for clock in rows}


def lead(request) -> WorkOrder:
    return WorkOrder.objects.get(request=request, role="lead", is_current=True)


def reach(world, request, stage="1", *, at=LATER, text="看过了，灯罩碎了，先围起来。", file_ids=()):
    return order_reach_stage(
        order=lead(request), stage=stage, text=text, file_ids=file_ids, actor=world.viewer("handler", at), at=at
    )


def test_stages_count_from_acceptance_and_what_was_promised_stays(world):
    before = to_state(world, "submitted")
    staged(world)
    request = to_state(world, "accepted")
    clocks = stage_clocks(request)
    assert clocks["On the spot"].due_at == ACCEPTED + timedelta(hours=2)
    assert clocks["Stop-gap"].due_at == datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # tomorrow at closing time
    assert {clock.started_at for clock in clocks.values()} == {ACCEPTED}
    assert not stage_clocks(before)
    # the nearest thing due is what the queue sorts by
    assert request.next_due_at == min(clock.due_at for clock in Clock.objects.filter(request=request, stopped_at=None))


def test_a_reached_stage_stops_its_clock_and_is_read_by_the_resident(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    request = to_turn(world, "staged")
    actor = world.viewer("handler", LATER)
    photo = image_store(upload=picture(), owner_ref="", actor=actor, at=LATER)
    reach(world, request, file_ids=[photo.pk])
    clocks = stage_clocks(request)
    assert clocks["On the spot"].stopped_at == LATER
    assert clocks["Stop-gap"].stopped_at is None
    request.refresh_from_db()
    found = tracking(request, at=LATER)
    step = found.steps[0]
    assert step.text == "到现场\n看过了，灯罩碎了，先围起来。"
    assert len(step.photos) == 1
    assert found.own_photos == []
    assert found.answer is None
    assert [(line.label, line.reached_at) for line in found.stages] == [("到现场", LATER), ("临时措施", None)]
    assert request.state == "in_progress"
    # the answer itself is another thing
    order_contact(order=lead(request), how="phone", reached=True, note="", actor=actor, at=LATER)
    order_reply(order=lead(request), text="换好了。", file_ids=[], actor=actor, at=LATER + timedelta(minutes=1))
    request.refresh_from_db()
    assert tracking(request, at=LATER).answer.text == "换好了。"
    assert all(clock.stopped_at for clock in stage_clocks(request).values())


@pytest.mark.parametrize(("stage", "text", "field"), [("3", "好", "stage"), ("", "好", "stage"), ("1", " ", "text")])
def test_what_a_reached_stage_must_say(world, stage, text, field):
    request = to_turn(world, "staged")
    with pytest.raises(DomainError) as refused:
        reach(world, request, stage, text=text)
    assert refused.value.field == field
    assert not Reply.objects.exists()


def test_a_stage_is_reached_once(world):
    request = to_turn(world, "staged")
    reach(world, request)
    with pytest.raises(StaleState):
        reach(world, request)
    assert Reply.objects.count() == 1


def test_its_clock_warns_and_escalates_like_the_others_and_says_which_stage(world):
    request = to_turn(world, "staged")
    clock = stage_clocks(request)["On the spot"]
    Clock.objects.filter(request=request).exclude(pk=clock.pk).update(next_at=None)
    relay.drain(clock.warn_at)
    deadline_sweep(at=clock.warn_at)
    deadline_sweep(at=clock.due_at)
    assert [row.recipient for row in clock.escalations.order_by("level")] == [
        world.people["handler"],
        world.people["head"],
    ]
    relay.drain(clock.due_at)
    contexts = list(Message.objects.filter(kind="requests_intake.deadline").values_list("context", flat=True))
    assert contexts
    assert all(context["clock"] == {"zh": "到现场", "en": "On the spot"} for context in contexts)


def test_a_pause_moves_them_and_why_says_so(world):
    request = to_turn(world, "staged")
    before = {name: clock.due_at for name, clock in stage_clocks(request).items()}
    desk = world.viewer("dispatcher", LATER)
    request_suspend(request=request, text="等新灯到货", until=date(2026, 11, 24), actor=desk, at=LATER)
    assert all(clock.paused_at == LATER for clock in stage_clocks(request).values())
    request_resume(request=request, actor=desk, at=LATER + timedelta(minutes=30))
    after = stage_clocks(request)
    assert after["On the spot"].due_at == before["On the spot"] + timedelta(minutes=30)
    assert after["Stop-gap"].due_at > before["Stop-gap"]
    request.refresh_from_db()
    lines = [str(line.text) for line in why_this_date(request)]
    place = lines.index("阶段“到现场”：")
    assert lines[place + 1].startswith("从 11月17日 10:10 起算")
    assert "12:10 到期" in lines[place + 2]
    assert lines[place + 3] == "停着的时间不算，到期改为 11月17日 12:40"
    assert "阶段“临时措施”：" in lines


def test_opened_anew_they_run_anew(world):
    staged(world)
    request = to_state(world, "closed")
    at = MORNING + timedelta(days=2)
    request_reopen(request=request, comment="又坏了", actor=requester(ref_of(request)), at=at)
    running = Clock.objects.filter(request=request, kind=ClockKind.STAGE, stopped_at=None)
    assert {clock.started_at for clock in running} == {at}
    assert running.count() == 2
    request.refresh_from_db()
    assert [line.reached_at for line in tracking(request, at=at).stages] == [None, None]


STAGES = (
    StageDraft("到现场", "On the spot", Duration(2, Unit.NATURAL_HOUR)),
    StageDraft("临时措施", "Stop-gap", Duration(1, Unit.WORKING_DAY)),
)


def version(world, stages, after=1):
    return policy_version_create(
        key="general",
        after=after,
        draft=draft(stages=tuple(stages)),
        reason="分步答复",
        actor=world.viewer("operations"),
        at=MORNING,
    )


def test_a_version_holds_its_stages(world):
    made = version(world, STAGES)
    assert [(row.position, row.name, row.duration) for row in made.stages.all()] == [
        (1, "到现场", STAGES[0].limit),
        (2, "临时措施", STAGES[1].limit),
    ]
    with pytest.raises(DomainError) as refused:
        version(world, STAGES, after=2)
    assert refused.value.code == "nothing_changed"
    assert version(world, STAGES[:1], after=2).stages.count() == 1


@pytest.mark.parametrize(
    ("stages", "field"),
    [
        ([StageDraft("", "On the spot", STAGES[0].limit)], "stage1_name"),
        ([StageDraft("到现场", "", STAGES[0].limit)], "stage1_name_en"),
        ([StageDraft("到现场", "On the spot", None)], "stage1_amount"),
        ([StageDraft("到现场", "On the spot", Duration(1000, Unit.NATURAL_HOUR))], "stage1_amount"),
        ([STAGES[1], STAGES[0]], "stage2_amount"),  # the second is earlier than the first
        ([StageDraft("最终", "Final", Duration(4, Unit.WORKING_DAY))], "stage1_amount"),  # the answer takes three
        ([STAGES[0]] * 5, None),
    ],
)
def test_what_stages_must_say(world, stages, field):
    with pytest.raises(DomainError) as refused:
        version(world, stages)
    assert refused.value.field == field
    assert not PolicyStage.objects.exists()


@how(max_examples=60, deadline=None)
@given(calendars(), STARTS, DURATIONS, st.integers(1, 3000), st.integers(1, 3000))
def test_a_stage_agrees_with_the_slow_reference(calendar, minutes, duration, after, length):
    """Its clock ends where walking minute by minute ends; a pause moves it by what passed, in its own time."""
    start = start_of(minutes, calendar)
    stage = PolicyStage(name="x", name_en="x", position=1, amount=duration.amount, unit=duration.unit)
    request = ServiceRequest(pk=1, policy_id=1)
    with (
        mock.patch.object(clocks_module, "stages_of", return_value=(stage,)),
        mock.patch.object(clocks_module, "calendar_current", return_value=calendar),
        mock.patch.object(clocks_module, "ladder", return_value=()),
        mock.patch.object(clocks_module, "clocks_stop"),
        mock.patch.object(Clock.objects, "bulk_create") as made,
        mock.patch.object(Clock.objects, "bulk_update"),
    ):
        clocks_module.stages_start(request=request, start=start)
        (clock,) = made.call_args[0][0]
        due = reference(start, duration, calendar).astimezone(UTC)
        assert (clock.due_at, clock.original_due_at) == (due, due)
        assert start <= clock.warn_at <= due
        clock.paused_at = paused = start + timedelta(minutes=after)
        resumed = paused + timedelta(minutes=length)
        standing = mock.Mock(filter=lambda **_: [clock])
        clocks_module.clocks_go_on(standing, resumed)
    if due <= paused:
        assert clock.due_at == due
    elif duration.unit.is_working:
        assert clock.due_at == walked(due, open_minutes_of(paused, resumed, calendar), calendar)
    else:
        assert clock.due_at - due == resumed - paused


def test_the_pages_show_and_take_them(world, client_of):
    posted = {"after": "1", "name": "一般", "name_en": "General", "valid_from": "2099-01-01", "reason": "分步答复"}
    for kind, amount in (("accept", 2), ("sign", 2), ("contact", 24), ("answer", 7)):
        posted |= {f"{kind}_amount": str(amount), f"{kind}_unit": "natural_day" if kind == "answer" else "natural_hour"}
    posted |= {"stage1_name": "到现场", "stage1_name_en": "On the spot", "stage1_amount": "0"}
    operations = client_of("operations")
    address = reverse("intake:policy-version", args=["general"])
    refused = operations.post(address, posted)
    assert refused.status_code == 422
    assert 'value="到现场"' in refused.content.decode()
    right = posted | {"stage1_amount": "3", "stage1_unit": "natural_hour"}
    assert operations.post(address, right).status_code == 302
    page = operations.get(reverse("intake:policy", args=["general"])).content.decode()
    assert "到现场" in page
    assert "3 小时" in page
    assert 'value="到现场"' in operations.get(address).content.decode()


def test_the_order_shows_them_and_the_handler_ticks_one(world, client_of, time_machine):
    time_machine.move_to(LATER, tick=False)
    request = to_turn(world, "staged")
    client = client_of("handler")
    address = reverse("intake:request", args=[request.number])
    client.get(address)
    with assert_sql(13, at_most=True):
        page = client.get(address).content.decode()
    assert "到现场" in page
    assert "临时措施" in page
    assert "办到一个阶段" in page
    act = reverse("intake:act", args=[request.number, "reach_stage"])
    assert client.post(act, {"stage": "1", "text": ""}).status_code == 422
    assert client.post(act, {"stage": "1", "text": "到了，先围起来。"}).status_code == 302
    shown = client_of().get(reverse("intake:track", args=[request.track_token])).content.decode()
    assert "到现场<br>到了，先围起来。" in shown
    assert "分几步办" in shown
    client.get(address)  # which says in Chinese that it was done
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for page in (address, f"{address}?turn=reach_stage"):
        assert chinese_in(client.get(page).content.decode(), written=(request.title,)) == []
