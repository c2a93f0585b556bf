"""The test town, for those who need it."""

from collections.abc import Iterator

import pytest

from tests.factories import world as worlds


@pytest.fixture
def world(db: None) -> Iterator[worlds.World]:
    yield worlds.build()
    worlds.forget()
