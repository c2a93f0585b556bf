"""Urging, supervising and instructing: who hears of it, the numbered sheet, the answer, the date that passes."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import BulkResult, Intervention, ServiceRequest, WorkOrder
from requests_intake.services.interventions import (
    request_instruct,
    request_supervise,
    request_urge,
    supervision_answer,
)
from requests_intake.tasks import run_supervision_sweep
from tests.factories.world import EAST, IN_WEST, MORNING
from tests.requests_intake.walk import to_state, to_turn
from tests.sql import assert_sql

UNTIL = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _morning(time_machine):
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)


def told(kind, request):
    """Who was told so about a request, by name."""
    relay.drain()
    found = Message.objects.filter(kind=kind, subject_ref__endswith=f":{request.pk}")
    return sorted(found.values_list("user__display_name", flat=True).distinct())


def supervise(world, request, **changes):
    values = {"text": "居民等了很久", "until": UNTIL, "actor": world.viewer("supervisor"), "at": MORNING} | changes
    return request_supervise(request=request, **values)


def test_who_is_pressed_is_told_and_nothing_moves(world):
    request = to_state(world, "contacted")
    before = (request.state, request.due_at)
    request_urge(request=request, text="请今天联系居民", actor=world.viewer("supervisor"), at=MORNING)
    request_instruct(request=request, text="举一反三，查全小区", actor=world.viewer("district"), at=MORNING)
    after = ServiceRequest.objects.get(pk=request.pk)
    assert (after.state, after.due_at) == before
    assert list(after.transitions.filter(is_public=False).values_list("name", "text")) == [
        ("urge", "请今天联系居民"),
        ("instruct", "举一反三，查全小区"),
    ]
    assert world.people["handler"].display_name in told("requests_intake.urged", request)
    assert world.people["handler"].display_name in told("requests_intake.instructed", request)


def test_a_supervision_is_answered_once_and_its_maker_told(world, client_of):
    request = to_state(world, "contacted")
    made = supervise(world, request)
    request.refresh_from_db()
    assert made.number == f"{request.number}-D1"
    assert request.supervised_until == made.due_at
    assert made.due_at.astimezone().date() <= UNTIL
    with pytest.raises(DomainError, match="已经在督办"):
        supervise(world, request, text="再督一次")
    page = client_of("handler").get(reverse("intake:request", args=[request.number])).content.decode()
    assert made.text in page
    order = WorkOrder.objects.get(request=request)
    with pytest.raises(DomainError) as empty:
        supervision_answer(order=order, text=" ", actor=world.viewer("handler"), at=MORNING)
    assert empty.value.field == "text"
    with pytest.raises(Forbidden):
        supervision_answer(order=order, text="好了", actor=world.viewer("other_handler"), at=MORNING)
    supervision_answer(order=order, text="灯已换好", actor=world.viewer("handler"), at=MORNING)
    request.refresh_from_db()
    assert request.supervised_until is None
    assert told("requests_intake.supervision_answered", request) == [world.people["supervisor"].display_name]
    with pytest.raises(StaleState):
        supervision_answer(order=order, text="再说一遍", actor=world.viewer("handler"), at=MORNING)
    assert supervise(world, request).number == f"{request.number}-D2"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": None}, "until"),
        ({"until": date(2026, 11, 1)}, "until"),
        ({"text": ""}, "text"),
        ({"text": "长" * 501}, "text"),
    ],
)
def test_what_a_supervision_needs(world, changes, field):
    request = to_state(world, "signed")
    with pytest.raises(DomainError) as refused:
        supervise(world, request, **changes)
    assert refused.value.field == field
    assert not Intervention.objects.exists()


def test_a_date_that_passes_is_told_once_to_both(world, time_machine):
    request = to_turn(world, "supervised")
    time_machine.move_to(MORNING + timedelta(days=1), tick=False)
    run_supervision_sweep()
    assert told("requests_intake.supervision_late", request) == []
    time_machine.move_to(MORNING + timedelta(days=9), tick=False)
    run_supervision_sweep()
    run_supervision_sweep()
    names = told("requests_intake.supervision_late", request)
    assert {world.people["supervisor"].display_name, world.people["handler"].display_name} <= set(names)
    inbox = Message.objects.filter(kind="requests_intake.supervision_late", channel="in_app")
    assert inbox.count() == inbox.values("user").distinct().count() == len(names)


def test_the_list_and_the_sheet(world, client_of):
    request = to_turn(world, "supervised")
    elsewhere = to_turn(world, "supervised", lng=IN_WEST[0], lat=IN_WEST[1])
    made = Intervention.objects.get(request=request)
    client = client_of("supervisor")
    client.get(reverse("intake:supervisions"))  # the rail's counts are kept
    with assert_sql(6, at_most=True):
        page = client.get(reverse("intake:supervisions"))
    text = page.content.decode()
    assert f"/staff/supervisions/{made.number}/" in text
    assert elsewhere.number in text
    assert elsewhere.number not in client_of("head").get(reverse("intake:supervisions")).content.decode()
    assert elsewhere.area_code[:12] != EAST
    sheet = client.get(reverse("intake:supervision", args=[made.number]))
    assert "居民等了很久" in sheet.content.decode()
    other = Intervention.objects.get(request=elsewhere).number
    assert client_of("head").get(reverse("intake:supervision", args=[other])).status_code == 404
    assert client_of("agent").get(reverse("intake:supervisions") + "?view=nonsense").status_code == 200
    listed = client.get(reverse("intake:queue") + "?view=supervised").content.decode()
    assert request.number in listed


def test_the_ledger_by_age(world, client_of):
    old, young = to_turn(world, "ledgered", at=MORNING - timedelta(days=9)), to_turn(world, "ledgered")
    to_turn(world, "ledger_asked")
    client = client_of("supervisor")
    client.get(reverse("intake:ledger"))
    with assert_sql(6, at_most=True):
        page = client.get(reverse("intake:ledger"))
    assert [(row.request.number, days) for row, days in page.context["rows"]] == [(old.number, 9), (young.number, 0)]
    assert "明年春天改造时一起换" in page.content.decode()


def test_three_overdue_orders_are_supervised_from_the_list(world, client_of):
    requests = [to_turn(world, "late") for _ in range(3)]
    answered = to_state(world, "callback")
    client = client_of("supervisor")
    numbers = [one.number for one in (*requests, answered)]
    form = client.get(reverse("intake:bulk"), {"action": "supervise", "pick": numbers})
    key = form.context["form"]["key"].value()
    sent = {"action": "supervise", "picks": ",".join(numbers), "key": key, "text": "", "until": "2026-11-18"}
    empty = client.post(reverse("intake:bulk"), sent)
    assert empty.status_code == 422
    assert "承办单位才知道" in empty.content.decode()
    done = client.post(reverse("intake:bulk"), sent | {"text": "请说明为什么超期"}, follow=True)
    assert done.status_code == 200
    assert Intervention.objects.filter(kind="supervise").count() == 3
    assert BulkResult.objects.get(request=answered).state == BulkResult.State.REFUSED
