import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from governance.access.viewer import SYSTEM
from grid import lookup
from grid.services import areas_load
from population.services import AddressDraft, addresses_load
from tests.factories import world as worlds
from tests.factories.population import Registry, registry_make
from tests.grid import shapes
from tests.requests_intake.conftest import signed_in

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


def _built(world: worlds.World) -> tuple[worlds.World, Registry, dict[str, str]]:
    """The town with a piece of the registry, a head of the neighbour community, and a session for each person."""
    worlds.add_person(world, "head_west", "community_head", worlds.WEST, world.organisations["west"])
    return world, registry_make(), {name: signed_in(user) for name, user in world.people.items()}


@pytest.fixture(scope="module")
def _town(django_db_setup: None, django_db_blocker) -> Iterator[tuple[worlds.World, Registry, dict[str, str]]]:
    """Built once a module, in a transaction around its tests: each undoes only what it did itself."""
    with worlds.kept(django_db_blocker, _built) as town:
        yield town


@pytest.fixture
def _own(_town, db: None) -> tuple[worlds.World, Registry]:
    worlds.forget()
    return copy.deepcopy(_town[:2])


@pytest.fixture
def world(_own) -> worlds.World:
    """The town of `tests.factories.world`, and `head_west` beside it."""
    return _own[0]


@pytest.fixture
def registry(_own) -> Registry:
    """See `tests.factories.population`."""
    return _own[1]


@pytest.fixture
def client_of(_town, world: worlds.World) -> Callable[..., Client]:
    """A browser in which somebody of the town is signed in: `client_of("head")`; nobody without a name."""

    def opened(name: str = "") -> Client:
        client = Client()
        if name:
            sessions = _town[2]
            key = sessions[name] if name in sessions else signed_in(world.people[name])
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client

    return opened


@pytest.fixture
def committed(transactional_db: None) -> Iterator[tuple[worlds.World, Registry]]:
    """The same as other connections see it. Slow (the tables are emptied afterwards): for threads."""
    worlds.forget()
    yield _built(worlds.build())[:2]
    worlds.forget()
