"""Sealing: every settled row once, late committers included, in one chain; and what breaks it is found by name."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from structlog.testing import capture_logs

from governance.access.viewer import SYSTEM
from governance.outbox import sealing
from governance.outbox.models import DomainEvent, Seal
from governance.outbox.sealed_rows import canonical_json, salted_digest
from governance.outbox.sealing import seal_due
from governance.outbox.services import publish
from governance.outbox.tasks import run_seal
from governance.outbox.verifying import Break, verify
from governance.privacy.services import log_read
from tests.governance.outbox_tools import (
    AT,
    HAPPENED,
    only_these_handlers,
    publish_some,
    run_in_threads,
    seal_settled,
    settle,
    sql,
    without_trigger,
)
from tests.sql import assert_sql

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sealing]
TABLE = "outbox_domainevent"


@pytest.fixture(autouse=True)
def _only_events(monkeypatch):
    only_these_handlers(monkeypatch)
    monkeypatch.setattr(sealing, "_sealed_labels", ["outbox.DomainEvent"])


def _seal_of() -> dict[int, int | None]:
    return dict(DomainEvent.objects.order_by("pk").values_list("pk", "seal_id"))


class TestSealing:
    def test_seals_what_is_there_and_then_nothing(self):
        events = publish_some(3)
        (seal,) = seal_settled()
        assert (seal.kind, seal.at, seal.count, seal.previous) == ("outbox.DomainEvent", AT, 3, "")
        assert _seal_of() == {event.pk: seal.pk for event in events}
        assert seal_due(AT) == []

    def test_each_seal_covers_the_one_before(self):
        publish_some(1)
        (first,) = seal_settled()
        publish_some(1)
        (second,) = seal_settled(AT + timedelta(minutes=1))
        assert second.previous == first.digest
        assert second.digest != first.digest

    def test_many_rows_make_several_seals(self, monkeypatch):
        monkeypatch.setattr(sealing, "ROWS_PER_SEAL", 10)
        publish_some(25)
        assert [seal.count for seal in seal_settled()] == [10, 10, 5]
        assert verify().broken is None

    def test_statements_do_not_grow_with_rows(self):
        for count in (3, 300):
            publish_some(count)
            settle()
            with assert_sql(5):  # lock, rows, last seal, new seal, update
                seal_due(AT)

    def test_an_early_id_committed_late_is_sealed_by_a_later_seal(self):
        """Two connections: the first takes its id, the second takes a higher one, commits and is sealed."""
        early_written, late_sealed = Event(), Event()

        def early():
            with transaction.atomic():
                event = publish(
                    HAPPENED, subject="outbox.thing:1", actor=SYSTEM, at=AT, payload={"number": 1, "code": "a"}
                )
                early_written.set()
                assert late_sealed.wait(20)
            return event.pk

        def late():
            assert early_written.wait(20)
            (event,) = publish_some(1)
            # The early transaction still runs: sealing now could put a row after the seal of its successors.
            sealed_meanwhile = seal_due(AT)
            late_sealed.set()
            return event.pk, sealed_meanwhile

        (settled,) = publish_some(1)
        settle()
        early_pk, (late_pk, meanwhile) = run_in_threads(early, late)
        assert settled.pk < early_pk < late_pk
        assert [seal.count for seal in meanwhile] == [1]
        first = meanwhile[0].pk
        assert _seal_of() == {settled.pk: first, early_pk: None, late_pk: None}
        (second,) = seal_settled()
        assert _seal_of() == {settled.pk: first, early_pk: second.pk, late_pk: second.pk}
        assert verify().broken is None

    def test_a_higher_id_that_was_sealed_first_skips_nobody(self):
        """The trap of 'seal everything up to id N': here the early id starts a transaction after the late row's."""
        early_written, go = Event(), Event()
        early_pk = sql("SELECT nextval(pg_get_serial_sequence('outbox_domainevent', 'id'))")[0][0]
        (late,) = publish_some(1)
        (first,) = seal_settled()

        def commit_early():
            with transaction.atomic():
                sql(
                    "INSERT INTO outbox_domainevent"
                    " (id, uuid, name, at, actor_kind, subject_ref, area_code, payload, digest)"
                    " SELECT %s, gen_random_uuid(), name, at, actor_kind, subject_ref, area_code, payload, 'x'"
                    " FROM outbox_domainevent",
                    early_pk,
                )
                early_written.set()
                assert go.wait(20)

        def seal_between():
            assert early_written.wait(20)
            nothing = seal_due(AT)
            go.set()
            return nothing

        assert run_in_threads(commit_early, seal_between)[1] == []
        (second,) = seal_settled()
        assert early_pk < late.pk
        assert _seal_of() == {early_pk: second.pk, late.pk: first.pk}

    def test_only_one_sealer_at_a_time(self):
        holding, done = Event(), Event()
        publish_some(1)

        def hold():
            with transaction.atomic():
                sql("SELECT pg_advisory_xact_lock(%s)", sealing.LOCK)
                holding.set()
                assert done.wait(20)

        def second():
            assert holding.wait(20)
            found = seal_due(AT)
            done.set()
            return found

        assert run_in_threads(hold, second)[1] == []
        assert len(seal_settled()) == 1

    def test_rows_restored_from_another_cluster_are_settled(self):
        publish_some(1)
        with without_trigger(TABLE):
            sql("UPDATE outbox_domainevent SET txid = 4611686018427387904")
        assert [seal.count for seal in seal_due(AT)] == [1]

    def test_rows_of_the_running_transaction_wait(self):
        with transaction.atomic():
            publish_some(1)
            assert seal_due(AT) == []
        assert len(seal_settled()) == 1


