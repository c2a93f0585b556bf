"""From an event to message rows: who gets one, and never two."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance.errors import DomainError
from governance.notifications.checks import kind_faults
from governance.notifications.handlers import notify
from governance.notifications.models import Channel, Message, State
from governance.notifications.registry import Recipient, user_recipient
from governance.notifications.services import DELAY, messages_create
from governance.outbox import relay
from governance.outbox.models import Delivery
from tests.governance.notice_support import AREA, AT, KIND, OVERDUE, in_thread, person, publish_overdue, registered
from tests.sql import assert_sql


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with registered(KIND):
        yield


@pytest.mark.django_db
def test_event_becomes_one_row_a_person_and_channel() -> None:
    user = person("wang")
    event = publish_overdue(user.pk)

    messages_create(kinds=[KIND], events=[event], at=AT)

    in_app, email = Message.objects.order_by("-channel")
    assert (in_app.channel, in_app.state, in_app.sent_at, in_app.user_id) == (Channel.IN_APP, State.SENT, AT, user.pk)
    assert (email.channel, email.state, email.next_at) == (Channel.EMAIL, State.QUEUED, AT + DELAY)
    assert {message.area_code for message in (in_app, email)} == {AREA}
    assert {message.recipient_ref for message in (in_app, email)} == {f"access.user:{user.pk}"}


@pytest.mark.django_db
def test_row_holds_neither_address_nor_text() -> None:
    user = person("wang")
    messages_create(kinds=[KIND], events=[publish_overdue(user.pk)], at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM notifications_message m")
        stored = "".join(row for (row,) in cursor.fetchall())
    assert "202611120000415" in stored
    assert "wang" not in stored
    assert "超期" not in stored


@pytest.mark.django_db
def test_same_discriminator_is_sent_once_and_another_level_again() -> None:
    user = person("wang")
    first, again = publish_overdue(user.pk), publish_overdue(user.pk)
    next_level = publish_overdue(user.pk, level="overdue_1d")
    other_clock = publish_overdue(user.pk, clock=2)

    messages_create(kinds=[KIND], events=[first, again], at=AT)
    assert Message.objects.count() == 2
    messages_create(kinds=[KIND], events=[again], at=AT + timedelta(hours=1))
    assert Message.objects.count() == 2
    messages_create(kinds=[KIND], events=[next_level, other_clock], at=AT)
    assert Message.objects.count() == 6


@pytest.mark.django_db
def test_default_discriminator_is_the_event() -> None:
    user = person("wang")
    kind = replace(KIND, key="notices_test.each", dedupe=lambda event: str(event.uuid))
    first, second = publish_overdue(user.pk), publish_overdue(user.pk)

    messages_create(kinds=[kind], events=[first, second, first], at=AT)

    assert Message.objects.filter(channel=Channel.EMAIL).count() == 2


@pytest.mark.django_db
def test_batch_costs_statements_by_the_thousand_rows() -> None:
    users = [person(f"p{number}") for number in range(3)]
    events = [publish_overdue(*(user.pk for user in users), clock=clock) for clock in range(100)]

    with assert_sql(1):
        messages_create(kinds=[KIND], events=events, at=AT)

    assert Message.objects.count() == 600


@pytest.mark.django_db
def test_audience_and_context_can_answer_for_the_batch() -> None:
    user = person("wang")
    calls: list[int] = []

    def audience_many(events: Any) -> list[list[Recipient]]:
        calls.append(len(events))
        return [[user_recipient(user.pk, "email")] for _ in events]

    kind = replace(KIND, audience_many=audience_many)
    events = [publish_overdue(user.pk, clock=clock) for clock in (1, 2)]
    messages_create(kinds=[kind], events=events, at=AT)

    assert calls == [2]
    assert list(Message.objects.values_list("channel", flat=True)) == ["email", "email"]


@pytest.mark.django_db
def test_relay_leads_from_event_to_rows_and_a_second_delivery_adds_nothing() -> None:
    user = person("wang")
    event = publish_overdue(user.pk)
    assert Delivery.objects.filter(event=event, handler="notifications.notify").count() == 1

    relay.drain()
    assert Message.objects.count() == 2
    notify([event])
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_context_that_differs_from_the_declared_keys_is_refused() -> None:
    user = person("wang")
    wrong = replace(KIND, context=lambda event: {"number": "1"})

    with pytest.raises(DomainError, match="due_at"):
        messages_create(kinds=[wrong], events=[publish_overdue(user.pk)], at=AT)
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_in_app_message_needs_somebody_who_signs_in() -> None:
    contact = Recipient("requests_intake.requestercontact:17", ("in_app",))
    kind = replace(KIND, audience=lambda event: [contact])
    with pytest.raises(DomainError, match="does not sign in"):
        messages_create(kinds=[kind], events=[publish_overdue()], at=AT)

    by_mail = replace(KIND, audience=lambda event: [replace(contact, channels=("email",))])
    messages_create(kinds=[by_mail], events=[publish_overdue()], at=AT)
    assert Message.objects.get().user_id is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"state": State.SENT, "sent_at": None},
        {"next_at": None},
        {"state": State.SENDING, "next_at": None},
        {"read_at": AT},
        {"next_at": AT},
        {"channel": Channel.IN_APP},
    ],
)
def test_database_refuses_a_state_without_its_companions(broken: dict[str, Any]) -> None:
    messages_create(kinds=[KIND], events=[publish_overdue(person("wang").pk)], at=AT)
    email = Message.objects.filter(channel=Channel.EMAIL)
    assert email.update(next_at=AT + timedelta(days=1)) == 1

    with pytest.raises(IntegrityError), transaction.atomic():
        email.update(**broken)


def _waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO notifications_message%'"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_events_write_each_row_once() -> None:
    users = [person("wang"), person("li")]
    events = [publish_overdue(*(user.pk for user in users), clock=clock) for clock in range(50)]
    may_commit, inserted = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            messages_create(kinds=[KIND], events=events, at=AT)
            inserted.set()
            may_commit.wait(20)

    def second() -> None:
        inserted.wait(20)
        messages_create(kinds=[KIND], events=list(reversed(events)), at=AT)

    with ThreadPoolExecutor(2) as pool:
        running, waiting = in_thread(pool, first), in_thread(pool, second)
        inserted.wait(20)
        while not waiting.done() and not _waits_for_a_lock():
            may_commit.wait(0.02)
        assert not waiting.done(), "the second worker should wait for the first"
        may_commit.set()
        running.result(20)
        waiting.result(20)

    assert Message.objects.count() == 200


@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_write_each_row_once() -> None:
    user = person("wang")
    for clock in range(40):
        publish_overdue(user.pk, clock=clock)
        publish_overdue(user.pk, clock=clock)  # the same level of the same clock, told twice
    start = threading.Barrier(3)

    def worker() -> None:
        start.wait(20)
        relay.drain()

    with ThreadPoolExecutor(3) as pool:
        for running in [in_thread(pool, worker) for _ in range(3)]:
            running.result(60)

    assert Message.objects.filter(channel=Channel.EMAIL).count() == 40
    assert Message.objects.filter(channel=Channel.IN_APP).count() == 40


def test_start_up_check_finds_a_misspelt_placeholder_and_an_unknown_event() -> None:
    known = frozenset({OVERDUE.name})
    assert kind_faults(KIND, known) == []
    assert [fault.id for fault in kind_faults(replace(KIND, body_en="Until {due}"), known)] == ["notifications.E003"]
    assert [fault.id for fault in kind_faults(replace(KIND, subject_zh=" "), known)] == ["notifications.E002"]
    assert [fault.id for fault in kind_faults(KIND, frozenset())] == ["notifications.E001"]
    for trick in ("{number.__class__}", "{number!r}", "{number:>9}", "{0}", "{", "{}"):
        assert kind_faults(replace(KIND, body_zh=trick), known), trick
