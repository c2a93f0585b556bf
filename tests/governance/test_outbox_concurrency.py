"""Two relays at once, and one that is killed: real connections, real transactions."""

from collections import Counter
from threading import Barrier, Event, get_ident

import pytest
from django.db import Error, connection

from governance.outbox import relay
from governance.outbox.models import Delivery
from governance.outbox.subscriptions import subscribe
from tests.governance.outbox_tools import (
    HAPPENED,
    effects,
    leave_effect,
    only_these_handlers,
    publish_some,
    run_in_threads,
    sql,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _handlers(monkeypatch):
    only_these_handlers(monkeypatch)


@pytest.mark.parametrize("batch", [False, True])
def test_two_relays_share_the_work_and_run_nothing_twice(monkeypatch, batch):
    monkeypatch.setattr(relay, "BATCH", 10)
    monkeypatch.setattr(relay, "SINGLES", 10)
    both_inside = Barrier(2, timeout=20)
    met, calls, runners = set(), Counter(), set()

    def handle(events):
        if get_ident() not in met:  # the first time, wait until the other relay is inside its own transaction
            met.add(get_ident())
            both_inside.wait()
        for event in events if batch else [events]:
            calls[event.pk] += 1
            runners.add(get_ident())
            leave_effect(event.pk)

    subscribe(HAPPENED.name, key="test.handler", batch=batch)(handle)
    events = publish_some(60)
    done = run_in_threads(relay.drain, relay.drain)
    assert sum(done) == 60
    assert min(done) >= 10
    assert len(runners) == 2
    assert calls == Counter({event.pk: 1 for event in events})
    assert len(effects()) == 60
    assert set(Delivery.objects.values_list("state", "attempts")) == {("done", 1)}


def test_a_delivery_under_way_is_skipped_by_others_not_waited_for():
    started, release = Event(), Event()

    def handle(event):
        started.set()
        assert release.wait(20)

    subscribe(HAPPENED.name, key="test.slow")(handle)
    publish_some(1)

    def second():
        assert started.wait(20)
        attempts = relay.drain()
        release.set()
        return attempts

    assert run_in_threads(relay.drain, second) == [1, 0]
    assert Delivery.objects.get().state == "done"


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


@pytest.mark.parametrize("batch", [False, True])
def test_a_relay_killed_in_the_middle_leaves_nothing_half_done(batch):
    alive = []

    @subscribe(HAPPENED.name, key="test.handler", batch=batch)
    def handle(events):
        for event in events if batch else [events]:
            leave_effect(event.pk)
            if event.payload["number"] == 3 and not alive:
                raise Killed

    publish_some(6)
    with pytest.raises(Killed):
        relay.drain()
    assert len(effects()) == 0
    assert set(Delivery.objects.values_list("state", "attempts", "error")) == {("pending", 0, "")}
    alive.append(True)
    assert relay.drain() == 6
    assert len(effects()) == 6
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_a_connection_cut_in_the_middle_leaves_nothing_half_done():
    cut = []

    @subscribe(HAPPENED.name, key="test.handler")
    def handle(event):
        leave_effect(event.pk)
        if event.payload["number"] == 3 and not cut:
            cut.append(connection.connection.info.backend_pid)
            run_in_threads(lambda: sql("SELECT pg_terminate_backend(%s)", cut[0]))
            effects()

    publish_some(6)
    with pytest.raises(Error):
        run_in_threads(relay.drain)
    assert len(effects()) == 0
    assert set(Delivery.objects.values_list("state", "attempts")) == {("pending", 0)}
    assert relay.drain() == 6
    assert len(effects()) == 6
