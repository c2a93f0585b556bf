"""What each turn leaves behind: states, clocks, promises, history, events; and what it refuses in words."""

from datetime import timedelta

import pytest

from governance.access.viewer import requester
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake.models import Clock, Dispute, OrderReturn, ServiceRequest, TurnLimit, WorkOrder
from requests_intake.selectors.detail import precedents_for, precedents_forget, request_for
from requests_intake.selectors.tracking import tracking
from requests_intake.services.callback import request_rate
from requests_intake.services.clocks import turn_limits_forget
from requests_intake.services.closing import (
    may_reopen,
    request_archive,
    request_merge,
    request_remind,
    request_reopen,
    request_supplement,
    request_withdraw,
    requests_to_archive,
)
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.helping import order_give_result, order_release
from requests_intake.services.returns import (
    dispute_decide,
    order_dispute,
    order_request_return,
    return_refuse,
    return_uphold,
    turn_expire,
)
from requests_intake.services.review import reply_approve, reply_send_back
from requests_intake.services.triage import request_dispatch, request_not_dispatch
from tests.factories.world import MORNING, add_person
from tests.requests_intake.walk import to_state, to_turn

LATER = MORNING + timedelta(hours=2)
MUCH_LATER = MORNING + timedelta(days=2)


def lead(request):
    return WorkOrder.objects.get(request=request, role="lead", is_current=True)


def again(request):
    return ServiceRequest.objects.get(pk=request.pk)