class TestDigest:
    def test_is_the_same_before_saving_and_after_reading_back(self):
        (event,) = publish_some(1)
        stored = DomainEvent.objects.get()
        content = {name: getattr(stored, name) for name in DomainEvent.SEALED_FIELDS}
        assert salted_digest(content, event.digest[:16]) == event.digest == stored.digest

    def test_equal_rows_have_different_digests(self):
        content = {"at": AT}
        assert salted_digest(content, "a") != salted_digest(content, "b")

    def test_canonical_json_by_hand(self):
        assert canonical_json({"b": [1, None], "a": AT}) == '{"a":"2026-11-12T12:41:00.000000+00:00","b":[1,null]}'


@contextmanager
def _behind_our_back():
    """Change sealed rows as the owner of the tables could."""
    with without_trigger(TABLE), without_trigger("outbox_seal"):
        yield


def _command(**options) -> str:
    out = StringIO()
    call_command("outbox_verify", stdout=out, **options)
    return out.getvalue()


class TestVerify:
    @pytest.fixture
    def events(self):
        """Two seals over three rows each, and one row not sealed yet."""
        first = publish_some(3)
        seal_settled()
        second = publish_some(3)
        seal_settled()
        return [*first, *second, *publish_some(1)]

    def _broken(self) -> str:
        with pytest.raises(CommandError) as error:
            _command()
        return str(error.value)

    def test_a_whole_trail(self, events):
        assert "2 seals over 6 rows, 1 not sealed yet" in _command()
        assert verify().last_digest == Seal.objects.latest("pk").digest

    @pytest.mark.parametrize(
        "change",
        [
            "area_code = '440310002'",
            'payload = \'{"number": 9, "code": "a"}\'',
            "at = at + interval '1 microsecond'",
            "actor_kind = 'staff'",
            "uuid = gen_random_uuid()",
            "name = 'outbox.other'",
            "subject_ref = 'outbox.thing:9'",
            "digest = 'forged'",
        ],
    )
    def test_a_changed_row(self, events, change):
        with _behind_our_back():
            sql(f"UPDATE {TABLE} SET {change} WHERE id = %s", events[4].pk)
        assert f"row {events[4].pk} of outbox.DomainEvent" in self._broken()
        assert "was changed" in self._broken()

    def test_a_changed_row_whose_digest_was_made_to_fit(self, events):
        with _behind_our_back():
            sql(f"UPDATE {TABLE} SET area_code = '440310002' WHERE id = %s", events[1].pk)
            row = DomainEvent.objects.get(pk=events[1].pk)
            row.digest = ""
            sql(f"UPDATE {TABLE} SET digest = %s WHERE id = %s", row.stamp().digest, row.pk)
        assert f"row {events[1].pk} of outbox.DomainEvent" in self._broken()

    def test_a_removed_row(self, events):
        with _behind_our_back():
            sql(f"DELETE FROM {TABLE} WHERE id = %s", events[2].pk)
        assert f"row {events[2].pk} of outbox.DomainEvent" in self._broken()
        assert "was removed" in self._broken()

    def test_a_row_slipped_in_under_an_old_seal(self, events):
        seal = DomainEvent.objects.get(pk=events[0].pk).seal_id
        with transaction.atomic():
            forged = publish(
                HAPPENED, subject="outbox.thing:8", actor=SYSTEM, at=AT, payload={"number": 8, "code": "a"}
            )
            sql(f"UPDATE {TABLE} SET seal_id = %s WHERE id = %s", seal, forged.pk)
        assert f"row {forged.pk} of outbox.DomainEvent, seal {seal}: was inserted afterwards" in self._broken()

    def test_the_first_of_several_is_named(self, events):
        with _behind_our_back():
            sql(f"UPDATE {TABLE} SET area_code = '1' WHERE id = ANY(%s)", [events[5].pk, events[1].pk])
            sql(f"DELETE FROM {TABLE} WHERE id = %s", events[3].pk)
        assert f"row {events[1].pk} " in self._broken()

    def test_a_row_changed_before_it_was_sealed(self, events):
        with _behind_our_back():
            sql(f"UPDATE {TABLE} SET area_code = '1' WHERE id = %s", events[6].pk)
        assert f"row {events[6].pk} of outbox.DomainEvent: was changed before" in self._broken()

    @pytest.mark.parametrize("change", ["count = 4", "at = now()", "kind = 'outbox.domainevent'", "digest = 'x'"])
    def test_a_changed_seal(self, events, change):
        first = Seal.objects.order_by("pk").first()
        with _behind_our_back():
            sql(f"UPDATE outbox_seal SET {change} WHERE id = %s", first.pk)
        assert f"seal {first.pk}" in self._broken()

    def test_a_seal_removed_with_all_its_rows(self, events):
        first, second = Seal.objects.order_by("pk")
        with _behind_our_back(), transaction.atomic():
            sql(f"DELETE FROM {TABLE} WHERE seal_id = %s", first.pk)
            sql("DELETE FROM outbox_seal WHERE id = %s", first.pk)
        assert f"seal {second.pk}: does not follow the seal before it" in self._broken()

    def test_a_digest_noted_outside_shows_that_the_end_was_cut_off(self, events):
        first, second = Seal.objects.order_by("pk")
        assert "whole" in _command(digest=first.digest)
        with _behind_our_back(), transaction.atomic():
            sql(f"DELETE FROM {TABLE} WHERE seal_id = %s", second.pk)
            sql("DELETE FROM outbox_seal WHERE id = %s", second.pk)
        assert "whole" in _command()
        assert "whole" in _command(digest=first.digest)
        with pytest.raises(CommandError, match="noted earlier"):
            _command(digest=second.digest)


