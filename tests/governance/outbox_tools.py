"""What the tests of the outbox share: events to publish, handlers for one test, threads with their own connections."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections, transaction

from governance.access.viewer import SYSTEM
from governance.outbox import subscriptions
from governance.outbox.append_only import protecting
from governance.outbox.events import EventType
from governance.outbox.models import DomainEvent, Seal
from governance.outbox.sealing import seal_due
from governance.outbox.services import NewEvent, publish_many

AT = datetime(2026, 11, 12, 12, 41, tzinfo=UTC)
HAPPENED = EventType("outbox.test_happened", ("number", "code"))
IGNORED = EventType("outbox.test_ignored")


def only_these_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with an empty registry, and put the real one back after the test."""
    monkeypatch.setattr(subscriptions, "_handlers", {})
    monkeypatch.setattr(subscriptions, "_by_event", defaultdict(list))


def publish_some(count: int, at: datetime = AT) -> list[DomainEvent]:
    """Publish events numbered from 0 in a transaction of their own."""
    with transaction.atomic():
        return publish_many(
            NewEvent(
                event_type=HAPPENED,
                subject=f"outbox.thing:{number}",
                actor=SYSTEM,
                at=at,
                area_code="440310001",
                payload={"number": number, "code": "a"},
            )
            for number in range(count)
        )


def run_in_threads(*functions: Callable[[], Any]) -> list[Any]:
    """Run functions at the same time, each with its own connection; return their results, raise their first error."""
    results: list[Any] = [None] * len(functions)
    errors: list[BaseException] = []

    def run(index: int, function: Callable[[], Any]) -> None:
        try:
            results[index] = function()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(i, function), daemon=True) for i, function in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results


def publish_and_roll_back(count: int) -> None:
    """Publish in a savepoint that is undone."""
    with transaction.atomic():
        publish_some(count)
        transaction.set_rollback(True)


def leave_effect(number: int) -> None:
    """Write what a handler may leave once: a second time violates a unique constraint (groups are just at hand)."""
    Group.objects.create(name=f"effect {number}")


def effects() -> list[int]:
    """Return the numbers that `leave_effect` has written."""
    names = Group.objects.filter(name__startswith="effect ").values_list("name", flat=True)
    return sorted(int(name.split()[1]) for name in names)


@contextmanager
def with_rights(table: str) -> Iterator[None]:
    """Take back the rights to change rows, as a table's owner can: then only the trigger refuses."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE ON {table} TO CURRENT_USER")
        try:
            yield
        finally:
            cursor.execute(protecting(table, "at" if table == "outbox_seal" else "seal_id"))


@contextmanager
def without_trigger(table: str) -> Iterator[None]:
    """Do what the table's owner can do behind the portal's back: take the rights back, the trigger off for a while."""
    with with_rights(table), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")


def settle() -> None:
    """Wait until every transaction that runs now has ended.

    The sealer's horizon is that of the whole cluster: tests in other databases hold it back, too.
    """
    ((now,),) = sql("SELECT pg_current_xact_id()::text::bigint")
    for _ in range(24000):
        if sql("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", now) == [(True,)]:
            return
        time.sleep(0.01)
    raise AssertionError("a transaction somewhere in the cluster does not end")


def seal_settled(at: datetime = AT) -> list[Seal]:
    """Seal everything published so far."""
    settle()
    return seal_due(at)


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run one statement, return its rows if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
