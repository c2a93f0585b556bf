"""Entering and changing compounds, buildings and dwellings: rules, what is kept, and the pages."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from population.models import Building, Compound, Dwelling, Revision, StandardAddress
from population.services.buildings import (
    BuildingData,
    building_change,
    building_create,
    compound_create,
    entrance_add,
)
from population.services.places import (
    DwellingData,
    FloorPlan,
    dwelling_add,
    dwelling_change,
    dwelling_confirm,
    dwelling_end,
    dwellings_generate,
    dwellings_planned,
)
from tests.factories.world import EAST, EAST_GRID, MORNING, WEST_GRID

LATER = MORNING + timedelta(days=1)


@pytest.fixture
def head(world):
    return world.viewer("head")


@pytest.fixture
def made(registry, head) -> Building:
    """槐安里 8幢, of 6 floors without a 4th, one entrance without a name."""
    return create(registry.buildings["east"].compound, head)


def create(compound, actor, *, key=None, **changes) -> Building:
    values = {"name": "8幢", "area_code": EAST_GRID, "floors_above": 6, "skipped_floors": [4]} | changes
    return building_create(
        compound=compound, data=BuildingData(**values), submission_key=key or uuid4(), actor=actor, at=MORNING
    )


def add(building, actor, *, key=None, **changes) -> Dwelling:
    return dwelling_add(
        entrance=building.entrances.get(),
        data=DwellingData(**({"floor": 5, "door": "501"} | changes)),
        submission_key=key or uuid4(),
        source="door",
        actor=actor,
        at=MORNING,
    )


def refused(act, code: str, field: str | None) -> None:
    with pytest.raises(DomainError) as error:
        act()
    assert (error.value.code, error.value.field) == (code, field)
    assert str(error.value)


def names_since(before: int) -> list[str]:
    return list(DomainEvent.objects.filter(pk__gt=before).order_by("pk").values_list("name", flat=True))


@pytest.fixture
def before(registry) -> int:
    last = DomainEvent.objects.order_by("-pk").first()
    return last.pk if last else 0


def test_a_building_is_entered_once_with_its_address(registry, head, before):
    compound, key = registry.buildings["east"].compound, uuid4()
    row = create(compound, head, key=key, aliases=["供销社宿舍"])
    assert create(compound, head, key=key) == row, "pressed twice, entered once"
    assert (row.address.text, row.area_code, row.floors) == ("槐安里8幢", EAST_GRID, [6, 5, 3, 2, 1])
    assert "供销社宿舍" in row.address.search_text
    assert [one.name for one in row.entrances.all()] == [""]
    assert names_since(before) == ["population.building_registered"]


def test_a_building_takes_the_address_that_waits_for_it(registry, head):
    waiting = StandardAddress.objects.create(
        text="槐安里 9 号楼", estate="槐安里", building="9 号楼", area_code=EAST_GRID, search_text="x"
    )
    assert create(registry.buildings["east"].compound, head, name="９栋").address == waiting
    assert StandardAddress.objects.filter(estate="槐安里").count() == 2


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "building_name", "name"),
        ({"name": "7栋"}, "building_known", "name"),
        ({"floors_above": 0}, "building_floors", "floors_above"),
        ({"floors_above": 121}, "building_floors", "floors_above"),
        ({"floors_below": 7}, "building_floors", "floors_below"),
        ({"skipped_floors": [7]}, "building_skipped", "skipped_floors"),
        ({"floors_above": 1, "skipped_floors": [1]}, "building_skipped", "skipped_floors"),
        ({"use": "castle"}, "building_use", "use"),
        ({"built_year": 19}, "building_year", "built_year"),
    ],
)
def test_a_building_that_cannot_be_is_refused_beside_the_field(changes, code, field, registry, head):
    refused(lambda: create(registry.buildings["east"].compound, head, **changes), code, field)


def test_who_does_not_keep_the_area_enters_nothing(registry, world):
    compound = registry.buildings["east"].compound
    for role in ("head_west", "supervisor", "dispatcher"):
        with pytest.raises(Forbidden):
            create(compound, world.viewer(role))
    with pytest.raises(Forbidden):
        create(compound, world.viewer("head"), area_code=WEST_GRID)


def test_a_compound_is_entered_once(head):
    row = compound_create(name=" 梧桐 苑 ", name_en="", kind="estate", area_code=EAST, actor=head, at=MORNING)
    assert row.name == "梧桐 苑"
    again = {"name": "梧桐 苑", "name_en": "", "kind": "estate", "area_code": EAST, "actor": head, "at": MORNING}
    refused(lambda: compound_create(**again), "compound_name_unique", "name")
    refused(lambda: compound_create(**(again | {"name": ""})), "compound_name", "name")
    refused(lambda: compound_create(**(again | {"kind": "x", "name": "别的"})), "compound_kind", "kind")


def test_a_floor_that_does_not_exist_is_refused_in_words(made, head):
    with pytest.raises(DomainError, match="没有 4 层：登记时写了跳过") as error:
        add(made, head, floor=4, door="401")
    assert (error.value.code, error.value.field) == ("floor_missing", "floor")
    for floor in (0, 7, -1):
        refused(lambda floor=floor: add(made, head, floor=floor), "floor_missing", "floor")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"door": ""}, "dwelling_door", "door"),
        ({"door": "5" * 21}, "dwelling_door", "door"),
        ({"use": "x"}, "dwelling_use", "use"),
        ({"occupancy": "x"}, "dwelling_occupancy", "occupancy"),
        ({"dispute": "x"}, "dwelling_dispute", "dispute"),
        ({"area_m2": Decimal(0)}, "dwelling_area", "area_m2"),
    ],
)
def test_a_dwelling_that_cannot_be_is_refused_beside_the_field(changes, code, field, made, head):
    refused(lambda: add(made, head, **changes), code, field)


def test_a_dwelling_is_entered_once_and_its_door_is_its_own(made, head):
    key = uuid4()
    row = add(made, head, key=key)
    assert add(made, head, key=key) == row
    refused(lambda: add(made, head), "dwelling_door_unique", "door")
    assert (row.area_code, row.confirmed_at, row.collected_by) == (EAST_GRID, MORNING, head.user)


def test_a_plan_skips_floors_that_are_not_there_and_doors_that_are(made, head, before):
    add(made, head, floor=5, door="501")
    entrances, plan = list(made.entrances.all()), FloorPlan(from_floor=1, to_floor=6, doors=3)
    planned = dwellings_planned(made, entrances, plan)
    assert (len(planned.rows), [row.door for row in planned.known], planned.left_out) == (14, ["501"], [4])
    values = {"building": made, "entrances": entrances, "plan": plan, "source": "door", "actor": head, "at": MORNING}
    assert dwellings_generate(**values) == 14
    assert dwellings_generate(**values) == 0, "a second press adds none"
    doors = Dwelling.objects.filter(building=made).order_by("floor", "door").values_list("door", flat=True)
    assert list(doors)[:4] == ["101", "102", "103", "201"]
    assert not Dwelling.objects.filter(building=made, floor=4).exists()
    assert names_since(before).count("population.dwellings_generated") == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"from_floor": 4}, "floor_missing", "from_floor"),
        ({"to_floor": 9}, "floor_missing", "to_floor"),
        ({"from_floor": 3, "to_floor": 2}, "plan_floors", "to_floor"),
        ({"doors": 0}, "plan_doors", "doors"),
        ({"first_door": 98, "doors": 3}, "plan_doors", "doors"),
        ({"digits": 1, "doors": 12}, "plan_digits", "digits"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_the_field(changes, code, field, made):
    values = {"from_floor": 1, "to_floor": 6, "doors": 2} | changes
    refused(lambda: dwellings_planned(made, list(made.entrances.all()), FloorPlan(**values)), code, field)


def test_entrances_are_named_one_after_another(made, registry, head):
    first = entrance_add(building=made, name="1单元", actor=head, at=MORNING)
    second = entrance_add(building=made, name="2单元", actor=head, at=MORNING)
    assert [one.name for one in made.entrances.order_by("position")] == ["1单元", "2单元"]
    assert first.position < second.position
    refused(lambda: entrance_add(building=made, name="二单元", actor=head, at=MORNING), "entrance_name_unique", "name")


def test_dwellings_without_an_entrance_are_not_swept_into_the_first_that_gets_a_name(made, head):
    add(made, head)
    refused(lambda: entrance_add(building=made, name="1单元", actor=head, at=MORNING), "entrance_unnamed", "name")


def test_a_change_keeps_what_was_and_who_was_slower_is_told(made, head, before):
    row = add(made, head)
    data = DwellingData(floor=5, door="501", occupancy="let", area_m2=Decimal("86.50"))
    values = {"dwelling": row, "data": data, "source": "door", "actor": head}
    changed = dwelling_change(**values, seen=row.changed_at, at=LATER)
    assert (changed.occupancy, changed.confirmed_at, changed.changed_at) == ("let", LATER, LATER)
    kept = Revision.objects.get(kind="dwelling", record_id=row.pk)
    assert kept.before == {"occupancy": "unknown", "area_m2": None}
    with pytest.raises(StaleState):
        dwelling_change(**values, seen=MORNING, at=LATER)
    dwelling_change(**values, seen=LATER, at=LATER + timedelta(hours=1))
    assert Revision.objects.filter(kind="dwelling", record_id=row.pk).count() == 1, "the same again is a confirmation"
    dwelling_confirm(dwelling=row, source="door", actor=head, at=LATER)
    assert names_since(before)[-3:] == ["population.dwelling_changed", *["population.dwelling_confirmed"] * 2]


def test_a_dwelling_ends_when_nobody_is_in_it(registry, made, head, world):
    home, shop = registry.dwellings["7幢1单元301"], registry.dwellings["7幢1单元101"]
    values = {"ended_on": MORNING.date(), "source": "door", "actor": head, "at": MORNING}
    refused(lambda: dwelling_end(dwelling=home, **values), "dwelling_lived_in", "ended_on")
    registry.entities["shop"].dwelling = shop
    registry.entities["shop"].save()
    refused(lambda: dwelling_end(dwelling=shop, **values), "dwelling_has_entity", "ended_on")
    row = add(made, head)
    future = values | {"ended_on": date(2027, 1, 1)}
    refused(lambda: dwelling_end(dwelling=row, **future), "ended_in_future", "ended_on")
    with pytest.raises(Forbidden):
        dwelling_end(dwelling=row, **(values | {"actor": world.viewer("head_west")}))
    assert dwelling_end(dwelling=row, **values).ended_on == MORNING.date()
    assert add(made, head).door == "501", "another may have the door now"
    with pytest.raises(StaleState):
        dwelling_confirm(dwelling=row, source="door", actor=head, at=LATER)


def test_a_building_does_not_lose_floors_that_are_lived_on_nor_ends_with_dwellings(made, head):
    row = add(made, head)
    base = {"name": "", "area_code": EAST_GRID, "floors_above": 6}
    values = {"building": made, "source": "door", "seen": made.changed_at, "actor": head, "at": LATER}
    lower = BuildingData(**(base | {"floors_above": 3}))
    refused(lambda: building_change(**values, data=lower), "floor_in_use", "floors_above")
    same = BuildingData(**base)
    refused(lambda: building_change(**values, data=same, ended_on=LATER.date()), "building_in_use", "ended_on")
    dwelling_end(dwelling=row, ended_on=MORNING.date(), source="door", actor=head, at=MORNING)
    changed = building_change(**values, data=same, ended_on=LATER.date())
    assert (changed.ended_on, changed.skipped_floors) == (LATER.date(), [])
    assert Revision.objects.get(kind="building", record_id=made.pk).before["skipped_floors"] == [4]
    refused(lambda: add(made, head), "building_ended", None)
    with pytest.raises(StaleState):
        building_change(**values, data=lower)


def test_a_worker_enters_a_building_by_hand(registry, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    client, compound = client_of("grid_worker"), registry.buildings["east"].compound
    page = reverse("population:building-new", args=[compound.public_id])
    sent = {"name": "8幢", "area_code": EAST_GRID, "floors_above": "六", "floors_below": "0", "use": "homes",
            "skipped_floors": "4，十四", "key": str(uuid4())}  # fmt: skip
    wrong = client.post(page, sent)
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "请写一个整数" in text
    assert 'value="六"' in text
    assert 'value="4，十四"' in text
    done = client.post(page, sent | {"floors_above": "6", "skipped_floors": "4"})
    row = Building.objects.get(address__text="槐安里8幢")
    doors = reverse("population:building-doors", args=[row.public_id])
    assert done.url == doors
    entrance = str(row.entrances.get().pk)
    plan = {"entrances": entrance, "from_floor": "1", "to_floor": "6", "doors": "2", "first_door": "1", "digits": "2"}
    seen = client.post(doors, plan | {"do": "preview"}).content.decode()
    assert "会新登记 10 户" in seen
    assert "没有 4 层，跳过" in seen
    assert not Dwelling.objects.filter(building=row).exists()
    assert client.post(doors, plan | {"do": "generate"}).status_code == 302
    assert Dwelling.objects.filter(building=row).count() == 10
    one = {"do": "dwelling", "entrance": entrance, "floor": "4", "door": "401", "use": "home", "occupancy": "owner"}
    refused_page = client.post(doors, one | {"key": str(uuid4())})
    assert refused_page.status_code == 422
    assert "这栋楼没有 4 层" in refused_page.content.decode()
    assert 'value="401"' in refused_page.content.decode()


def test_a_dwelling_is_changed_and_ended_by_hand(registry, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    client, row = client_of("clerk"), registry.dwellings["7幢1单元102"]
    page = reverse("population:dwelling-edit", args=[row.public_id])
    sent = {
        "do": "change",
        "floor": "1",
        "door": "102",
        "use": "home",
        "occupancy": "let",
        "seen": row.changed_at.isoformat(),
    }
    assert client.post(page, sent).url == reverse("population:dwelling", args=[row.public_id])
    row.refresh_from_db()
    assert row.occupancy == "let"
    assert client.post(page, sent).status_code == 409
    assert client.post(page, {"do": "end", "ended_on": "明天"}).status_code == 422
    assert client.post(page, {"do": "end", "ended_on": "2026-11-17"}).status_code == 302
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("head", 200), ("clerk", 200), ("supervisor", 403), ("head_west", 404)])
def test_who_may_change_a_place(role, status, registry, client_of):
    east = registry.buildings["east"]
    dwelling = registry.dwellings["7幢1单元101"]
    for name, thing in (("building-edit", east), ("building-doors", east), ("dwelling-edit", dwelling)):
        assert client_of(role).get(reverse(f"population:{name}", args=[thing.public_id])).status_code == status


def test_a_compound_is_entered_by_hand(registry, client_of):
    page = reverse("population:compound-new")
    wrong = client_of("head").post(page, {"name": "梧桐苑", "kind": "estate", "area_code": WEST_GRID})
    assert wrong.status_code == 422
    assert 'value="梧桐苑"' in wrong.content.decode()
    done = client_of("head").post(page, {"name": "梧桐苑", "kind": "estate", "area_code": EAST})
    assert done.url == reverse("population:compound", args=[Compound.objects.get(name="梧桐苑").public_id])
