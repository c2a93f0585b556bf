"""Pytest plugin that leads Django to the servers of the tests before its settings are read.

`make test` (python -m governance.embedded test) starts them and sets DATABASE_URL. A bare `python -m pytest tests/x`
starts the same ones through the same code. Servers of one's own, named in DATABASE_URL and REDIS_URL, are left alone.
"""

import contextlib
import os
from collections.abc import Iterator

import pytest

from governance.embedded.errors import EmbeddedError
from governance.embedded.places import places
from governance.embedded.processes import MARKER
from governance.embedded.testing import redis_of_worker, test_stack

_stack = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Iterator[None]:
    """Runs around pytest-django's hook of the same name, which reads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    servers_named = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    if not servers_named and not worker and not {"--help", "-h", "--version", "-V"} & set(args):
        try:
            os.environ.update(_stack.enter_context(test_stack(places())))
        except EmbeddedError as error:
            raise pytest.UsageError(f"{error}\nThe tests run with `make test`.") from None
    if os.environ.get(MARKER, "").startswith("test:"):
        os.environ["REDIS_URL"] = redis_of_worker(os.environ["REDIS_URL"], worker)
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    _stack.close()
