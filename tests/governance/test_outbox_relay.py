"""The relay: each delivery once, a failure costs only its own row, retries that come to an end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from governance.access.viewer import SYSTEM
from governance.errors import DomainError, StaleState
from governance.outbox import relay
from governance.outbox.events import EventType
from governance.outbox.failure_text import failure_text
from governance.outbox.models import Delivery, DeliveryState, DomainEvent
from governance.outbox.selectors import backlog, failed_deliveries
from governance.outbox.services import delivery_retry, publish
from governance.outbox.subscriptions import subscribe
from tests.governance.outbox_tools import (
    AT,
    HAPPENED,
    IGNORED,
    effects,
    leave_effect,
    only_these_handlers,
    publish_some,
    sql,
)
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _handlers(monkeypatch):
    only_these_handlers(monkeypatch)


def _states() -> list[str]:
    return list(Delivery.objects.order_by("event_id", "handler").values_list("state", flat=True))


def test_each_handler_gets_each_event_once():
    singles, batches = [], []
    subscribe(HAPPENED.name, key="test.single")(lambda event: singles.append(event.payload["number"]))
    subscribe(HAPPENED.name, key="test.batch", batch=True)(lambda e: batches.append([x.payload["number"] for x in e]))
    publish_some(45)
    assert relay.drain(AT) == 90
    assert relay.drain(AT) == 0
    assert singles == list(range(45))
    assert batches == [list(range(45))]
    assert set(Delivery.objects.values_list("state", "attempts", "done_at", "next_at")) == {("done", 1, AT, None)}


def test_batches_hold_at_most_five_hundred():
    sizes = []
    subscribe(HAPPENED.name, key="test.batch", batch=True)(lambda events: sizes.append(len(events)))
    publish_some(1100)
    relay.drain(AT)
    assert sizes == [500, 500, 100]


def test_statements_of_a_batch_do_not_grow_with_its_events():
    subscribe(HAPPENED.name, key="test.batch", batch=True)(lambda events: None)
    publish_some(3)
    # due handlers, claim, two to check deferred constraints, mark; then an empty claim and an empty look
    with assert_sql(7):
        relay.drain(AT)
    publish_some(400)
    with assert_sql(7):
        relay.drain(AT)


def test_the_first_attempt_is_due_whatever_the_clock_of_the_event():
    seen = []
    subscribe(HAPPENED.name, key="test.single")(seen.append)
    publish_some(1, at=AT + timedelta(days=400))
    assert relay.drain(AT) == 1
    assert len(seen) == 1


def test_events_caused_by_a_handler_are_carried_in_the_same_run():
    caused = EventType("outbox.test_caused")
    seen = []

    @subscribe(HAPPENED.name, key="test.causes")
    def handle(event):
        publish(caused, subject=event.subject_ref, actor=SYSTEM, at=event.at)

    subscribe(caused.name, key="test.caused")(lambda event: seen.append(event.subject_ref))
    publish_some(2)
    assert relay.drain(AT) == 4
    assert seen == ["outbox.thing:0", "outbox.thing:1"]


def test_deliveries_of_a_handler_this_process_does_not_know_are_left_alone():
    subscribe(HAPPENED.name, key="test.single")(lambda event: None)
    publish_some(1)
    sql("UPDATE outbox_delivery SET handler = 'test.from_another_release'")
    assert relay.drain(AT) == 0
    assert _states() == ["pending"]
    sql("UPDATE outbox_delivery SET handler = 'test.single'")
    assert relay.drain(AT) == 1


class TestFailure:
    def test_a_failed_handler_leaves_nothing_and_holds_up_nobody(self):
        @subscribe(HAPPENED.name, key="test.single")
        def handle(event):
            leave_effect(event.payload["number"])
            if event.payload["number"] == 1:
                raise ValueError("after writing")

        publish_some(3)
        assert relay.drain(AT) == 3
        assert effects() == [0, 2]
        assert _states() == ["done", "pending", "done"]
        failed = Delivery.objects.get(state="pending")
        assert (failed.attempts, failed.next_at) == (1, AT + MINUTE)
        assert failed.error.startswith("ValueError at ")
        assert failed.error.endswith("after writing")

    def test_a_failed_batch_is_tried_one_by_one(self):
        calls = []

        @subscribe(HAPPENED.name, key="test.batch", batch=True)
        def handle(events):
            calls.append(len(events))
            for event in events:
                leave_effect(event.payload["number"])
            if any(event.payload["number"] == 2 for event in events):
                raise ValueError("bad row")

        publish_some(5)
        assert relay.drain(AT) == 5
        assert calls == [5, 1, 1, 1, 1, 1]
        assert effects() == [0, 1, 3, 4]
        assert _states() == ["done", "done", "pending", "done", "done"]
        assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}

    def test_a_broken_constraint_undoes_only_its_own_event(self):
        leave_effect(1)

        @subscribe(HAPPENED.name, key="test.single")
        def handle(event):
            leave_effect(event.payload["number"])

        publish_some(3)
        relay.drain(AT)
        assert _states() == ["done", "pending", "done"]
        assert "auth_group_name_key" in Delivery.objects.get(state="pending").error

    def test_a_deferred_constraint_is_checked_before_the_delivery_counts_as_done(self):
        @subscribe(HAPPENED.name, key="test.single")
        def handle(event):
            target = event.pk if event.payload["number"] else event.pk + 1_000_000
            Delivery.objects.create(event_id=target, handler="test.extra", state="done", done_at=AT)

        publish_some(2)
        relay.drain(AT)
        assert list(Delivery.objects.filter(handler="test.single").order_by("pk").values_list("state", flat=True)) == [
            "pending",
            "done",
        ]
        connection.check_constraints()  # the commit would succeed

    def test_waits_longer_each_time_and_then_gives_up(self):
        tries = []

        @subscribe(HAPPENED.name, key="test.single")
        def handle(event):
            tries.append(now)
            raise ValueError("never works")

        publish_some(1)
        now = AT
        steps = [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 720 * MINUTE]
        for step in steps:
            relay.drain(now)
            assert relay.drain(now + step - timedelta(seconds=1)) == 0
            assert backlog().pending == 1
            now += step
        relay.drain(now)
        assert len(tries) == 6
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts, delivery.next_at) == (DeliveryState.FAILED, 6, None)
        assert relay.drain(now + timedelta(days=30)) == 0
        assert list(failed_deliveries()[:5]) == [delivery]
        assert (backlog().pending, backlog().failed) == (0, 1)

    def test_succeeding_later_clears_the_error(self):
        broken = [True]

        @subscribe(HAPPENED.name, key="test.single")
        def handle(event):
            if broken:
                raise ValueError(broken.pop())

        publish_some(1)
        relay.drain(AT)
        assert Delivery.objects.get().error
        relay.drain(AT + MINUTE)
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts, delivery.error) == ("done", 2, "")


class TestRetry:
    def _failed(self) -> Delivery:
        publish_some(1)
        Delivery.objects.update(state="failed", next_at=None, attempts=6, error="ValueError")
        return Delivery.objects.get()

    def test_a_failed_delivery_starts_again_and_the_trail_says_who_asked(self):
        seen = []
        subscribe(HAPPENED.name, key="test.single")(seen.append)
        delivery = self._failed()
        delivery_retry(delivery=delivery, actor=SYSTEM, at=AT)
        assert relay.drain(AT) == 1
        assert len(seen) == 1
        asked = DomainEvent.objects.get(name="outbox.delivery_retried")
        assert (asked.subject_ref, asked.area_code) == (f"outbox.delivery:{delivery.pk}", "440310001")

    def test_only_a_failed_one(self):
        subscribe(HAPPENED.name, key="test.single")(lambda event: None)
        delivery = self._failed()
        delivery_retry(delivery=delivery, actor=SYSTEM, at=AT)
        with pytest.raises(StaleState):
            delivery_retry(delivery=delivery, actor=SYSTEM, at=AT)
        assert DomainEvent.objects.filter(name="outbox.delivery_retried").count() == 1


class TestFailureText:
    @pytest.mark.parametrize(
        ("error", "kept"),
        [
            (ValueError("bad state 7"), "ValueError bad state 7"),
            (ValueError("invalid input '张三'"), "ValueError invalid input '…'"),
            (ValueError("张三 of zhang@example.org, 139 1234 2046"), "ValueError … of …"),
            (ValueError('name "Zhang San"\nDETAIL: x'), 'ValueError name "…"'),
            (IntegrityError("no\nDETAIL: Key (name)=(Zhang San)"), "IntegrityError no"),
            (DomainError("grant_overlaps", "张三已有这个角色"), "DomainError grant_overlaps"),
            (KeyError("Zhang"), "KeyError '…'"),
            (ValueError(), "ValueError"),
        ],
    )
    def test_keeps_what_finds_the_fault_and_drops_what_people_typed(self, error, kept):
        text = failure_text(error)
        assert text.startswith(kept)
        for word in ("张三", "Zhang", "2046", "example"):
            assert word not in text

    def test_is_never_longer_than_its_column(self):
        assert len(failure_text(ValueError("word " * 500))) == 400


def test_nobody_subscribes_to_what_is_only_declared():
    assert relay.drain(AT) == 0
    assert IGNORED.name not in {event.name for event in DomainEvent.objects.all()}
