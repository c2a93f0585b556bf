"""A leader hands an absent colleague's orders on: inside their area, with the reason, and those concerned are told."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import BulkResult, Recusal, ServiceRequest, StandIn, WorkOrder
from requests_intake.services.assignment import request_reassign
from requests_intake.services.handling import order_sign
from requests_intake.services.returns import order_request_return
from requests_intake.services.triage import request_dispatch
from tests.factories.world import MORNING, add_person
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql


@pytest.fixture
def town(world, time_machine):
    """The sub-district's office and its eastern community have people who handle."""
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)
    for name, office in (("lin", "street"), ("mei", "street"), ("dong", "east")):
        add_person(world, name, "handler", "", world.organisations[office])
    return world


def led(world, who="lin", office="street", **changes):
    """A request that an office leads, signed for by one of its people."""
    request = to_state(world, "accepted", **changes)
    order = request_dispatch(
        request=request, organisation=world.organisations[office], actor=world.viewer("dispatcher"), at=MORNING
    )
    order_sign(order=order, actor=world.viewer(who), at=MORNING)
    return ServiceRequest.objects.get(pk=request.pk)


def hand(world, request, office, person="", actor="supervisor", **changes):
    values = {"text": "林休假到 12 月 5 日", "at": MORNING} | changes
    organisation, handler = world.organisations.get(office), world.people.get(person)
    return request_reassign(
        request=request, organisation=organisation, handler=handler, actor=world.viewer(actor), **values
    )


def told(kind):
    relay.drain()
    return set(Message.objects.filter(kind=f"requests_intake.{kind}").values_list("user__staff_no", flat=True))


def test_a_colleague_goes_on_where_the_other_stopped(town):
    request = led(town)
    before = (request.state, request.due_at, request.next_due_at)
    order = hand(town, request, "street", "mei")
    request.refresh_from_db()
    assert (request.state, request.due_at, request.next_due_at) == before
    assert (order.handler, request.handler, order.state) == (town.people["mei"], town.people["mei"], "signed")
    line = request.transitions.get(name="reassign")
    assert (line.text, line.is_public) == ("→ Mei Person\n林休假到 12 月 5 日", False)
    assert told("order_reassigned") == {"lin"}
    assert told("order_assigned") == {"mei"}


def test_another_office_keeps_the_promise_and_the_order(town):
    request = led(town)
    order = hand(town, request, "east", "dong")
    request.refresh_from_db()
    assert (request.state, request.organisation, request.handler) == (
        "dispatched",
        town.organisations["east"],
        town.people["dong"],
    )
    assert (order.due_at, order.is_designated) == (request.due_at, True)  # it cannot come back as a return
    assert list(WorkOrder.objects.filter(request=request, is_current=False).values_list("state", flat=True)) == [
        "returned"
    ]
    assert told("order_reassigned") == {"lin", "mei"}  # their office need not work on it any more
    assert told("order_arrived") >= {"dong"}


def test_what_is_refused(town):
    request, elsewhere = led(town), led(town, "handler", "lamps")
    other = ServiceRequest.objects.filter(pk=request.pk)
    Recusal.objects.create(request=request, user=town.people["mei"], reason="亲戚", at=MORNING, by=town.people["mei"])
    other.update(has_recusals=True, kind="complaint", complained_organisation=town.organisations["east"])
    for values, error, field in (
        ({"office": "street", "person": "lin", "text": " "}, DomainError, "text"),
        ({"office": "", "person": ""}, DomainError, "assignee"),
        ({"office": "street", "person": ""}, DomainError, "assignee"),
        ({"office": "street", "person": "lin"}, DomainError, "assignee"),  # has it already
        ({"office": "street", "person": "mei"}, DomainError, "assignee"),  # stands back
        ({"office": "street", "person": "dong"}, DomainError, "assignee"),  # handles elsewhere
        ({"office": "east", "person": "dong"}, DomainError, "assignee"),  # is complained about
        ({"office": "firm", "person": ""}, DomainError, "assignee"),  # works by a link
        ({"office": "lamps", "person": "handler"}, Forbidden, None),  # not in the sub-district
        ({"office": "street", "person": "lin", "actor": "dispatcher"}, Forbidden, None),
        ({"office": "street", "person": "lin", "actor": "head"}, Forbidden, None),
    ):
        with pytest.raises(error) as refused:
            hand(town, request, **values)
        assert refused.value.field == field, values
    with pytest.raises(Forbidden):  # a department of the district is urged, not emptied
        hand(town, elsewhere, "street", "lin")
    assert hand(town, elsewhere, "lamps", "second_handler", actor="district").handler.staff_no == "second_handler"
    asked = led(town, lng=121.915)
    order_request_return(
        order=WorkOrder.objects.get(request=asked), ground="duty", text="不归我们", actor=town.viewer("lin"), at=MORNING
    )
    with pytest.raises(DomainError, match="先定夺"):
        hand(town, asked, "west")
    assert hand(town, asked, "street", "mei").handler.staff_no == "mei"


def test_many_at_once_from_the_list_of_those_who_are_away(town, client_of):
    StandIn.objects.create(
        person=town.people["lin"],
        substitute=town.people["mei"],
        organisation=town.organisations["street"],
        starts_at=MORNING - timedelta(days=1),
        ends_at=MORNING + timedelta(days=9),
        created_at=MORNING,
    )
    away, other, district = [led(town), led(town)], led(town, "mei"), led(town, "handler", "lamps")
    client = client_of("supervisor")
    client.get(reverse("intake:queue"))
    with assert_sql(9, at_most=True):
        listed = client.get(reverse("intake:queue") + "?view=away")
    assert {row.pk for row in listed.context["page"].rows} == {one.pk for one in away}
    assert 'value="reassign"' in listed.content.decode()
    numbers = [one.number for one in (*away, other, district)]
    form = client.get(reverse("intake:bulk"), {"action": "reassign", "pick": numbers})
    chosen = f"{town.organisations['street'].public_id}:{town.people['mei'].public_id}"
    groups = dict(form.context["form"].fields["assignee"].choices)
    assert "市政设施所" not in groups
    assert (chosen, "Mei Person") in groups["柳塘街道办事处"]
    sent = {"action": "reassign", "picks": ",".join(numbers), "key": form.context["form"]["key"].value()}
    assert client.post(reverse("intake:bulk"), sent | {"assignee": chosen}).status_code == 422
    done = client.post(reverse("intake:bulk"), sent | {"assignee": chosen, "text": "林休假"}, follow=True)
    assert "只能在自己区域的单位之间改派" in done.content.decode()
    refused = {row.request: row.reason for row in BulkResult.objects.filter(state="refused").select_related("request")}
    assert set(refused) == {district, other}
    assert refused[other] == "现在就是这个人在办"
    assert set(ServiceRequest.objects.filter(handler=town.people["mei"])) == {*away, other}
    page = reverse("intake:request", args=[away[0].number])
    assert "林休假" in client.get(page).content.decode()
    assert 'name="assignee"' in client.get(page + "?turn=reassign").content.decode()
    act = reverse("intake:act", args=[away[0].number, "reassign"])
    east = str(town.organisations["east"].public_id)
    assert client.post(act, {"assignee": "", "text": "x"}).status_code == 422
    assert client.post(act, {"assignee": east, "text": "转社区"}).status_code == 302
    assert ServiceRequest.objects.get(pk=away[0].pk).organisation == town.organisations["east"]