def running(request):
    return set(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", flat=True))


def last_event(name):
    return DomainEvent.objects.filter(name=f"requests_intake.{name}").latest("pk")


# ---- giving back


def test_until_it_is_decided_the_office_keeps_the_order_and_its_clocks(world):
    before = running(to_state(world, "signed"))
    request = to_turn(world, "returning")
    assert before == {"contact", "answer"}
    assert running(request) == {"contact", "answer", "decide"}
    assert (request.state, request.waiting_for, lead(request).state) == ("in_progress", "return", "returning")
    assert last_event("return_asked").payload["ground"] == "duty"


def test_an_upheld_return_sends_the_request_back_to_the_desk_and_the_next_office_keeps_it(world):
    request = to_turn(world, "returned")
    assert (request.state, request.organisation, request.handler, request.waiting_for) == ("accepted", None, None, "")
    assert running(request) == {"dispatch", "answer"}
    given_back = WorkOrder.objects.get(request=request)
    assert (given_back.state, given_back.is_current, given_back.next_due_at) == ("returned", False, None)
    assert OrderReturn.objects.get().is_upheld is True
    promise = request.due_at
    order = request_dispatch(
        request=request, organisation=world.organisations["parks"], actor=world.viewer("dispatcher"), at=LATER
    )
    assert (order.is_designated, order.due_at, again(request).due_at) == (True, promise, promise)
    with pytest.raises(DomainError) as refused:
        order_request_return(order=order, ground="area", text="也不是", actor=world.viewer("other_handler"), at=LATER)
    assert refused.value.code == "order_designated"


def test_a_refused_return_leaves_it_where_it_was_for_good(world):
    request = to_turn(world, "designated")
    order = lead(request)
    assert (order.state, order.is_designated, request.is_designated, request.waiting_for) == ("signed", True, True, "")
    assert running(request) == {"contact", "answer"}
    with pytest.raises(DomainError):
        order_request_return(order=order, ground="duty", text="再退", actor=world.viewer("handler"), at=LATER)


def test_a_return_wants_a_ground_and_words_and_comes_in_time(world):
    request = to_state(world, "signed")
    order, handler = lead(request), world.viewer("handler")
    for values, code in (
        ({"ground": "", "text": "不是我们"}, "ground_required"),
        ({"ground": "mood", "text": "不是我们"}, "ground_unknown"),
        ({"ground": "duty", "text": "  "}, "text_required"),
    ):
        with pytest.raises(DomainError) as refused:
            order_request_return(order=order, actor=handler, at=LATER, **values)
        assert refused.value.code == code
    with pytest.raises(DomainError) as refused:
        order_request_return(order=order, ground="duty", text="不是我们", actor=handler, at=MUCH_LATER)
    assert refused.value.code == "return_too_late"
    assert not OrderReturn.objects.exists()


def test_the_window_of_a_return_is_data(world):
    TurnLimit.objects.filter(key="return").update(amount=72)
    turn_limits_forget()
    request = to_state(world, "signed")
    order_request_return(
        order=lead(request), ground="duty", text="不是我们", actor=world.viewer("handler"), at=MUCH_LATER
    )
    assert again(request).waiting_for == "return"


def test_nobody_decides_in_time(world):
    request = to_turn(world, "returning")
    clock = Clock.objects.get(request=request, kind="decide", stopped_at=None)
    assert turn_expire(clock_id=clock.pk, at=clock.due_at - timedelta(minutes=1)) is False
    assert turn_expire(clock_id=clock.pk, at=clock.due_at) is True
    assert turn_expire(clock_id=clock.pk, at=clock.due_at) is False  # a second sweep finds nothing
    order = lead(request)
    assert (order.state, order.is_designated, again(request).waiting_for) == ("signed", True, "")
    decided = OrderReturn.objects.get()
    assert (decided.is_upheld, decided.decided_by) == (False, None)


# ---- disputes


def test_a_decided_dispute_moves_the_order_and_becomes_a_precedent(world):
    request = to_turn(world, "disputed")
    promise = request.due_at
    dispute_decide(
        order=lead(request),
        organisation=world.organisations["parks"],
        text="树挡住了灯，由园林办",
        actor=world.viewer("supervisor"),
        at=LATER,
    )
    moved = again(request)
    assert (moved.state, moved.organisation, moved.waiting_for) == ("dispatched", world.organisations["parks"], "")
    assert (lead(request).organisation.pk, lead(request).is_designated) == (world.organisations["parks"].pk, True)
    assert moved.due_at == promise
    assert running(request) == {"sign", "answer"}
    precedents_forget()
    similar = to_state(world, "accepted")
    found = precedents_for(request_for(similar.number, world.viewer("dispatcher")))
    assert [(row.organisation.pk, row.decision) for row in found] == [
        (world.organisations["parks"].pk, "树挡住了灯，由园林办")
    ]
    elsewhere = to_state(world, "accepted", category_id=world.categories["noise"].pk)
    assert precedents_for(request_for(elsewhere.number, world.viewer("dispatcher"))) == []


def test_a_dispute_can_be_decided_for_the_present_office_and_is_not_raised_twice(world):
    request = to_turn(world, "disputed")
    office = world.organisations["lamps"]
    dispute_decide(
        order=lead(request), organisation=office, text="是你们的", actor=world.viewer("supervisor"), at=LATER
    )
    assert (lead(request).state, lead(request).is_designated) == ("signed", True)
    with pytest.raises(DomainError) as refused:
        order_dispute(order=lead(request), basis="还是不服", actor=world.viewer("handler"), at=LATER)
    assert refused.value.code == "dispute_decided"


def test_a_community_cannot_be_made_to_lead_an_assisted_item_by_a_decision_either(world):
    world.categories["lamp"].duty_item = world.categories["noise"].duty_item  # "assist" in the list of duties
    world.categories["lamp"].save()
    request = to_turn(world, "disputed")
    with pytest.raises(DomainError) as refused:
        dispute_decide(
            order=lead(request),
            organisation=world.organisations["east"],
            text="给社区",
            actor=world.viewer("supervisor"),
            at=LATER,
        )
    assert refused.value.code == "community_cannot_lead"
    assert (lead(request).state, Dispute.objects.get().decided_at) == ("disputed", None)


# ---- helping


def test_the_lead_answers_once_the_results_are_in(world):
    request = to_turn(world, "help_signed")
    reply = {"order": lead(request), "text": "修好了", "file_ids": [], "actor": world.viewer("handler"), "at": LATER}
    with pytest.raises(DomainError) as refused:
        order_reply(**reply)
    assert refused.value.code == "results_missing"
    assert "园林绿化所" in str(refused.value)
    helper = WorkOrder.objects.get(request=request, role="co")
    order_give_result(order=helper, text="树枝剪好了", actor=world.viewer("other_handler"), at=LATER)
    order_reply(**reply)
    assert again(request).state == "callback"


def test_the_desk_can_stop_waiting_for_a_helper(world):
    request = to_turn(world, "helped")
    helper = WorkOrder.objects.get(request=request, role="co")
    order_release(order=helper, text="人手不够", actor=world.viewer("dispatcher"), at=LATER)
    order_reply(order=lead(request), text="修好了", file_ids=[], actor=world.viewer("handler"), at=LATER)
    assert again(request).state == "callback"
    assert running(request) == {"rate"}


def test_each_helping_order_has_clocks_of_its_own(world):
    request = to_turn(world, "helped")
    helper = WorkOrder.objects.get(request=request, role="co")
    own = Clock.objects.filter(order=helper, stopped_at=None)
    assert {clock.kind for clock in own} == {"sign", "result"}
    assert helper.next_due_at == min(clock.due_at for clock in own)
    assert max(clock.due_at for clock in own) <= request.due_at
    with pytest.raises(DomainError) as refused:
        to_state_with_helpers(world, ["lamps"])
    assert (refused.value.code, refused.value.field) == ("helper_leads", "helpers")
    with pytest.raises(DomainError) as refused:
        to_state_with_helpers(world, ["parks", "parks"])
    assert refused.value.code == "helper_twice"


def to_state_with_helpers(world, keys):
    return request_dispatch(
        request=to_state(world, "accepted"),
        organisation=world.organisations["lamps"],
        helpers=[world.organisations[key] for key in keys],
        actor=world.viewer("dispatcher"),
        at=LATER,
    )


def test_helpers_see_the_request_and_others_of_their_office_only_while_they_help(world):
    request = to_turn(world, "helped")
    assert request_for(request.number, world.viewer("other_handler")) is not None
    add_person(world, "lawyer", "handler", "", world.organisations["west"])
    assert request_for(request.number, world.viewer("lawyer")) is None


# ---- review


def test_a_reviewed_reply_reaches_the_resident_only_when_it_is_passed(world):
    request = to_turn(world, "review")
    assert (request.state, request.replied_at) == ("review", None)
    assert tracking(request, at=LATER).answer is None
    assert "answer" in running(request)  # the promise runs on
    with pytest.raises(Forbidden):
        reply_approve(request=request, actor=world.viewer("dispatcher"), at=LATER)
    reply_approve(request=request, actor=world.viewer("supervisor"), at=LATER)
    shown = tracking(again(request), at=LATER)
    assert (again(request).state, shown.answer.text) == ("callback", "两盏灯都修好了。")
    assert running(request) == {"rate"}


def test_a_reply_that_is_sent_back_never_reaches_the_resident(world):
    request = to_turn(world, "review")
    reply_send_back(request=request, comment="没说什么时候亮", actor=world.viewer("supervisor"), at=LATER)
    back = again(request)
    assert (back.state, lead(request).state, back.rework_count) == ("in_progress", "rework", 1)
    assert running(request) == {"contact", "answer"}
    shown = tracking(back, at=LATER)
    assert shown.answer is None
    assert "没说什么时候亮" not in " ".join(step.text for step in shown.steps)
    with pytest.raises(DomainError):
        reply_send_back(request=to_turn(world, "review"), comment=" ", actor=world.viewer("supervisor"), at=LATER)


def test_nobody_reviews_their_own_reply(world):
    add_person(world, "both", "supervisor", "990105001", world.organisations["street"])
    request = to_turn(world, "review")
    request.handler = world.people["both"]
    request.save()
    with pytest.raises(Forbidden) as refused:
        reply_approve(request=request, actor=world.viewer("both"), at=LATER)
    assert refused.value.code == "handler_cannot_review"


# ---- answered at once, refused


def test_a_direct_answer_and_a_refusal_end_the_request_and_say_so(world):
    for turn, words in (("answered", "带身份证来窗口就行。"), ("not_dispatched", "请找法院。")):
        request = to_turn(world, turn)
        shown = tracking(request, at=LATER)
        assert (shown.answer.text, running(request), request.next_due_at) == (words, set(), None)
        assert request.closed_at is not None
        assert shown.turns == ("reopen",)


def test_a_refusal_needs_one_of_the_six_reasons(world):
    request = to_state(world, "accepted")
    for reason, code in (("", "reason_required"), ("tired", "reason_unknown")):
        with pytest.raises(DomainError) as refused:
            request_not_dispatch(
                request=request, reason=reason, text="不办", actor=world.viewer("dispatcher"), at=LATER
            )
        assert (refused.value.code, refused.value.field) == (code, "reason")


# ---- the requester's own turns


def test_a_withdrawn_request_leaves_nobody_with_an_order(world):
    request = to_turn(world, "helped")
    request_withdraw(request=request, comment="", actor=requester(ref_of(request)), at=LATER)
    assert (again(request).state, running(request)) == ("withdrawn", set())
    assert set(WorkOrder.objects.filter(request=request).values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(StaleState):
        order_sign(order=lead(request), actor=world.viewer("handler"), at=LATER)


def test_reopening_runs_a_new_promise_and_the_whole_way_can_be_walked_again(world):
    request = to_state(world, "closed")
    first_promise = request.due_at
    own = requester(ref_of(request))
    request_reopen(request=request, comment="灯又灭了", actor=own, at=MUCH_LATER)
    opened = again(request)
    assert (opened.state, opened.organisation, opened.reopen_count, opened.closed_at) == ("accepted", None, 1, None)
    assert opened.due_at > first_promise
    assert opened.original_due_at == first_promise  # what was promised first is kept for ever
    assert running(request) == {"dispatch", "answer"}
    order = request_dispatch(
        request=opened, organisation=world.organisations["lamps"], actor=world.viewer("dispatcher"), at=MUCH_LATER
    )
    handler = world.viewer("handler", MUCH_LATER)
    order_sign(order=order, actor=handler, at=MUCH_LATER)
    order_contact(order=order, how="phone", reached=True, note="", actor=handler, at=MUCH_LATER)
    order_reply(order=order, text="换了整根线", file_ids=[], actor=handler, at=MUCH_LATER)
    request_rate(request=request, contacted=True, solved="yes", grade=5, comment="", actor=own, at=MUCH_LATER)
    assert again(request).state == "closed"
    assert list(request.callbacks.values_list("round", flat=True)) == [1, 2]


def test_a_requester_reopens_twice_and_not_after_a_month(world):
    request = to_turn(world, "answered")
    assert may_reopen(request, request.closed_at + timedelta(days=20))
    assert not may_reopen(request, request.closed_at + timedelta(days=40))
    request.reopen_count = 2
    assert not may_reopen(request, request.closed_at + timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        request_reopen(
            request=request, comment="不清楚", actor=requester(ref_of(request)), at=MORNING + timedelta(days=50)
        )
    assert refused.value.code == "reopen_too_late"
    request_reopen(
        request=request, comment="查过，没办", actor=world.viewer("supervisor"), at=MORNING + timedelta(days=50)
    )
    assert again(request).state == "accepted"


def test_reminding_once_a_day(world):
    request = to_state(world, "signed")
    own = requester(ref_of(request))
    request_remind(request=request, actor=own, at=LATER)
    with pytest.raises(DomainError) as refused:
        request_remind(request=request, actor=own, at=LATER + timedelta(hours=23))
    assert refused.value.code == "reminded_lately"
    request_remind(request=request, actor=own, at=LATER + timedelta(hours=25))
    assert DomainEvent.objects.filter(name="requests_intake.reminded").count() == 2
    with pytest.raises(Forbidden):
        request_remind(request=request, actor=requester("requests_intake.servicerequest:0"), at=MUCH_LATER)


def test_adding_words(world):
    request = to_state(world, "signed")
    own = requester(ref_of(request))
    for text, code in ((" ", "text_required"), ("长" * 1001, "text_too_long")):
        with pytest.raises(DomainError) as refused:
            request_supplement(request=request, text=text, file_ids=[], actor=own, at=LATER)
        assert (refused.value.code, refused.value.field) == (code, "text")
    request_supplement(request=request, text="门口也灭了一盏", file_ids=[], actor=own, at=LATER)
    shown = tracking(again(request), at=LATER)
    assert [added.text for added, _photos in shown.supplements] == ["门口也灭了一盏"]


# ---- merging


def test_a_merged_request_follows_the_other_one_without_its_words(world):
    first = to_state(world, "contacted", body="我家 3 号楼门口的灯，我叫周梅，不亮。")
    second = to_state(world, "dispatched")
    request_merge(request=second, target=first, actor=world.viewer("dispatcher"), at=LATER)
    merged = again(second)
    assert (merged.state, merged.merged_into, running(second)) == ("merged", first, set())
    order_reply(order=lead(first), text="两处都修好了", file_ids=[], actor=world.viewer("handler"), at=MUCH_LATER)
    shown = tracking(merged, at=MUCH_LATER)
    assert shown.answer.text == "两处都修好了"
    assert "周梅" not in " ".join(step.text for step in shown.steps)


def test_merging_in_a_circle_into_itself_and_into_what_has_ended(world):
    first, second, third = (to_state(world, "accepted") for _ in range(3))
    act = {"actor": world.viewer("dispatcher"), "at": LATER}
    with pytest.raises(DomainError) as refused:
        request_merge(request=first, target=first, **act)
    assert refused.value.code == "merge_self"
    request_merge(request=second, target=first, **act)
    with pytest.raises(DomainError) as refused:
        request_merge(request=first, target=second, **act)
    assert refused.value.code == "merge_into_merged"
    request_merge(request=first, target=third, **act)
    assert set(ServiceRequest.objects.filter(merged_into=third)) == {first, second}  # followers move along
    with pytest.raises(DomainError) as refused:
        request_merge(request=third, target=to_state(world, "closed"), **act)
    assert refused.value.code == "merge_into_ended"
    with pytest.raises(DomainError) as refused:
        request_merge(request=third, target=None, **act)
    assert (refused.value.code, refused.value.field) == ("target_required", "target")


# ---- archive


def test_what_ended_long_ago_is_filed_away_and_nothing_opens_it_again(world):
    request = to_state(world, "closed")
    fresh = to_state(world, "closed", at=MORNING + timedelta(days=50))
    at = MORNING + timedelta(days=100)
    assert requests_to_archive(at=at, limit=10) == [request.pk]
    assert request_archive(request_id=request.pk, at=at) is True
    assert request_archive(request_id=request.pk, at=at) is False
    assert again(request).closed_at == request.closed_at  # when it ended stays what it was
    assert again(fresh).state == "closed"
    with pytest.raises(StaleState):
        request_reopen(request=request, comment="再看看", actor=world.viewer("supervisor"), at=at)


def test_events_say_who_and_what_and_never_the_words(world):
    to_turn(world, "disputed")
    event = last_event("dispute_raised")
    assert set(event.payload) == {"order_id", "organisation_id"}
    to_turn(world, "not_dispatched")
    assert last_event("refused").payload == {"reason": "legal"}


def test_two_dispatchers_on_one_return(world):
    request = to_turn(world, "returning")
    return_uphold(order=lead(request), text="", actor=world.viewer("dispatcher"), at=LATER)
    with pytest.raises(StaleState) as told:
        return_refuse(
            order=WorkOrder.objects.get(request=request), text="不行", actor=world.viewer("dispatcher"), at=LATER
        )
    assert "Dispatcher Person" in str(told.value)
