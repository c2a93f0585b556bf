"""One step for many: announced, done one by one by the single services, each answered, never twice."""

import uuid

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.jobs.models import Job
from governance.jobs.services import job_run
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import BulkResult, BulkRun, ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.services.assignment import order_assign
from requests_intake.services.bulk import MOST, bulk_start, bulk_step
from tests.factories.bulk import request_row, save_requests
from tests.factories.world import MORNING, add_person
from tests.requests_intake.walk import to_state

BULK = "intake:bulk"


def start(world, name, action, requests, **values):
    return bulk_start(
        action=action,
        request_ids=[request.pk for request in requests],
        values=values,
        key=uuid.uuid4(),
        actor=world.viewer(name),
        at=MORNING,
    )


def outcome(run):
    rows = BulkResult.objects.filter(run=run).order_by("request_id")
    return [(row.state, row.reason) for row in rows]


def test_each_is_done_by_itself_and_says_why_not(world):
    ready, waiting = to_state(world, "accepted"), to_state(world, "submitted")
    run = start(world, "dispatcher", "dispatch", [ready, waiting], organisation=world.organisations["lamps"].pk)
    assert bulk_step(run_id=run.pk, limit=100, actor=world.viewer("dispatcher"), at=MORNING) == 2
    assert bulk_step(run_id=run.pk, limit=100, actor=world.viewer("dispatcher"), at=MORNING) == 0
    assert [state for state, _reason in outcome(run)] == ["done", "refused"]
    assert "派单" in outcome(run)[1][1]
    assert WorkOrder.objects.get().request == ready
    assert ServiceRequest.objects.get(pk=waiting.pk).state == "submitted"


def test_by_rule_each_goes_to_its_own_office(world):
    lamp = to_state(world, "accepted")
    noise = to_state(world, "accepted", category_id=world.categories["noise"].pk, lng=121.915)
    run = start(world, "dispatcher", "dispatch", [lamp, noise], organisation="rule")
    bulk_step(run_id=run.pk, limit=100, actor=world.viewer("dispatcher"), at=MORNING)
    assert [state for state, _reason in outcome(run)] == ["done", "done"]
    offices = WorkOrder.objects.order_by("request_id").values_list("organisation__name", flat=True)
    assert list(offices) == ["市政设施所", "柳塘街道办事处"]


def test_only_ones_own_run_only_what_one_sees_only_what_one_may(world):
    request = to_state(world, "submitted")
    run = start(world, "dispatcher", "accept", [request])
    assert bulk_step(run_id=run.pk, limit=9, actor=world.viewer("supervisor"), at=MORNING) == 0
    add_person(world, "west_dispatcher", "dispatcher", "990105001002", world.organisations["west"])
    elsewhere = start(world, "west_dispatcher", "accept", [request])
    bulk_step(run_id=elsewhere.pk, limit=9, actor=world.viewer("west_dispatcher"), at=MORNING)
    assert [state for state, _reason in outcome(elsewhere)] == ["refused"]
    assert ServiceRequest.objects.get(pk=request.pk).state == "submitted"
    for name, action in (("supervisor", "accept"), ("dispatcher", "sign"), ("dispatcher", "explode")):
        with pytest.raises(Forbidden):
            start(world, name, action, [request])


def test_the_same_press_is_the_same_run(world):
    request, key = to_state(world, "submitted"), uuid.uuid4()
    given = {"action": "accept", "request_ids": [request.pk], "values": {}, "actor": world.viewer("dispatcher")}
    assert bulk_start(**given, key=key, at=MORNING) == bulk_start(**given, key=key, at=MORNING)
    assert BulkResult.objects.count() == 1
    for ids in ([], range(1, MOST + 2)):
        with pytest.raises(DomainError):
            bulk_start(**given | {"request_ids": ids}, key=uuid.uuid4(), at=MORNING)


def test_more_than_a_hundred_are_a_job(world, client_of):
    rows = save_requests([request_row(world, n) for n in range(130)])
    client = client_of("dispatcher")
    page = client.get(reverse(BULK), {"action": "accept", "all": "1", "view": "triage"})
    assert (page.context["fits"], page.context["is_job"]) == (130, True)
    answer = client.post(reverse(BULK), {"action": "accept", "picks": page.context["picks"], "key": str(uuid.uuid4())})
    job = Job.objects.get()
    assert client.get(answer["Location"]).context["waiting"] == 130
    assert job_run(job_id=job.pk, clock=lambda: MORNING).state == "done"
    shown = client.get(answer["Location"]).context
    assert (shown["done"], shown["waiting"], shown["refused_count"]) == (130, 0, 0)
    assert set(ServiceRequest.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True)) == {
        "accepted"
    }


def test_the_confirm_page_tells_how_many_and_keeps_the_choice(world, client_of):
    ready = [to_state(world, "accepted") for _number in range(2)]
    late = to_state(world, "dispatched")
    client = client_of("dispatcher")
    numbers = [request.number for request in (*ready, late)]
    page = client.get(reverse(BULK), {"action": "dispatch", "pick": numbers})
    assert (page.context["fits"], page.context["not_fits"]) == (2, 1)
    sent = {"action": "dispatch", "picks": page.context["picks"], "key": str(uuid.uuid4())}
    refused = client.post(reverse(BULK), sent | {"instruction": "尽快"})
    assert refused.status_code == 422
    assert "请选派给谁" in refused.content.decode()
    assert "尽快" in refused.content.decode()
    assert refused.context["picks"] == page.context["picks"]
    office = world.organisations["lamps"].pk
    answer = client.post(reverse(BULK), sent | {"organisation": office, "instruction": "尽快"}, follow=True)
    assert (answer.context["done"], answer.context["refused_count"]) == (2, 1)
    assert set(WorkOrder.objects.filter(request__in=ready).values_list("instruction", flat=True)) == {"尽快"}
    again = client.post(reverse(BULK), sent | {"organisation": office})
    assert again["Location"].endswith(f"{BulkRun.objects.get().public_id}/")
    assert WorkOrder.objects.count() == 3