def test_other_tables_share_the_chain_and_are_proved_with_it(monkeypatch):
    monkeypatch.setattr(sealing, "_sealed_labels", ["outbox.DomainEvent", "privacy.AccessLog"])
    publish_some(2)
    reads = [
        log_read(user_id=None, subject=f"x.person:{n}", fields=["phone", "name"], purpose="call", at=AT) for n in (1, 2)
    ]
    first, second = seal_settled()
    assert [(seal.kind, seal.count) for seal in (first, second)] == [
        ("outbox.DomainEvent", 2),
        ("privacy.AccessLog", 2),
    ]
    assert second.previous == first.digest
    assert "2 seals over 4 rows" in _command()
    with without_trigger("privacy_accesslog"):
        sql("UPDATE privacy_accesslog SET purpose = 'other' WHERE id = %s", reads[1].pk)
    with pytest.raises(CommandError, match=f"row {reads[1].pk} of privacy.AccessLog, seal {second.pk}: was changed"):
        _command()
    with without_trigger("privacy_accesslog"):
        sql("UPDATE privacy_accesslog SET purpose = 'call', seal_id = %s WHERE id = %s", first.pk, reads[1].pk)
    assert verify().broken == Break("privacy.AccessLog", reads[1].pk, second.pk, "was removed")


def test_the_task_writes_each_digest_to_the_log():
    publish_some(1)
    settle()
    with capture_logs() as lines:
        assert run_seal() == 1
    seal = Seal.objects.get()
    assert [line["digest"] for line in lines if line["event"] == "outbox_sealed"] == [seal.digest]


def test_what_the_portal_seals():
    """The trail and the log of reading are registered by their apps."""
    apps.get_app_config("outbox").ready()
    apps.get_app_config("privacy").ready()
    assert sealing._sealed_labels == ["outbox.DomainEvent", "privacy.AccessLog"]
