"""Two at once: one wins, the other is told what happened. Threads and commits, no luck."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.utils import timezone

from governance.access.viewer import ANONYMOUS, requester
from governance.errors import StaleState
from governance.notifications.models import Message
from governance.outbox.models import DomainEvent
from governance.outbox.relay import drain
from governance.refs import ref_of
from requests_intake.models import CallBack, Clock, Draft, RequestTransition, ServiceRequest, WorkOrder
from requests_intake.services.callback import rating_expire, request_rate
from requests_intake.services.drafts import draft_start, draft_submit, draft_update
from requests_intake.services.handling import order_sign
from requests_intake.services.triage import request_accept, request_dispatch
from requests_intake.services.undoing import request_undo_dispatch
from tests.factories.world import MORNING, STREET, add_person
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.racing import while_first_holds_its_locks
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(hours=1)


def test_eight_times_send_at_once_files_once(committed_world):
    together = Barrier(8)

    def send():
        together.wait(timeout=60)
        return committed_world.submit(submission_key="b" * 32)

    answers = run_in_threads(*[send] * 8)
    assert len({(answer.request.pk, answer.token) for answer in answers}) == 1
    assert sorted(answer.is_repeat for answer in answers) == [False] + [True] * 7
    assert ServiceRequest.objects.count() == RequestTransition.objects.count() == 1
    assert Clock.objects.count() == 2
    assert DomainEvent.objects.filter(name="requests_intake.submitted").count() == 1


def test_a_draft_sent_twice_at_once_and_changed_meanwhile(committed_world):
    def draft():
        made, token = draft_start(data={"kind": "enquiry", "body": "开证明要什么材料"}, at=MORNING)
        tokens[made.pk] = token
        return made

    tokens: dict[int, str] = {}

    def submit(one):
        return draft_submit(
            token=tokens[one.pk],
            submission_key=one.data["submission_key"],
            language="zh-hans",
            is_complete=lambda data: bool(data["body"]),
            actor=ANONYMOUS,
            at=MORNING,
        )

    twice = draft()
    first, second = while_first_holds_its_locks(lambda: submit(twice), lambda: submit(twice))
    assert (second.request, second.token, second.is_repeat) == (first.request, first.token, True)
    changed = draft()
    _first, refused = while_first_holds_its_locks(
        lambda: submit(changed), lambda: draft_update(draft=changed, changes={"body": "x"}, at=MORNING)
    )
    assert isinstance(refused, StaleState)
    other_way = draft()
    _changed, sent = while_first_holds_its_locks(
        lambda: draft_update(draft=other_way, changes={"body": "改过的话"}, at=MORNING), lambda: submit(other_way)
    )
    assert sent.request.body == "改过的话"
    assert ServiceRequest.objects.count() == 3
    assert not Draft.objects.exists()


def test_two_dispatchers_at_once(committed_world):
    world = committed_world
    add_person(world, "second_dispatcher", "dispatcher", STREET, world.organisations["street"])
    request = to_state(world, "submitted")
    people = [world.viewer(name) for name in ("dispatcher", "second_dispatcher")]
    _won, lost = while_first_holds_its_locks(
        *[lambda actor=actor: request_accept(request=request, category=None, actor=actor, at=LATER) for actor in people]
    )
    assert isinstance(lost, StaleState)
    assert "Dispatcher Person" in str(lost)
    assert "11:00" in str(lost)
    _won, lost = while_first_holds_its_locks(
        *[
            lambda actor=actor, office=office: request_dispatch(
                request=request, organisation=world.organisations[office], actor=actor, at=LATER
            )
            for actor, office in zip(people, ("lamps", "parks"), strict=True)
        ]
    )
    assert isinstance(lost, StaleState)
    assert WorkOrder.objects.get().organisation == world.organisations["lamps"]
    assert DomainEvent.objects.filter(name="requests_intake.dispatched").count() == 1


def test_two_handlers_sign_at_once(committed_world):
    world = committed_world
    order = to_state(world, "dispatched").orders.get()
    won, lost = while_first_holds_its_locks(
        lambda: order_sign(order=order, actor=world.viewer("handler"), at=LATER),
        lambda: order_sign(order=order, actor=world.viewer("second_handler"), at=LATER),
    )
    assert won.handler == world.people["handler"]
    assert isinstance(lost, StaleState)
    assert "Handler Person" in str(lost)
    assert "11月17日 11:00" in str(lost)
    assert "签收" in str(lost)
    order.refresh_from_db()
    assert order.handler == world.people["handler"]
    assert Clock.objects.filter(kind="contact").count() == 1
    assert DomainEvent.objects.filter(name="requests_intake.signed").count() == 1


@pytest.mark.parametrize("first", ["resident", "agent", "expiry"])
def test_one_call_back_a_round_whoever_comes_first(committed_world, first):
    world = committed_world
    request = to_state(world, "callback")
    late = MORNING + timedelta(days=30)

    def rate(actor):
        return request_rate(request=request, contacted=True, solved="yes", grade=5, comment="", actor=actor, at=LATER)

    ways = {
        "resident": lambda: rate(requester(ref_of(request))),
        "agent": lambda: rate(world.viewer("agent")),
        "expiry": lambda: rating_expire(request_id=request.pk, at=late),
    }
    second = {"resident": "agent", "agent": "expiry", "expiry": "resident"}[first]
    won, lost = while_first_holds_its_locks(ways[first], ways[second])
    assert won is not None
    assert lost is None if second == "expiry" else isinstance(lost, StaleState)
    assert CallBack.objects.get().source == {"resident": "link", "agent": "agent", "expiry": "silent"}[first]
    assert RequestTransition.objects.filter(request=request, to_state="closed").count() == 1


@pytest.mark.parametrize("first", ["undo", "sign", "relay"])
def test_a_dispatch_is_taken_back_while_it_is_signed_or_told(committed_world, first):
    """Whoever comes first wins; a relay that writes the notices just now is waited for, and not one is sent."""
    world, at = committed_world, timezone.now()
    request = to_state(world, "accepted", at - timedelta(hours=1))
    desk = world.viewer("dispatcher", at)
    drain()
    order = request_dispatch(request=request, organisation=world.organisations["lamps"], actor=desk, at=at)
    ways = {
        "undo": lambda: request_undo_dispatch(request=request, actor=desk, at=at + timedelta(seconds=3)),
        "sign": lambda: order_sign(order=order, actor=world.viewer("handler", at), at=at + timedelta(seconds=3)),
        "relay": drain,
    }
    second = {"undo": "sign", "sign": "undo", "relay": "undo"}[first]
    _won, lost = while_first_holds_its_locks(ways[first], ways[second])
    order.refresh_from_db()
    if first == "relay":
        assert lost.state == "accepted"
        told = Message.objects.filter(kind="requests_intake.order_arrived")
        assert set(told.values_list("state", flat=True)) == {"skipped"}
    else:
        assert isinstance(lost, StaleState)
    assert order.state == ("signed" if first == "sign" else "undone")
