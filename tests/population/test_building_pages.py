"""A building as floors and doors, its compound, the list of compounds: who sees them, what stands in them."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from population.models import Building, Compound, Dwelling, Entrance, Residency, StandardAddress, UndergroundSpace
from population.normalising import normalise
from population.selectors.buildings import CellState, building_table, door_order, neighbourhood_of
from population.selectors.compounds import building_lines
from tests.factories.population import COLLECTED, dwelling_row, household_make, person_row, residency_make
from tests.factories.world import EAST_GRID, MORNING
from tests.sql import assert_sql
from tests.web.english import chinese_in

KEEPERS = ("grid_worker", "head", "clerk", "supervisor")


@pytest.fixture
def east(registry) -> Building:
    return registry.buildings["east"]


def page_of(building: Building) -> str:
    return reverse("population:building", args=[building.public_id])


def cells(building: Building) -> dict[str, object]:
    table = building_table(building, MORNING)
    return {
        f"{part.entrance.name}{cell.dwelling.door}": cell
        for part in table.entrances
        for row in part.rows
        for cell in row.found
    }


@pytest.mark.parametrize("role", KEEPERS)
def test_who_keeps_the_area_sees_floors_doors_and_numbers(role, east, client_of):
    answer = client_of(role).get(page_of(east))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert re.findall(r'<th scope="row">\s*(\d) 层', text) == ["3", "2", "1"] * 2
    assert text.count('class="b-door ') == 12
    assert "槐安里便民超市" in text
    assert "周建国" not in text


@pytest.mark.parametrize("role", ["head_west", "dispatcher", "handler"])
def test_who_does_not_keep_the_area_learns_nothing(role, east, client_of):
    answer = client_of(role).get(page_of(east))
    assert answer.status_code == (404 if role == "head_west" else 403)
    compound = client_of(role).get(reverse("population:compound", args=[east.compound.public_id]))
    assert compound.status_code == answer.status_code


def test_the_state_of_a_cell_is_what_asks_for_most(east):
    fresh = MORNING - timedelta(days=3)
    doors = Dwelling.objects.filter(building=east, entrance__name="1单元")
    Dwelling.objects.filter(building=east).update(confirmed_at=fresh)
    for door, values in {
        "101": {"use": "shop"},
        "102": {"occupancy": "empty"},
        "201": {"occupancy": "let"},
        "202": {
            "occupancy": "let",
            "confirmed_at": MORNING - timedelta(days=400),
            "collected_at": COLLECTED.replace(year=2025),
        },
        "302": {"occupancy": "empty", "dispute": "owner"},
    }.items():
        doors.filter(door=door).update(**values)
    found = cells(east)
    assert {door: found[f"1单元{door}"].state for door in ("101", "102", "201", "202", "301", "302")} == {
        "101": CellState.TRADE,
        "102": CellState.EMPTY,
        "201": CellState.LET,
        "202": CellState.DUE,
        "301": CellState.CHECKED,
        "302": CellState.DISPUTED,
    }
    assert found["1单元301"].people == 3
    table = building_table(east, MORNING)
    assert dict(table.legend)[CellState.CHECKED] == 7
    assert (table.dwellings, table.people, table.due) == (12, 4, 1)


def test_who_moved_out_or_is_only_registered_here_is_not_counted(registry, east):
    Residency.objects.filter(person=registry.people["周梅"]).update(is_main=False)
    Residency.objects.filter(person=registry.people["林秀英"]).update(to_date=date(2026, 1, 1), end_reason="moved")
    assert cells(east)["1单元301"].people == 1


def test_doors_of_one_stack_stand_under_each_other_and_gone_ones_leave_a_gap(east):
    Dwelling.objects.filter(building=east, entrance__name="1单元", door="201").update(ended_on=date(2026, 5, 1))
    first = building_table(east, MORNING).entrances[0]
    doors = [[cell and cell.dwelling.door for cell in row.cells] for row in first.rows]
    assert doors == [["301", "302"], [None, "202"], ["101", "102"]]


def test_doors_without_a_pattern_stand_in_their_order(east):
    entrance = east.entrances.get(name="2单元")
    Dwelling.objects.filter(entrance=entrance).exclude(residencies__isnull=False).delete()
    for floor, names in {1: ["东户", "西户"], 2: ["甲", "乙", "丙"], 3: ["10", "9"]}.items():
        Dwelling.objects.bulk_create(dwelling_row(entrance, floor, name) for name in names)
    second = building_table(east, MORNING).entrances[1]
    assert [cell.dwelling.door for cell in second.rows[0].found] == ["9", "10"]
    assert len(second.rows[2].found) == 3, "the two new ones and the tenant's"


def test_floors_that_do_not_exist_have_no_row(east):
    Building.objects.filter(pk=east.pk).update(floors_above=6, skipped_floors=[4])
    east.refresh_from_db()
    assert [row.floor for row in building_table(east, MORNING).entrances[0].rows] == [6, 5, 3, 2, 1]


def test_a_narrow_screen_shows_the_chosen_entrance(east, client_of):
    second = east.entrances.get(name="2单元")
    text = client_of("head").get(page_of(east) + f"?entrance={second.pk}").content.decode()
    chosen = re.findall(r'<section class="b-entrance( is-chosen)?" aria-labelledby="entrance-(\d+)"', text)
    assert [pk for is_chosen, pk in chosen if is_chosen] == [str(second.pk)]
    for wrong in ("999999", "x", ""):
        text = client_of("head").get(page_of(east) + f"?entrance={wrong}").content.decode()
        assert text.count("is-chosen") == 1


def tower(east: Building) -> Building:
    """34 floors, 2 entrances, 8 doors, somebody in each."""
    address = StandardAddress.objects.create(
        text="槐安里9幢", estate="槐安里", building="9幢", area_code=EAST_GRID, search_text=normalise("槐安里9幢")
    )
    row = Building.objects.create(
        address=address, compound=east.compound, area_code=EAST_GRID, floors_above=34, changed_at=COLLECTED
    )
    for number in (1, 2):
        entrance = Entrance.objects.create(building=row, name=f"{number}单元", position=number)
        Dwelling.objects.bulk_create(
            dwelling_row(entrance, floor, f"{floor}0{door}") for floor in range(1, 35) for door in range(1, 9)
        )
    home = Dwelling.objects.filter(building=row).order_by("id")[0]
    person = person_row("何平", home)
    person.save()
    residency_make(person, household_make(home), "0")
    return row


def test_a_tower_takes_as_few_statements_as_a_cottage(east, world):
    high, viewer = tower(east), world.viewer("head")
    building_table(east, MORNING)  # reads the office's numbers
    for building in (east, high):
        with assert_sql(3):
            table = building_table(building, MORNING)
        with assert_sql(3):
            neighbourhood_of(building, viewer, MORNING)
    assert table.dwellings == 544
    assert table.people == 1


def test_the_page_of_a_tower_takes_few_statements(east, client_of):
    high, client = tower(east), client_of("head")
    client.get(page_of(east))
    with assert_sql(16, at_most=True):  # session, person, grants, the rail among them
        answer = client.get(page_of(high))
    assert answer.content.decode().count('class="b-door ') == 544


def test_what_else_is_there_is_for_those_who_may_know(registry, east, world, client_of):
    UndergroundSpace.objects.create(
        label="7幢地下车库", kind="basement", use="parking", building=east, compound=east.compound,
        area_code=east.area_code, keeper_name="沈建华", source="door", collected_at=COLLECTED,
        confirmed_at=COLLECTED, changed_at=COLLECTED,
    )  # fmt: skip
    seen = neighbourhood_of(east, world.viewer("head"), MORNING)
    assert ([one.name for one in seen.entities], [one.label for one in seen.spaces]) == (
        ["槐安里便民超市"],
        ["7幢地下车库"],
    )
    unseen = neighbourhood_of(east, world.viewer("head_west"), MORNING)
    assert (list(unseen.entities), list(unseen.spaces)) == ([], [])
    text = client_of("head").get(page_of(east)).content.decode()
    assert "7幢地下车库" in text
    assert "沈建华" not in text


def test_a_compound_lists_its_buildings_by_number_with_what_is_due(east, client_of):
    for name in ("12幢", "2幢"):
        address = StandardAddress.objects.create(
            text=f"槐安里{name}", estate="槐安里", building=name, area_code=EAST_GRID, search_text=name
        )
        Building.objects.create(
            address=address, compound=east.compound, area_code=EAST_GRID, floors_above=6, changed_at=COLLECTED
        )
    text = client_of("head").get(reverse("population:compound", args=[east.compound.public_id])).content.decode()
    assert re.findall(r">槐安里(\d+)幢</a>", text) == ["2", "7", "12"]
    with assert_sql(1):
        lines = building_lines([east], COLLECTED + timedelta(days=800))
    assert [(line.dwellings, line.due) for line in lines] == [(12, 12)]


def test_the_front_page_lists_compounds_of_ones_own_area(registry, client_of):
    Compound.objects.create(name="远处", area_code=EAST_GRID[:9] + "002")
    text = client_of("head_west").get(reverse("population:registry")).content.decode()
    assert "桐里" in text
    assert "槐安里" not in text
    street = client_of("supervisor").get(reverse("population:registry")).content.decode()
    assert street.index("槐安里") < street.index("桐里")


def test_pages_are_english_and_the_swap_is_the_page(registry, east, client_of):
    client = client_of("head")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    dwelling = registry.dwellings["7幢1单元301"]
    things = {"building": east, "building-edit": east, "building-doors": east, "compound": east.compound}
    for name, thing in (things | {"building-new": east.compound, "dwelling-edit": dwelling}).items():
        text = client.get(reverse(f"population:{name}", args=[thing.public_id])).content.decode()
        assert chinese_in(text, written=("槐安里7幢", "槐安里")) == [], name
    for name in ("registry", "due", "entities", "spaces", "compound-new"):
        assert chinese_in(client.get(reverse(f"population:{name}")).content.decode()) == [], name
    for words in ("周建国", "槐安里7幢1单元301", "便民超市", "", "无此人"):
        found = client.post(reverse("population:registry"), {"wanted": words}).content.decode()
        assert chinese_in(found) == [], words
    page = reverse("population:compound", args=[east.compound.public_id])
    whole, part = client.get(page).content.decode(), client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert part.strip() in whole


def test_numbers_in_doors_are_numbers():
    assert sorted(["12幢", "2幢", "A座"], key=door_order) == ["A座", "2幢", "12幢"]
