"""The whistle: who calls, who sees it and until when, what happens to those who do not come, and both marks."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.rules import matching_rules
from governance.access.viewer import requester
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.refs import ref_of
from requests_intake.models import Clock, Escalation, RequestGrant, ServiceRequest, Whistle, WhistleRating, WorkOrder
from requests_intake.selectors.queue import orders_for
from requests_intake.services.closing import request_withdraw
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.handling import order_reply
from requests_intake.services.helping import order_release
from requests_intake.services.whistling import whistle_rate_call, whistle_rate_called
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state, to_turn, whistle

LATER = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER + timedelta(minutes=5), tick=False)


def page(request, name=""):
    return (
        reverse("intake:act", args=[request.number, name]) if name else reverse("intake:request", args=[request.number])
    )


def called_order(request):
    return WorkOrder.objects.get(request=request, role="whistle")


def test_people_who_are_called_see_it_until_a_day_and_no_longer(world, client_of, time_machine):
    request = to_state(world, "contacted")
    other = client_of("other_handler")
    assert other.get(page(request)).status_code == 404
    whistle(world, request, LATER)
    grant = RequestGrant.objects.get()
    assert (grant.user, grant.content_object_id) == (world.people["other_handler"], request.pk)
    shown = other.get(page(request))
    assert shown.status_code == 200
    assert "Other_Handler Person" in shown.content.decode()
    assert "谁因为这次吹哨能看到" in shown.content.decode()
    keys = [rule.key for rule in matching_rules(request, world.viewer("other_handler", LATER))]
    assert keys == ["whistled"]
    assert [one.request_id for one in orders_for(world.viewer("other_handler", LATER))] == [request.pk]
    time_machine.move_to(grant.expires_at + timedelta(seconds=1), tick=False)
    worlds.forget()
    after = world.viewer("other_handler", grant.expires_at + timedelta(seconds=1))
    assert not ServiceRequest.objects.visible_to(after).exists()
    assert not orders_for(after).exists()
    client = client_of("other_handler")
    client.force_login(world.people["other_handler"])
    assert client.get(page(request)).status_code == 404


@pytest.mark.parametrize("how", ["release", "withdraw"])
def test_the_grant_ends_with_the_call_and_with_the_request(world, client_of, how):
    request = to_turn(world, "whistled")
    assert client_of("other_handler").get(page(request)).status_code == 200
    if how == "release":
        order_release(order=called_order(request), text="不用来了", actor=world.viewer("dispatcher"), at=LATER)
    else:
        request_withdraw(request=request, comment="", actor=requester(ref_of(request)), at=LATER)
    assert client_of("other_handler").get(page(request)).status_code == 404


def test_a_sub_district_that_leads_may_call_and_a_department_may_not(world):
    worlds.add_person(world, "street_handler", "handler", "", world.organisations["street"])
    led = to_state(world, "dispatched", organisation="street")
    made = whistle(world, led, LATER, by="street_handler", called=("parks", "lamps"))
    assert (made.organisation, made.orders.count()) == (world.organisations["street"], 2)
    department = to_state(world, "dispatched")
    with pytest.raises(Forbidden):
        whistle(world, department, LATER, by="handler")
    assert Whistle.objects.count() == 1


def test_bad_calls_come_back_beside_their_field(world, client_of):
    request = to_state(world, "contacted")
    good = {"organisations": [world.organisations["parks"].pk], "issue": "去看", "due_at": "2026-11-18T10:00"}
    dispatcher = client_of("dispatcher")
    for change, words in [
        ({"organisations": []}, "请选要叫来的单位"),
        ({"issue": " "}, "请写清楚叫他们来解决什么"),
        ({"due_at": ""}, "请写什么时候要有结果"),
        ({"due_at": "明天"}, "时间没有看懂"),
        ({"due_at": "2026-11-01T10:00"}, "要结果的时间得在现在以后"),
        ({"is_on_site": "on"}, "要到现场的，请写什么时候、在哪里碰头"),
    ]:
        refused = dispatcher.post(page(request, "whistle"), good | change)
        assert refused.status_code == 422, change
        assert words in refused.content.decode(), change
    assert Whistle.objects.count() == 0
    assert dispatcher.post(page(request, "whistle"), good).status_code == 302
    again = dispatcher.post(page(request, "whistle"), good)
    assert "已经在这件诉求里了" in again.content.decode()
    assert Whistle.objects.count() == 1


def test_report_in_result_and_both_marks_through_the_pages(world, client_of):
    request = to_turn(world, "whistled")
    order = called_order(request)
    other, dispatcher = client_of("other_handler"), client_of("dispatcher")
    named = {"order": order.pk}
    assert "请写您单位负责做什么" in other.post(page(request, "report_in"), named).content.decode()
    assert other.post(page(request, "report_in"), named | {"commitment": "今天下午剪枝"}).status_code == 302
    lead = WorkOrder.objects.get(request=request, role="lead")
    with pytest.raises(DomainError):  # the lead waits for the result
        order_reply(order=lead, text="好了", file_ids=[], actor=world.viewer("handler"), at=LATER)
    assert other.post(page(request, "give_result"), named | {"text": "剪好了"}).status_code == 302
    assert other.post(page(request, "rate_call"), named | {"grade": "9", "word": "好"}).status_code == 422
    assert other.post(page(request, "rate_call"), named | {"grade": "3", "word": "没说清楚"}).status_code == 302
    assert dispatcher.post(page(request, "rate_called"), named | {"grade": "5", "word": "来得快"}).status_code == 302
    shown = dispatcher.get(page(request)).content.decode()
    for words in ("今天下午剪枝", "剪好了", "没说清楚", "来得快", "3 分", "5 分"):
        assert words in shown
    assert sorted(WhistleRating.objects.values_list("side", "grade")) == [("called", 3), ("caller", 5)]
    with pytest.raises(StaleState):
        whistle_rate_called(order=order, grade=1, word="改", actor=world.viewer("dispatcher"), at=LATER)
    with pytest.raises(StaleState):
        whistle_rate_call(order=order, grade=1, word="改", actor=world.viewer("other_handler"), at=LATER)


def test_whoever_does_not_report_in_is_told_to_the_district(world):
    request = to_turn(world, "whistled")
    clock = Clock.objects.get(kind="report_in")
    assert clock.due_at == MORNING + timedelta(hours=4, minutes=30)  # 2 working hours, the noon break between
    Clock.objects.exclude(pk=clock.pk).update(next_at=None)
    deadline_sweep(at=clock.warn_at)
    assert Escalation.objects.get(level=1).recipient == world.people["other_handler"]
    deadline_sweep(at=clock.due_at)
    assert Escalation.objects.get(level=2).recipient == world.people["district"]
    relay.drain()
    texts = list(Message.objects.filter(kind="requests_intake.deadline").values_list("recipient_ref", flat=True))
    assert f"access.user:{world.people['district'].pk}" in texts
    assert request.pk == clock.request_id


def test_those_who_are_called_hear_of_it(world):
    to_turn(world, "whistled")
    relay.drain()
    told = Message.objects.filter(kind="requests_intake.called_in").values_list("recipient_ref", flat=True)
    assert set(told) == {f"access.user:{world.people['other_handler'].pk}"}
