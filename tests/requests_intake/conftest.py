"""The test town: built once a module inside a transaction, or committed where threads must see it."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import world as worlds

Made = TypeVar("Made")


@pytest.fixture(scope="module")
def _town(django_db_setup: None, django_db_blocker) -> Iterator[tuple[worlds.World, dict[str, str], Any]]:
    """The town and a session for each person, in a transaction around all tests of a module.

    Each test undoes only what it did itself.
    """
    with town_with(django_db_blocker) as town:
        yield town


@contextmanager
def town_with(
    blocker, furnish: Callable[[worlds.World], Made] = lambda built: None
) -> Iterator[tuple[worlds.World, dict[str, str], Made]]:
    """The town of a module, the sessions, and what `furnish` makes in it once, for a `_town` of tests that read."""
    with worlds.kept(blocker, lambda built: (built, _sessions(built), furnish(built))) as town:
        yield town


def _sessions(built: worlds.World) -> dict[str, str]:
    return {name: signed_in(user) for name, user in built.people.items()}


def signed_in(user) -> str:
    """Sign somebody in and return the key of the session."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def world(_town, db: None) -> worlds.World:
    """The town, with objects of its own for each test."""
    worlds.forget()
    return copy.deepcopy(_town[0])


@pytest.fixture
def client_of(_town, world: worlds.World) -> Callable[..., Client]:
    """A browser in which somebody of the town is signed in: `client_of("handler")`; nobody without a name."""

    def opened(name: str = "") -> Client:
        client = Client()
        if name:
            sessions = _town[1]
            key = sessions[name] if name in sessions else signed_in(world.people[name])
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client

    return opened


@pytest.fixture
def committed_world(transactional_db: None) -> Iterator[worlds.World]:
    """The town as other connections see it. Slow (the tables are emptied afterwards): for threads and processes."""
    yield worlds.build()
    worlds.forget()
