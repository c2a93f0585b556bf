"""Thousands of refusals are no news, and thousands of times the same person is asked for once."""

import copy
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from governance.access.backends import GrantBackend
from governance.access.models import User
from governance.accounts.backends import ResidentBackend


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Each refusal would be logged with its traceback; what others read in the log afterwards is theirs again."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def known_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """People and their grants are read once a test: what a request writes is undone, and the clock stands still.

    Each request gets a copy of its own, so that none sees what another one changed in the object.
    """
    known: dict[int, User | None] = {}

    def once(read: Callable[[Any, int], User | None]) -> Callable[[Any, int], User | None]:
        def get_user(backend: Any, user_id: int) -> User | None:
            if user_id not in known:
                known[user_id] = read(backend, user_id)
                return known[user_id]
            return copy.copy(known[user_id])

        return get_user

    for backend in (GrantBackend, ResidentBackend):
        monkeypatch.setattr(backend, "get_user", once(backend.get_user))