@pytest.mark.parametrize("query", ["", "?action=explode", "?action=sign", "?action=accept&pick=%00&pick=1e9&pick=x"])
def test_mangled_choices(world, client_of, query):
    to_state(world, "submitted")
    answer = client_of("dispatcher").get(reverse(BULK) + query)
    assert answer.status_code == (200 if "accept" in query else 404)
    assert client_of("agent").get(reverse(BULK) + query).status_code == 403
    run = start(world, "dispatcher", "accept", ServiceRequest.objects.all())
    assert client_of("handler").get(reverse("intake:bulk-run", args=[run.public_id])).status_code == 404


def test_an_order_gets_another_name_within_its_office(world):
    request = to_state(world, "dispatched")
    order = WorkOrder.objects.get()
    handler, second = world.people["handler"], world.people["second_handler"]
    order_assign(order=order, handler=second, actor=world.viewer("handler"), at=MORNING)
    order_assign(order=order, handler=second, actor=world.viewer("handler"), at=MORNING)
    request.refresh_from_db()
    assert request.handler == second
    assert WorkOrderTransition.objects.filter(order=order, name="assign").count() == 1
    for stranger in ("other_handler", "dispatcher", "stranger"):
        with pytest.raises(DomainError) as refused:
            order_assign(order=order, handler=world.people[stranger], actor=world.viewer("handler"), at=MORNING)
        assert refused.value.field == "handler"
    for nobody in ("other_handler", "dispatcher"):
        with pytest.raises(Forbidden):
            order_assign(order=order, handler=handler, actor=world.viewer(nobody), at=MORNING)
    answered = to_state(world, "callback")
    with pytest.raises(StaleState):
        order_assign(
            order=WorkOrder.objects.get(request=answered), handler=second, actor=world.viewer("handler"), at=MORNING
        )


def test_signing_and_assigning_many_from_the_list_of_orders(world, client_of):
    requests = [to_state(world, "dispatched") for _number in range(3)]
    client = client_of("handler")
    numbers = [request.number for request in requests]
    for action, values in (("assign", {"handler": world.people["second_handler"].pk}), ("sign", {})):
        page = client.get(reverse(BULK), {"action": action, "pick": numbers})
        assert page.context["fits"] == 3
        sent = {"action": action, "picks": page.context["picks"], "key": str(uuid.uuid4()), **values}
        done = client.post(reverse(BULK), sent, follow=True)
        assert done.context["done"] == 3
    assert set(WorkOrder.objects.values_list("state", "handler__staff_no")) == {("signed", "handler")}


def test_who_is_named_hears_of_it(world):
    to_state(world, "dispatched")
    for name in ("second_handler", "handler"):  # another one; then oneself
        order_assign(
            order=WorkOrder.objects.get(), handler=world.people[name], actor=world.viewer("handler"), at=MORNING
        )
    relay.drain(MORNING)
    told = Message.objects.filter(kind="requests_intake.order_assigned").values_list("recipient_ref", flat=True)
    assert set(told) == {f"access.user:{world.people['second_handler'].pk}"}


def test_several_are_merged_into_one_of_them(world, client_of):
    first, second, third = (to_state(world, "accepted") for _number in range(3))
    client = client_of("dispatcher")
    page = client.get(reverse(BULK), {"action": "merge", "pick": [first.number, second.number, third.number]})
    sent = {"action": "merge", "picks": page.context["picks"], "key": str(uuid.uuid4())}
    assert "请选并到哪一件" in client.post(reverse(BULK), sent).content.decode()
    done = client.post(reverse(BULK), sent | {"target": second.number}, follow=True)
    assert (done.context["done"], done.context["refused_count"]) == (2, 0)
    states = dict(ServiceRequest.objects.values_list("pk", "state"))
    assert [states[one.pk] for one in (first, second, third)] == ["merged", "accepted", "merged"]
    circle = client.post(reverse(BULK), sent | {"target": first.number, "key": str(uuid.uuid4())}, follow=True)
    assert circle.context["done"] == 0


def test_one_answer_closes_many_questions(world, client_of):
    """Thirty people ask about one water cut: each reads the answer, and what was already sent out stays."""
    asked, accepted, sent = (to_state(world, state) for state in ("submitted", "accepted", "dispatched"))
    client = client_of("dispatcher")
    picks = ",".join(request.number for request in (asked, accepted, sent))
    values = {"action": "answer_directly", "picks": picks, "key": uuid.uuid4()}
    refused = client.post(reverse(BULK), values)
    assert refused.status_code == 422
    assert "请写答复居民的话" in refused.content.decode()
    client.post(reverse(BULK), values | {"text": "水管抢修到今晚八点。"})
    again = [ServiceRequest.objects.get(pk=request.pk) for request in (asked, accepted, sent)]
    assert [request.state for request in again] == ["answered", "answered", "dispatched"]
    assert again[0].transitions.get(name="answer_directly").text == "水管抢修到今晚八点。"


def test_a_list_offers_what_its_rows_can_take(world, client_of):
    to_state(world, "accepted")
    page = client_of("dispatcher").get("/staff/requests/?view=dispatch")
    assert [action.key for action in page.context["actions"]] == ["dispatch", "merge", "answer_directly"]
    assert client_of("dispatcher").get("/staff/requests/?view=triage").context["actions"] == []
