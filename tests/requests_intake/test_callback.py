"""The call-back: by the resident's link or an agent who took no part; "not solved" brings it back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from governance.access.viewer import requester
from governance.dashboards.periods import period_at
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake import tasks
from requests_intake.models import CallBack, Clock, InternalNote, RequestTransition, ServiceRequest, WorkOrder
from requests_intake.selectors.metrics import three_rates
from requests_intake.selectors.queue import WORKLISTS, requests_in
from requests_intake.services.callback import rating_expire, request_call_at_limit, request_rate
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.triage import request_accept, request_dispatch
from tests.factories.world import DISTRICT, MORNING, STREET, add_person, grant
from tests.requests_intake.walk import to_state, to_turn

LATER = MORNING + timedelta(hours=3)


def rate(world, request, actor=None, at=LATER, **changes):
    values = {"contacted": True, "solved": "yes", "grade": 5, "comment": ""} | changes
    return request_rate(request=request, actor=actor or requester(ref_of(request)), at=at, **values)


def answer_again(world, request, at):
    order = request.orders.get()
    handler = world.viewer("handler")
    order_contact(order=order, how="visit", reached=True, note="", actor=handler, at=at)
    order_reply(order=order, text="又修了一次。", file_ids=[], actor=handler, at=at)


def test_solved_closes_request_and_order(world):
    request = to_state(world, "callback")
    callback = rate(world, request, comment="谢谢")
    request.refresh_from_db()
    assert (callback.source, callback.round, callback.agent) == ("link", 1, None)
    assert (request.state, request.closed_at, request.next_due_at) == ("closed", LATER, None)
    order = WorkOrder.objects.get()
    assert (order.state, order.done_at, order.next_due_at) == ("done", LATER, None)
    assert not Clock.objects.filter(stopped_at=None).exists()
    assert RequestTransition.objects.get(name="close").text == "谢谢"


def test_partly_solved_closes_without_a_word(world):
    rate(world, to_state(world, "callback"), solved="partly", grade=3)
    assert ServiceRequest.objects.get().state == "closed"


def test_the_event_holds_the_answers_and_not_the_words(world):
    rate(world, to_state(world, "callback"), comment="我是周梅 13912342046")
    event = DomainEvent.objects.get(name="requests_intake.closed")
    assert event.payload == {"round": 1, "source": "link", "solved": "yes", "grade": 5}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"contacted": None}, "contacted_required", "contacted"),
        ({"solved": ""}, "solved_required", "solved"),
        ({"solved": "maybe"}, "solved_unknown", "solved"),
        ({"grade": 6}, "grade_unknown", "grade"),
        ({"solved": "no", "comment": "  "}, "comment_required", "comment"),
    ],
)
def test_what_has_to_be_answered(world, changes, code, field):
    request = to_state(world, "callback")
    with pytest.raises(DomainError) as refused:
        rate(world, request, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not CallBack.objects.exists()
    rate(world, request, grade=None)
    assert CallBack.objects.get().grade is None


def test_not_solved_brings_it_back_with_a_new_clock(world):
    request = to_state(world, "callback")
    promised = request.original_due_at
    next_day = MORNING + timedelta(days=1)
    rate(world, request, solved="no", grade=1, comment="灯还是不亮", at=next_day)
    request.refresh_from_db()
    order = WorkOrder.objects.get()
    assert (request.state, request.rework_count, order.state) == ("in_progress", 1, "rework")
    assert request.original_due_at == order.original_due_at == promised
    # seven natural days from the call-back
    assert request.due_at == order.due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    running = dict(Clock.objects.filter(stopped_at=None).values_list("kind", "due_at"))
    assert running == {"answer": request.due_at, "contact": next_day + timedelta(hours=24)}
    assert request.next_due_at == order.next_due_at == running["contact"]
    assert order.handler == world.people["handler"]
    event = DomainEvent.objects.get(name="requests_intake.brought_back")
    assert event.payload == {"round": 1, "order_id": order.pk, "organisation_id": world.organisations["lamps"].pk}


def test_a_second_round_after_the_rework(world):
    request = to_state(world, "rework")
    at = LATER + timedelta(days=1)
    answer_again(world, request, at)
    rate(world, request, at=at + timedelta(hours=1))
    assert list(CallBack.objects.values_list("round", "solved")) == [(1, "no"), (2, "yes")]
    assert ServiceRequest.objects.get().state == "closed"
    answers = Clock.objects.filter(kind="answer").order_by("pk")
    assert [clock.stopped_at is not None for clock in answers] == [True, True]


def test_brought_back_after_an_answer_to_somebody_who_was_never_reached(world):
    request = to_state(world, "signed")
    handler = world.viewer("handler")
    order = request.orders.get()
    order_contact(order=order, how="phone", reached=False, note="", actor=handler, at=LATER)
    order_reply(order=order, text="修好了。", file_ids=[], actor=handler, at=LATER)
    rate(world, request, contacted=False, solved="no", comment="没人来过")
    assert set(Clock.objects.filter(stopped_at=None).values_list("kind", flat=True)) == {"answer", "contact"}


# --- who may ---


def test_an_agent_who_took_no_part_may_ask(world):
    request = to_state(world, "callback")
    callback = rate(world, request, actor=world.viewer("agent"))
    assert (callback.source, callback.agent) == ("agent", world.people["agent"])


@pytest.mark.parametrize("name", ["dispatcher", "handler"])
def test_whoever_dispatched_or_handled_never_asks(world, name):
    """Even with the right to call back in their pocket."""
    request = to_state(world, "callback")
    grant(world, name, "callback_agent", STREET)
    with pytest.raises(Forbidden) as refused:
        rate(world, request, actor=world.viewer(name))
    assert refused.value.code == "handler_cannot_call_back"
    assert ServiceRequest.objects.get().state == "callback"
    grant(world, "supervisor", "callback_agent", STREET)
    assert rate(world, request, actor=world.viewer("supervisor")).source == "agent"


def test_whoever_accepted_never_asks_even_if_another_dispatched(world):
    request = to_state(world, "submitted")
    add_person(world, "second_dispatcher", "dispatcher", STREET, world.organisations["street"])
    request_accept(request=request, category=None, actor=world.viewer("second_dispatcher"), at=MORNING)
    request = forward(world, request)
    grant(world, "second_dispatcher", "callback_agent", STREET)
    with pytest.raises(Forbidden):
        rate(world, request, actor=world.viewer("second_dispatcher"))
    assert rate(world, request, actor=world.viewer("agent")).source == "agent"


def forward(world, request):
    office = world.organisations["lamps"]
    order = request_dispatch(request=request, organisation=office, actor=world.viewer("dispatcher"), at=MORNING)
    order_sign(order=order, actor=world.viewer("handler"), at=MORNING)
    answer_again(world, request, MORNING)
    return ServiceRequest.objects.get(pk=request.pk)


def test_a_colleague_of_the_office_never_asks(world):
    request = to_state(world, "callback")
    add_person(world, "colleague", "callback_agent", STREET, world.organisations["lamps"])
    with pytest.raises(Forbidden):
        rate(world, request, actor=world.viewer("colleague"))
    add_person(world, "outsider", "callback_agent", STREET, world.organisations["parks"])
    assert rate(world, request, actor=world.viewer("outsider")).source == "agent"


def test_the_same_agent_may_ask_again_after_the_rework(world):
    request = to_state(world, "callback")
    agent = world.viewer("agent")
    rate(world, request, actor=agent, solved="no", comment="还差一盏")
    answer_again(world, request, LATER)
    assert rate(world, request, actor=agent, at=LATER).round == 2


def test_a_link_rates_its_own_request_only(world):
    mine, other = to_state(world, "callback"), to_state(world, "callback")
    with pytest.raises(Forbidden) as refused:
        rate(world, other, actor=requester(ref_of(mine)))
    assert refused.value.code == "not_your_request"
    rate(world, mine)
    assert ServiceRequest.objects.get(pk=other.pk).state == "callback"


def test_rating_twice_tells_the_resident_what_happened_without_names(world):
    request = to_state(world, "callback")
    rate(world, request, actor=world.viewer("agent"))
    with pytest.raises(StaleState) as told:
        rate(world, request)
    assert "工作人员" in str(told.value)
    assert "Agent" not in str(told.value)


# --- silence ---


def test_silence_is_not_rated_and_never_satisfied(world):
    request = to_state(world, "callback")
    until = Clock.objects.get(kind="rate").due_at
    assert rating_expire(request_id=request.pk, at=until - timedelta(seconds=1)) is None
    assert ServiceRequest.objects.get().state == "callback"
    callback = rating_expire(request_id=request.pk, at=until)
    assert (callback.source, callback.contacted, callback.solved, callback.grade) == ("silent", None, "", None)
    request.refresh_from_db()
    assert (request.state, request.closed_at) == ("closed", until)
    assert WorkOrder.objects.get().state == "done"


def test_expiry_does_it_once_and_leaves_the_rated_alone(world, time_machine):
    silent, rated, fresh = (to_state(world, "callback", at=MORNING + timedelta(days=days)) for days in (0, 0, 20))
    rate(world, rated)
    time_machine.move_to(MORNING + timedelta(days=15), tick=False)
    for _time in range(2):
        tasks.run_callback_expiry()
    assert list(CallBack.objects.order_by("request_id").values_list("request_id", "source")) == [
        (silent.pk, "silent"),
        (rated.pk, "link"),
    ]
    assert ServiceRequest.objects.get(pk=fresh.pk).state == "callback"
    assert RequestTransition.objects.filter(name="close_unrated").count() == 1


def test_what_nobody_answered_in_time_is_called_back_too(world):
    """It counts in the rates, moves nothing, happens once a round, and gives way to the one after the reply."""
    request = to_turn(world, "late")
    agent = world.viewer("agent")
    listed = next(one for one in WORKLISTS if one.key == "unanswered")
    assert list(requests_in(listed, agent, at=MORNING)) == [request]
    said = {"contacted": True, "solved": "no", "grade": 1, "comment": "", "actor": agent}
    request_call_at_limit(request=request, at=MORNING, **said)
    after = ServiceRequest.objects.get(pk=request.pk)
    assert (after.state, after.due_at, after.rework_count) == ("in_progress", request.due_at, 0)
    assert not after.transitions.get(name="call_at_limit").is_public
    assert list(requests_in(listed, agent, at=MORNING)) == []
    period = period_at("7", MORNING)
    rates = three_rates([DISTRICT], period.start, period.end)
    assert (rates.valid, rates.contacted, rates.solved, rates.satisfied) == (1, 1, 0, 0)
    with pytest.raises(DomainError) as refused:
        request_call_at_limit(request=request, at=MORNING, **said)
    assert refused.value.code == "limit_call_not_due"
    order = WorkOrder.objects.get(request=request)
    order_reply(order=order, text="修好了。", file_ids=[], actor=world.viewer("handler"), at=MORNING)
    request_rate(
        request=request, contacted=True, solved="yes", grade=5, comment="", actor=requester(ref_of(request)), at=MORNING
    )
    rates = three_rates([DISTRICT], period.start, period.end)
    assert (rates.valid, rates.contacted, rates.solved, rates.satisfied) == (1, 1, 1, 1)


def test_before_the_limit_nobody_calls_at_the_limit(world):
    request = to_state(world, "contacted")
    with pytest.raises(DomainError) as refused:
        request_call_at_limit(
            request=request, contacted=True, solved="no", grade=1, comment="", actor=world.viewer("agent"), at=MORNING
        )
    assert refused.value.code == "limit_call_not_due"


def test_nobody_answers_the_call(world, client_of):
    """One press notes the attempt, pressed twice once; the call-back stays due."""
    request = to_state(world, "callback")
    agent, key = client_of("agent"), "7b8a4a0e-6a53-4a54-9d0f-2d8f0c1f7a11"
    page = agent.get(reverse("intake:request", args=[request.number])).content.decode()
    assert 'name="note" value="回访没打通"' in page
    for _press in range(2):
        agent.post(reverse("intake:note", args=[request.number]), {"key": key, "note": "回访没打通"})
    assert [note.text for note in InternalNote.objects.filter(request=request)] == ["回访没打通"]
    assert ServiceRequest.objects.get().state == "callback"
