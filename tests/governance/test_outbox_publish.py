"""Publishing: in the caller's transaction, one statement, nothing that could be personal data."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from governance.access.viewer import SYSTEM, requester
from governance.outbox.events import EventType, PayloadError, checked_payload, declared
from governance.outbox.models import Delivery, DomainEvent
from governance.outbox.selectors import events_about
from governance.outbox.services import NewEvent, NotInTransaction, publish, publish_many
from governance.outbox.subscriptions import handler_keys, subscribe, subscribed_names
from tests.governance.outbox_tools import (
    AT,
    HAPPENED,
    IGNORED,
    only_these_handlers,
    publish_and_roll_back,
    publish_some,
    sql,
    with_rights,
)
from tests.sql import assert_sql

ANY = EventType("outbox.test_any", ("value",))


@pytest.fixture(autouse=True)
def _handlers(monkeypatch):
    only_these_handlers(monkeypatch)


class Colour(StrEnum):
    RED = "red"


def _publish(**changes):
    arguments = {
        "subject": "outbox.thing:7",
        "actor": requester("outbox.thing:7"),
        "at": AT,
        "area_code": "440310001002",
        "payload": {"number": 7, "code": "a"},
    }
    return publish(HAPPENED, **{**arguments, **changes})


@pytest.mark.django_db
class TestPublish:
    def test_appends_what_happened(self):
        event = _publish()
        kept = DomainEvent.objects.get()
        assert (kept.pk, kept.uuid, kept.txid) == (event.pk, event.uuid, event.txid)
        assert (kept.name, kept.at, kept.subject_ref) == ("outbox.test_happened", AT, "outbox.thing:7")
        assert (kept.actor_id, kept.actor_kind) == (None, "requester")
        assert (kept.area_code, kept.payload) == ("440310001002", {"number": 7, "code": "a"})
        assert kept.seal_id is None
        assert list(events_about("outbox.thing:7")) == [event]

    def test_one_delivery_for_each_handler_that_subscribed_to_this_name(self):
        subscribe(HAPPENED.name, key="test.first")(lambda event: None)
        subscribe(HAPPENED.name, key="test.second", batch=True)(lambda events: None)
        subscribe(IGNORED.name, key="test.other")(lambda event: None)
        event = _publish()
        due = Delivery.objects.order_by("handler").values_list("event_id", "handler", "state", "attempts", "next_at")
        assert list(due) == [(event.pk, "test.first", "pending", 0, AT), (event.pk, "test.second", "pending", 0, AT)]

    def test_without_subscribers_there_is_nothing_to_deliver(self):
        _publish()
        assert not Delivery.objects.exists()

    def test_one_statement(self):
        subscribe(HAPPENED.name, key="test.first")(lambda event: None)
        with assert_sql(1):
            _publish()

    def test_many_keep_their_order_and_take_one_statement_for_ten_thousand(self):
        subscribe(HAPPENED.name, key="test.first")(lambda event: None)
        subscribe(HAPPENED.name, key="test.second")(lambda event: None)
        with assert_sql(1):
            events = publish_some(10_000)
        assert Delivery.objects.count() == 20_000
        stored = DomainEvent.objects.order_by("pk").values_list("pk", "payload")
        assert [(pk, payload["number"]) for pk, payload in stored] == [(e.pk, e.payload["number"]) for e in events]
        assert [e.payload["number"] for e in events] == list(range(10_000))

    def test_statements_do_not_grow_with_rows_but_by_chunks(self, monkeypatch):
        monkeypatch.setattr("governance.outbox.services.CHUNK", 10)
        with assert_sql(3):
            publish_some(25)
        assert DomainEvent.objects.count() == 25

    def test_nothing_to_publish_is_no_statement(self):
        with assert_sql(0):
            assert publish_many([]) == []

    def test_an_event_is_written_with_the_change_or_not_at_all(self):
        subscribe(HAPPENED.name, key="test.first")(lambda event: None)
        publish_and_roll_back(1)
        assert not DomainEvent.objects.exists()
        assert not Delivery.objects.exists()
        _publish()
        assert DomainEvent.objects.count() == Delivery.objects.count() == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"subject": "张三"},
            {"subject": "outbox.thing"},
            {"area_code": "坪山"},
            {"area_code": "440310x"},
            {"at": datetime(2026, 11, 12)},
            {"payload": {"number": 7}},
            {"payload": {"number": 7, "code": "a", "name": "x"}},
            {"payload": {"number": 7, "code": "李雷"}},
        ],
    )
    def test_refuses_and_writes_nothing(self, changes):
        good = NewEvent(
            event_type=HAPPENED, subject="outbox.thing:1", actor=SYSTEM, at=AT, payload={"number": 1, "code": "a"}
        )
        with pytest.raises(PayloadError):
            _publish(**changes)
        bad = {"subject": "outbox.thing:2", "actor": SYSTEM, "at": AT, "payload": {"number": 2, "code": "b"}, **changes}
        with pytest.raises(PayloadError):
            publish_many([good, NewEvent(event_type=HAPPENED, **bad)])
        assert not DomainEvent.objects.exists()
        publish_many([good])
        assert DomainEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_raises():
    with pytest.raises(NotInTransaction):
        _publish()
    assert not DomainEvent.objects.exists()
    with transaction.atomic():
        _publish()
    assert DomainEvent.objects.count() == 1


class TestPayload:
    @pytest.mark.parametrize(
        ("value", "stored"),
        [
            (None, None),
            (True, True),
            (17, 17),
            ("overdue", "overdue"),
            ("202611120000017", "202611120000017"),  # a request number holds what looks like a mobile number
            ("440310001002003", "440310001002003"),
            ("x" * 64, "x" * 64),
            (Colour.RED, "red"),
            (AT, "2026-11-12T12:41:00+00:00"),
            (date(2026, 11, 12), "2026-11-12"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            ([1, "a", None], [1, "a", None]),
            ((uuid.UUID(int=2),), ["00000000-0000-0000-0000-000000000002"]),
        ],
    )
    def test_ids_codes_times_and_booleans_pass(self, value, stored):
        assert checked_payload(ANY, {"value": value}) == {"value": stored}

    @pytest.mark.parametrize(
        "value",
        [
            "x" * 65,
            "路灯坏了",
            "lamp 路",
            "ＡＢＣ",
            "𠮷",
            "13912342046",
            "+86 13912342046",
            "zhang.san@example.org",
            "11010519491231002X",
            1.5,
            {"nested": 1},
            [["nested"]],
            ["a", "张三"],
            datetime(2026, 11, 12),
            b"bytes",
            list(range(1001)),
        ],
    )
    def test_anything_else_is_refused_and_not_quoted(self, value):
        with pytest.raises(PayloadError) as refused:
            checked_payload(ANY, {"value": value})
        if isinstance(value, str):
            assert value not in str(refused.value)


class TestEventTypes:
    def test_declared_under_its_name(self):
        assert declared()["outbox.test_happened"] is HAPPENED

    def test_the_same_declaration_twice_is_harmless(self):
        assert EventType("outbox.test_happened", ("code", "number")).name == HAPPENED.name

    def test_other_keys_under_the_same_name_are_refused(self):
        with pytest.raises(ImproperlyConfigured):
            EventType("outbox.test_happened", ("number",))

    @pytest.mark.parametrize("name", ["happened", "outbox.Happened", "outbox.happened.twice", "诉求.受理"])
    def test_names_have_a_form(self, name):
        with pytest.raises(ImproperlyConfigured):
            EventType(name)
        assert name not in declared()


class TestSubscriptions:
    def test_stacked_names_share_a_handler(self):
        @subscribe(HAPPENED.name)
        @subscribe(IGNORED.name)
        def handle(event):
            pass

        key = f"{__name__}.TestSubscriptions.test_stacked_names_share_a_handler.<locals>.handle"
        assert handler_keys(HAPPENED.name) == handler_keys(IGNORED.name) == (key,)
        assert subscribed_names() == {IGNORED.name: (key,), HAPPENED.name: (key,)}

    def test_two_functions_under_one_key_are_refused(self):
        subscribe(HAPPENED.name, key="test.same")(print)
        subscribe(IGNORED.name, key="test.same")(print)
        with pytest.raises(ImproperlyConfigured):
            subscribe(HAPPENED.name, key="test.same")(len)


@pytest.mark.django_db
class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE outbox_domainevent SET area_code = '1'",
            "UPDATE outbox_domainevent SET payload = '{}'",
            "UPDATE outbox_domainevent SET seal_id = NULL",
            "DELETE FROM outbox_domainevent",
        ],
    )
    def test_the_database_refuses_changes(self, statement):
        publish_some(1)
        refused = pytest.raises(IntegrityError, match="append-only")
        with with_rights("outbox_domainevent"), refused, transaction.atomic():
            sql(statement)
        assert DomainEvent.objects.get().area_code == "440310001"

    def test_a_seal_is_set_once_and_alone(self):
        publish_some(1)
        for number, previous in ((1, ""), (2, "x")):
            sql(
                "INSERT INTO outbox_seal (id, kind, at, count, previous, digest, manifest) "
                "VALUES (%s, 'x', now(), 1, %s, %s, '')",
                number,
                previous,
                str(number),
            )
        with with_rights("outbox_domainevent"), with_rights("outbox_seal"):
            with pytest.raises(IntegrityError), transaction.atomic():
                sql("UPDATE outbox_domainevent SET seal_id = 1, area_code = '1'")
            sql("UPDATE outbox_domainevent SET seal_id = 1")
            with pytest.raises(IntegrityError), transaction.atomic():
                sql("UPDATE outbox_domainevent SET seal_id = 2")
            with pytest.raises(IntegrityError), transaction.atomic():
                sql("UPDATE outbox_seal SET count = 2")
        assert DomainEvent.objects.get().seal_id == 1
