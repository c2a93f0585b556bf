"""What every test gets: no network beyond this machine, no eager Celery, files of its own, a cache of its own."""

import gc
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from tests.emptying import tables_empty

IN_CI = os.environ.get("CI") == "true"
LOOPBACK = ("127.", "::1", "localhost")

# How busy the machine is decides nothing.
property_settings.register_profile("liren", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("liren")


@pytest.hookimpl(trylast=True)  # after pytest-django's own order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The whole stack first, so that no worker is left alone with it; what waits for others' transactions last.

    Tests that commit stay behind those that do not: they empty the tables, rows of migrations too. Among them the walks
    in a browser come first: a worker that drew a dozen of them would else be alone with them at the end.
    """

    def turn(item: pytest.Item) -> int:
        if item.get_closest_marker("sealing"):
            return 3
        fixtures, marker = set(getattr(item, "fixturenames", ())), item.get_closest_marker("django_db")
        commits = "transactional_db" in fixtures or (marker is not None and marker.kwargs.get("transaction", False))
        if commits and not item.get_closest_marker("browser"):
            return 2
        return 0 if item.get_closest_marker("slow") and not {"db", "transactional_db"} & fixtures else 1

    items.sort(key=turn)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the collector need not look through it thousands of times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was tried by whom (tests/adversarial), as a table of counts."""
    rows = [
        value
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "tried"
    ]
    for kind in sorted({row[0] for row in rows}):
        found = sorted((row for row in rows if row[0] == kind), key=lambda row: row[1])
        terminalreporter.write_line(f"tried, {kind}: " + ", ".join(f"{who} {no}+{yes}" for _, who, no, yes in found))
        terminalreporter.write_line(f"  refused {sum(row[2] for row in found)}, let in {sum(row[3] for row in found)}")


class NetworkForbidden(Exception):
    """A test tried to leave this machine."""


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # Unix sockets
    return str(address[0]).startswith(LOOPBACK) or address[0] == ""


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Sockets reach loopback addresses and Unix sockets only, so that no test depends on the world outside."""
    patch = pytest.MonkeyPatch()

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: object) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(address):
                raise NetworkForbidden(f"connect to {address}")
            return original(self, address)

        return connect

    patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _no_eager_celery() -> Iterator[None]:
    """Eager tasks hide the broker, the commit and the retry: drain the outbox instead."""
    yield
    from governance.celery import app

    assert not app.conf.task_always_eager, "CELERY_TASK_ALWAYS_EAGER is forbidden in tests; use relay.drain()"


@pytest.fixture(autouse=True)
def _own_cache() -> None:
    """Each test sees an empty cache: what earlier tests counted or kept lies under other keys."""
    from governance.settings import test

    test.CACHE_GENERATION += 1


class WholeMinutes:
    """A clock for what processes keep for a minute: the minute changes between tests, never inside one that counts."""

    def __init__(self) -> None:
        self.number = 0
        self.since = self.test = time.monotonic()

    def __call__(self) -> float:
        return self.number * 60 + min(time.monotonic() - self.test, 59.0)

    def next_test(self) -> None:
        """Begin a test at the beginning of a minute: a new one, if the last is over."""
        self.test = time.monotonic()
        if self.test - self.since >= 60:
            self.number, self.since = self.number + 1, self.test


@pytest.fixture(scope="session", autouse=True)
def _minutes() -> Iterator[WholeMinutes]:
    from governance.knowledge import selectors as knowledge
    from grid import district
    from requests_intake.selectors import catalogue, detail, profiles, rules
    from requests_intake.services import clocks, submission

    minutes, patch = WholeMinutes(), pytest.MonkeyPatch()
    for module in (knowledge, district, catalogue, detail, profiles, rules, clocks, submission):
        patch.setattr(module, "monotonic", minutes)
    yield minutes
    patch.undo()


@pytest.fixture(autouse=True)
def _whole_minute(_minutes: WholeMinutes) -> None:
    """No statement of a reader whose minute is over falls into a test that counts statements."""
    _minutes.next_test()


@pytest.fixture(autouse=True)
def _own_calendar() -> None:
    """Each test reads the working calendar from its own database: processes keep it for a minute."""
    from governance.worktime import calendar_forget

    calendar_forget()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests run at every hour of the day: what they send does not wait for the morning unless they say so."""
    from governance.notifications.models import NoticePreference

    with django_db_blocker.unblock():
        NoticePreference.objects.all().delete()


@pytest.fixture(scope="session", autouse=True)
def _cheap_emptying() -> Iterator[None]:
    """Tests that commit leave the tables as Django's flush does, at a tenth of the price (tests/emptying.py)."""
    patch = pytest.MonkeyPatch()
    flush = TransactionTestCase._fixture_teardown
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: tables_empty(lambda: flush(case)))
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _portal_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages show the names of the settings: a process asks for those of the database once a minute, and the statement
    would fall into some test that counts. Tests of those names register the source again."""
    from governance.web import portal

    monkeypatch.setattr(portal, "_sources", [])


@pytest.fixture(scope="session", autouse=True)
def _own_files() -> Iterator[None]:
    """Uploaded files go to a folder that is empty at the start and gone at the end."""
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    shutil.rmtree(folder, ignore_errors=True)
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real data for evaluation (LIREN_DATA_DIR). Absent: skipped with a reason, in CI a failure."""
    folder = Path(settings.DATA_DIR)
    if not folder.is_dir():
        reason = f"LIREN_DATA_DIR: there is no folder {folder}"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
