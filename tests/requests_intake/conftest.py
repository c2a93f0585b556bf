import pytest

from tests.factories import world as worlds


@pytest.fixture
def world(db):
    return worlds.build()
