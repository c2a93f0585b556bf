from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from governance.access.viewer import SYSTEM
from grid import lookup
from grid.services import AreasLoaded, areas_load
from tests.grid import shapes

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_index() -> Iterator[None]:
    """No test sees the territory that another one rolled back."""
    lookup.forget()
    yield
    lookup.forget()


@pytest.fixture
def territory(db: None) -> AreasLoaded:
    """3 x 2 grids in one community."""
    return areas_load(geojson=shapes.territory(), actor=SYSTEM, at=AT)
