"""Lists of entities, underground spaces and dwellings due: who sees what, in which order, at what price."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from population.models import Dwelling, LegalEntity, UndergroundSpace
from tests.factories.population import COLLECTED
from tests.factories.world import EAST_GRID, MORNING
from tests.sql import assert_sql


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def spaces(registry) -> None:
    east = registry.buildings["east"]
    for label, due in (
        ("甲库", date(2027, 3, 1)),
        ("乙库", date(2026, 5, 1)),
        ("丙库", date(2026, 11, 16)),
        ("丁库", None),
    ):
        UndergroundSpace.objects.create(
            label=label, kind="basement", use="parking", compound=east.compound, area_code=EAST_GRID, inspect_due=due,
            keeper_name="沈建华", source="door", collected_at=COLLECTED, confirmed_at=COLLECTED, changed_at=COLLECTED,
        )  # fmt: skip


def rows_of(answer) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', answer.content.decode())


def test_the_inspection_that_is_overdue_longest_stands_first(spaces, client_of):
    page = reverse("population:spaces")
    answer = client_of("head").get(page)
    assert rows_of(answer) == ["乙库", "丙库", "甲库"]
    assert answer.content.decode().count("过期没检查") == 2
    assert "沈建华" not in answer.content.decode()
    assert rows_of(client_of("head").get(page + "?undated=1")) == ["丁库"]
    assert rows_of(client_of("head_west").get(page)) == []


def test_entities_are_narrowed_by_kind_and_area(registry, client_of):
    LegalEntity.objects.create(
        name="槐安里幼儿园", search_text="槐安里幼儿园", kind="public", building=registry.buildings["east"],
        area_code=EAST_GRID, representative="沈芳", source="door", collected_at=COLLECTED, confirmed_at=COLLECTED,
        changed_at=COLLECTED,
    )  # fmt: skip
    page = reverse("population:entities")
    assert rows_of(client_of("head").get(page)) == ["槐安里便民超市", "槐安里幼儿园"]
    assert rows_of(client_of("head").get(page + "?kind=public")) == ["槐安里幼儿园"]
    assert len(rows_of(client_of("head").get(page + "?kind=nonsense&area=';--"))) == 2
    assert rows_of(client_of("supervisor").get(page + f"?area={EAST_GRID[:12]}")) == ["槐安里便民超市", "槐安里幼儿园"]
    assert rows_of(client_of("head_west").get(page + f"?area={EAST_GRID}")) == []
    assert "沈芳" not in client_of("dispatcher").get(page).content.decode()


def test_dwellings_due_come_grid_by_grid_the_oldest_first(registry, client_of):
    Dwelling.objects.update(confirmed_at=MORNING - timedelta(days=3))
    for number, door in enumerate(("101", "102", "201")):
        old = MORNING - timedelta(days=500 - number)
        Dwelling.objects.filter(building=registry.buildings["east"], entrance__name="1单元", door=door).update(
            collected_at=old, confirmed_at=old
        )
    page = reverse("population:due")
    found = rows_of(client_of("head").get(page))
    assert [name.split()[-1] for name in found] == ["101室", "102室", "201室"]
    assert rows_of(client_of("head_west").get(page)) == []
    assert client_of("dispatcher").get(page).status_code == 403


@pytest.mark.parametrize("name", ["entities", "spaces", "due", "registry"])
def test_a_list_costs_the_same_however_long(name, registry, spaces, client_of):
    client, page = client_of("supervisor"), reverse(f"population:{name}")
    client.get(page)
    east = registry.buildings["east"]
    Dwelling.objects.update(collected_at=COLLECTED.replace(year=2024), confirmed_at=COLLECTED.replace(year=2024))
    LegalEntity.objects.bulk_create(
        LegalEntity(
            name=f"店{n}", search_text=f"店{n}", kind="trader", building=east, area_code=EAST_GRID, source="door",
            collected_at=COLLECTED, confirmed_at=COLLECTED, changed_at=COLLECTED,
        )
        for n in range(60)
    )  # fmt: skip
    with assert_sql(9, at_most=True):  # session, person, grants, the rail among them
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("name", ["entities", "spaces", "due"])
def test_the_swap_is_the_page(name, registry, client_of):
    page = reverse(f"population:{name}")
    whole = client_of("head").get(page).content.decode()
    part = client_of("head").get(page, headers={"HX-Request": "true"}).content.decode()
    assert part.strip() in whole
