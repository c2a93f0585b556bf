from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from governance.access.viewer import SYSTEM
from grid import lookup
from grid.services import areas_load
from population.services import AddressDraft, addresses_load
from tests.grid import shapes

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CENTRE_1 = (shapes.WEST + shapes.CELL * 0.4, shapes.SOUTH + shapes.CELL * 1.6)  # in grid 1
CENTRE_2 = (shapes.WEST + shapes.CELL * 1.5, shapes.SOUTH + shapes.CELL * 1.6)  # in grid 2


@pytest.fixture(autouse=True)
def fresh_index() -> Iterator[None]:
    lookup.forget()
    yield
    lookup.forget()


@pytest.fixture
def territory(db: None) -> None:
    areas_load(geojson=shapes.territory(), actor=SYSTEM, at=AT)


@pytest.fixture
def addresses(territory: None) -> None:
    drafts = [AddressDraft("槐安里", f"{n} 幢", *CENTRE_1) for n in range(1, 13)]
    drafts += [
        AddressDraft("柳塘新村", "7 幢", *CENTRE_2, aliases=["供销社宿舍"]),
        AddressDraft("柳塘新村", "A 幢", *CENTRE_2),
        AddressDraft("梧桐巷", "18 号", *CENTRE_2),
        AddressDraft("槐安小学", "", *CENTRE_2, text="槐安小学"),
    ]
    addresses_load(drafts=drafts, actor=SYSTEM, at=AT)
