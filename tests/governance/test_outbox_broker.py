"""The nudge: once per transaction, after the commit, and a dead broker costs a delay and nothing else."""

import re
from threading import Event

import pytest
import redis.connection
from django.db import connection, transaction
from kombu import pools
from kombu.exceptions import OperationalError

from governance.celery import app
from governance.outbox import nudging, relay
from governance.outbox.models import Delivery, DomainEvent
from governance.outbox.subscriptions import subscribe
from governance.outbox.tasks import run_relay
from tests.governance.outbox_tools import HAPPENED, only_these_handlers, publish_and_roll_back, publish_some

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen(monkeypatch):
    only_these_handlers(monkeypatch)
    seen = []
    subscribe(HAPPENED.name, key="test.single")(lambda event: seen.append(event.pk))
    return seen


@pytest.fixture
def nudges(monkeypatch):
    """Count the nudges instead of sending them."""
    sent = []
    monkeypatch.setattr(run_relay, "apply_async", lambda **options: sent.append(options["queue"]))
    yield lambda: nudging.settle() or sent
    nudging.settle()


@pytest.fixture
def attempts(monkeypatch):
    """Count how often a connection to the broker is opened."""
    counted = []
    original = redis.connection.UnixDomainSocketConnection._connect

    def connect(self):
        counted.append(self.path)
        return original(self)

    monkeypatch.setattr(redis.connection.UnixDomainSocketConnection, "_connect", connect)
    return counted


@pytest.fixture
def broker():
    """Point Celery at another broker for one test; yields the function that does it."""

    def use(url):
        pools.reset()
        app._pool = app.amqp._producer_pool = None
        app.conf.broker_url = app.conf.broker_write_url = url

    before = app.conf.broker_url
    yield use
    use(before)


def test_one_nudge_for_a_transaction_with_many_events(seen, nudges):
    with transaction.atomic():
        publish_some(1)
        with transaction.atomic():
            publish_some(2)
        publish_some(1)
        assert nudges() == []
    assert nudges() == ["outbox"]
    publish_some(1)
    assert nudges() == ["outbox", "outbox"]


def test_a_savepoint_that_is_rolled_back_takes_its_nudge_along(seen, nudges):
    with transaction.atomic():
        publish_and_roll_back(1)
    assert nudges() == []
    with transaction.atomic():
        publish_and_roll_back(1)
        publish_some(1)
    assert nudges() == ["outbox"]


def test_no_nudge_without_a_subscriber_nor_inside_the_relay(monkeypatch, nudges):
    only_these_handlers(monkeypatch)
    publish_some(1)
    assert nudges() == []
    once = []

    @subscribe(HAPPENED.name, key="test.causes")
    def handle(event):
        if not once:
            once.append(True)
            publish_some(1)

    publish_some(1)
    assert nudges() == ["outbox"]
    assert relay.drain() == 2
    assert nudges() == ["outbox"]


def test_with_a_dead_broker_publishing_commits_and_the_sweep_delivers(seen, broker, attempts, tmp_path):
    broker(f"redis+socket://{tmp_path}/nobody-listens.sock")
    with pytest.raises(OperationalError):
        run_relay.apply_async(queue="outbox")
    tries_of_one_nudge = len(attempts)
    attempts.clear()
    publish_some(3)
    nudging.settle()
    # Quick because it tries once and gives up: no retries, no pauses between them.
    assert len(attempts) == tries_of_one_nudge == 1
    assert DomainEvent.objects.count() == Delivery.objects.filter(state="pending").count() == 3
    assert seen == []
    assert relay.drain() == 3
    assert len(seen) == 3


def test_with_a_living_broker_the_nudge_arrives(seen, broker, settings):
    url = settings.CELERY_BROKER_URL.partition("?")[0]
    broker(f"{url}?virtual_host=15" if url.startswith("redis+socket") else re.sub(r"(/\d*)?$", "/15", url, count=1))
    with app.connection_for_write() as link:
        link.default_channel.queue_purge("outbox")
        publish_some(3)
        nudging.settle()
        message = link.default_channel.basic_get("outbox", no_ack=True)
        assert message.headers["task"] == "governance.outbox.tasks.run_relay"
        assert link.default_channel.basic_get("outbox", no_ack=True) is None
    assert seen == []
    assert run_relay() == 3
    assert len(seen) == 3


def test_only_a_lost_broker_is_forgiven(seen, monkeypatch):
    def fault(**options):
        raise ValueError("a fault of the program")

    monkeypatch.setattr(run_relay, "apply_async", fault)
    with pytest.raises(ValueError, match="a fault"):
        nudging.send()
    assert not connection.in_atomic_block


def test_nudges_asked_for_while_one_is_on_its_way_share_the_next(seen, monkeypatch):
    started, go_on = Event(), Event()
    sent = []

    def slow(**options):
        sent.append(options["queue"])
        started.set()
        assert go_on.wait(timeout=60)

    monkeypatch.setattr(run_relay, "apply_async", slow)
    publish_some(1)
    assert started.wait(timeout=60)
    for _ in range(5):
        publish_some(1)  # nobody waits for the broker here
    go_on.set()
    nudging.settle()
    assert sent == ["outbox", "outbox"]


def test_a_fault_of_the_program_is_said_and_does_not_stop_the_next_nudge(seen, monkeypatch, caplog):
    def fault(**options):
        raise ValueError("a fault of the program")

    with monkeypatch.context() as patched:
        patched.setattr(run_relay, "apply_async", fault)
        publish_some(1)
        nudging.settle()
    sent = []
    monkeypatch.setattr(run_relay, "apply_async", lambda **options: sent.append(options["queue"]))
    publish_some(1)
    nudging.settle()
    assert sent == ["outbox"]
    assert "outbox_nudge_failed" in caplog.text
