"""Two people at once: threads with connections of their own, made to overlap without guessing at times."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

from django.db import connection, transaction

from tests.governance.outbox_tools import run_in_threads

PATIENCE = 60.0  # seconds before a test gives up; nothing is proved by waiting


def while_first_holds_its_locks(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Run `first` up to just before its commit, then `second` until it waits for a lock, then let both go on.

    Returns both results; an exception of `second` is its result. Fails if `second` never waits: then the two would
    not be kept apart by the database, but by luck.
    """
    done, go_on = Event(), Event()

    def hold() -> Any:
        try:
            with transaction.atomic():
                result = first()
                done.set()
                assert go_on.wait(PATIENCE), "the second one never came to wait for a lock"
                return result
        finally:
            done.set()

    def follow() -> Any:
        assert done.wait(PATIENCE)
        try:
            return second()
        except Exception as error:  # noqa: BLE001 - it is what the test asks about
            return error

    def watch() -> None:
        try:
            wait_for(waiting_for_a_lock)
        finally:
            go_on.set()

    results = run_in_threads(hold, follow, watch)
    return results[0], results[1]


def waiting_for_a_lock() -> bool:
    """Whether somebody in this database waits for somebody else's row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def wait_for(condition: Callable[[], bool]) -> None:
    """Ask again until it is so; fail after a minute."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.01)
