"""Thousands of refusals are no news."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Each refusal would be logged with its traceback; what others read in the log afterwards is theirs again."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
