"""A dispatch taken back within seconds was never there: for the office, for the resident, for the clocks."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.errors import Forbidden, StaleState
from governance.notifications.models import Message
from governance.notifications.selectors import unread_count
from governance.notifications.services import DELAY
from governance.notifications.services.sending import send_batch
from governance.outbox.relay import drain
from requests_intake.models import Clock, ServiceRequest, WorkOrder
from requests_intake.selectors.detail import request_detail, request_for
from requests_intake.selectors.tracking import tracking
from requests_intake.services.handling import order_sign
from requests_intake.services.helping import order_co_sign
from requests_intake.services.returns import order_request_return
from requests_intake.services.triage import request_dispatch
from requests_intake.services.undoing import request_undo_dispatch
from tests.factories.world import STREET, add_person
from tests.requests_intake.programs import Program, issue
from tests.requests_intake.walk import to_state

SOON = timedelta(seconds=4)


@pytest.fixture
def accepted(world):
    """A request on the desk an hour ago, by the real clock: the notices are written by it."""
    return to_state(world, "accepted", timezone.now() - timedelta(hours=1))


def dispatch(world, request, at, helpers=(), who="dispatcher"):
    return request_dispatch(
        request=request,
        organisation=world.organisations["lamps"],
        helpers=[world.organisations[key] for key in helpers],
        actor=world.viewer(who, at),
        at=at,
    )


def undo(world, request, at, who="dispatcher"):
    return request_undo_dispatch(request=request, actor=world.viewer(who, at), at=at)


def to_offices(request):
    kinds = ("requests_intake.order_arrived", "requests_intake.help_wanted")
    return Message.objects.filter(kind__in=kinds, subject_ref=f"requests_intake.servicerequest:{request.pk}")


def running(request):
    return set(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", "order", "due_at", "next_at"))


@pytest.mark.parametrize("relayed", [True, False], ids=["messages written", "messages not written yet"])
def test_nobody_ever_hears_of_it(world, accepted, relayed):
    drain()
    before, at = running(accepted), timezone.now()
    dispatch(world, accepted, at, helpers=["parks"])
    if relayed:
        drain()
        # four channels of two offices, and nobody can read one of them yet
        assert to_offices(accepted).count() >= 4
        assert unread_count(world.people["handler"].pk) == unread_count(world.people["other_handler"].pk) == 0
    undo(world, accepted, at + SOON)
    drain()
    send_batch(at=at + timedelta(hours=1))
    assert set(to_offices(accepted).values_list("state", "error")) == ({("skipped", "withdrawn")} if relayed else set())
    request = ServiceRequest.objects.get(pk=accepted.pk)
    assert (request.state, request.organisation, request.dispatched_at, request.dispatch_mode) == (
        "accepted", None, None, "",
    )  # fmt: skip
    assert running(request) == before  # the desk has as long as it had
    assert request.next_due_at == accepted.next_due_at
    assert set(WorkOrder.objects.filter(request=request).values_list("state", "is_current")) == {("undone", False)}
    for who in ("handler", "other_handler"):
        viewer = world.viewer(who, at)
        assert not WorkOrder.objects.visible_to(viewer).filter(request=request).exists()
        assert request_for(request.number, viewer) is None
    assert [step.name for step in tracking(request, at=at + SOON).steps] == ["accept", "submit"]
    desk = world.viewer("dispatcher", at)
    detail = request_detail(request_for(request.number, desk), desk, at=at + SOON)
    assert [line.row.name for line in detail.course][-2:] == ["dispatch", "undo_dispatch"]
    assert "sign" not in {clock.kind for clock in detail.clocks}


def test_the_next_dispatch_is_the_first(world, accepted):
    at = timezone.now()
    dispatch(world, accepted, at)
    undo(world, accepted, at + SOON)
    again = dispatch(world, accepted, at + 2 * SOON, helpers=["parks"])
    drain()
    assert to_offices(accepted).filter(channel="in_app", state="sent").count() >= 2
    asked = order_request_return(
        order=again, ground="duty", text="不是我们的灯", actor=world.viewer("handler", at), at=at + timedelta(minutes=5)
    )
    assert asked.order == again
    assert not again.is_designated
    steps = [step.name for step in tracking(ServiceRequest.objects.get(pk=accepted.pk), at=at).steps]
    assert steps == ["dispatch", "accept", "submit"]


def test_who_may_not_and_when_it_is_too_late(world, accepted):
    at = timezone.now()
    add_person(world, "second", "dispatcher", STREET, world.organisations["street"])
    lead = dispatch(world, accepted, at, helpers=["parks"])
    with pytest.raises(Forbidden, match="派单的人"):
        undo(world, accepted, at + SOON, who="second")
    with pytest.raises(Forbidden):
        undo(world, accepted, at + SOON, who="handler")
    with pytest.raises(StaleState, match="10 秒"):
        undo(world, accepted, at + DELAY)
    helper = WorkOrder.objects.get(request=accepted, role="co")
    order_co_sign(order=helper, actor=world.viewer("other_handler", at), at=at + SOON)
    with pytest.raises(StaleState, match="在办"):
        undo(world, accepted, at + SOON)
    order_sign(order=lead, actor=world.viewer("handler", at), at=at + SOON)
    with pytest.raises(StaleState, match="签收"):
        undo(world, accepted, at + SOON)


def test_a_letter_that_left_is_not_taken_back(world, accepted):
    """A server whose clock runs ahead sends early: then it is too late, whatever the seconds say."""
    at = timezone.now()
    dispatch(world, accepted, at)
    drain()
    send_batch(at=at + timedelta(minutes=1))
    assert to_offices(accepted).filter(channel="email", state="sent").exists()
    with pytest.raises(StaleState, match="通知已经发出"):
        undo(world, accepted, at + SOON)
    assert WorkOrder.objects.get(request=accepted).state == "dispatched"
    assert not to_offices(accepted).filter(state="skipped").exists()


def test_on_the_page_for_many_and_by_interface(world, client_of, accepted):
    desk, url = client_of("dispatcher"), reverse("intake:request", args=[accepted.number])
    lamps = world.organisations["lamps"]

    def act(client, name, **data):
        return client.post(reverse("intake:act", args=[accepted.number, name]), data)

    parks = world.organisations["parks"]
    said = {"organisation": lamps.pk, "helpers": [parks.pk], "instruction": "先看灯杆"}
    assert act(desk, "dispatch", **said).status_code == 302
    page = desk.get(url).content.decode()
    assert f"刚派给{lamps.label}" in page
    assert "undo_dispatch" in page
    add_person(world, "second", "dispatcher", STREET, world.organisations["street"])
    assert "undo_dispatch" not in client_of("second").get(url).content.decode()
    assert act(client_of("second"), "undo_dispatch").status_code == 403
    again = desk.post(reverse("intake:act", args=[accepted.number, "undo_dispatch"]), follow=True)
    assert again.context["forms"]["dispatch"].initial == said  # only what was wrong is put right
    done = again.content.decode()
    assert "派单已撤回" in done
    assert 'id="do-dispatch"' in done
    assert act(desk, "undo_dispatch").status_code == 409

    bulk = {"action": "dispatch", "pick": accepted.number, "organisation": lamps.pk, "key": "c" * 32}
    result = desk.post(reverse("intake:bulk"), bulk, follow=True).content.decode()
    assert reverse("intake:act", args=[accepted.number, "undo_dispatch"]) in result
    assert act(desk, "undo_dispatch").status_code == 302

    program = Program(issue(world, "dispatcher").secret)
    path = f"/requests/{accepted.number}/transitions"
    sent = program.post(f"{path}/dispatch/", {"organisation": str(lamps.public_id)})
    assert sent.status_code == 200, sent.json()
    assert "undo_dispatch" in {step["name"] for step in program.get(f"{path}/").json()}
    taken = program.post(f"{path}/undo_dispatch/", {})
    assert (taken.status_code, taken.json()["request"]["state"]) == (200, "accepted")
    assert program.post(f"{path}/undo_dispatch/", {}).status_code == 409

    act(desk, "dispatch", organisation=lamps.pk, instruction="")
    late = timezone.now() - DELAY
    ServiceRequest.objects.filter(pk=accepted.pk).update(dispatched_at=late)
    assert "undo_dispatch" not in desk.get(url).content.decode()
    too_late = act(desk, "undo_dispatch")
    assert too_late.status_code == 409
    assert "申请退单" in too_late.content.decode()
