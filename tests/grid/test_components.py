"""Components: numbers, places, turns of inspection, who may see and write them; the code lists they come from."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.privacy.register import declared
from grid.boxes import Box, gathered
from grid.code_files import SHIPPED
from grid.component_lists import Wanted, components_for
from grid.models import CodeItem, CodeList, CodeSuccession, Component, ComponentState
from grid.services.codes import (
    code_item_add,
    code_item_change,
    code_list_confirm,
    code_list_load,
    code_list_on,
    code_succession_set,
)
from grid.services.components import ComponentDraft, component_change, component_enter, component_inspect
from tests.factories.world import EAST, EAST_GRID, IN_EAST, IN_WEST, MORNING, OUTSIDE, WEST_GRID
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

KEY = "gbt47678-5-2026"
TODAY = timezone.localdate(MORNING)


@pytest.fixture
def codes(world):  # noqa: F811
    """The list that comes with Liren, loaded."""
    return code_list_load(shipped=SHIPPED[KEY], actor=world.viewer("operations"), at=MORNING)


def draft(codes, **changes):
    values = {
        "item": CodeItem.objects.get(code_list=codes, kind="component", code=changes.pop("code", "01037")),
        "name": "路灯",
        "state": ComponentState.INTACT,
        "started_on": TODAY,
        "lng": IN_EAST[0],
        "lat": IN_EAST[1],
        "manager_name": "市政设施所",
    }
    return ComponentDraft(**values | changes)


def entered(world, codes, by="head", key=None, **changes):  # noqa: F811
    return component_enter(
        draft=draft(codes, **changes), submission_key=key or uuid4(), actor=world.viewer(by), at=MORNING
    )


def test_the_list_that_comes_with_liren_is_whole_and_unconfirmed(world, codes):  # noqa: F811
    kinds = CodeItem.objects.filter(code_list=codes, code__regex=r"^\d{5}$")
    assert kinds.filter(kind="component").count() == 153, "STANDARDS 2.4"
    assert kinds.filter(kind="matter").count() == 250, "STANDARDS 2.4"
    assert not CodeItem.objects.filter(name_en="").exists()
    assert codes.confirmed_at is None
    assert CodeSuccession.objects.get(old_code="0504").item.code == "09005"
    assert CodeSuccession.objects.get(old_code="0401").item is None
    with pytest.raises(StaleState):
        code_list_load(shipped=SHIPPED[KEY], actor=world.viewer("operations"), at=MORNING)
    with pytest.raises(Forbidden):
        code_list_confirm(code_list=codes, note="对过", actor=world.viewer("supervisor"), at=MORNING)
    with pytest.raises(DomainError) as error:
        code_list_confirm(code_list=codes, note=" ", actor=world.viewer("operations"), at=MORNING)
    assert error.value.field == "note"
    assert code_list_confirm(code_list=codes, note="对过", actor=world.viewer("operations"), at=MORNING).confirmed_by
    assert code_list_on(TODAY) == codes
    assert code_list_on(codes.valid_from - timedelta(1)) is None


def test_a_kind_of_ones_own_takes_the_next_code_from_the_end(world, codes):  # noqa: F811
    boss = world.viewer("operations")
    add = {"code_list": codes, "kind": "component", "major": "01", "name_en": "", "actor": boss, "at": MORNING}
    assert code_item_add(**add, name="换电柜").code == "01999"
    second = code_item_add(**add, name="外卖柜")
    assert (second.code, second.label) == ("01998", "外卖柜（自定义）")
    for changes, field in (({"name": "换电柜"}, "name"), ({"name": ""}, "name"), ({"major": "88"}, "major")):
        with pytest.raises(DomainError) as error:
            code_item_add(**add | {"name": "别的"} | changes)
        assert error.value.field == field
    CodeItem.objects.filter(pk=second.pk).update(code="01080")
    with pytest.raises(DomainError, match="用完"):
        code_item_add(**add, name="还有一种")
    lamp = CodeItem.objects.get(code_list=codes, kind="component", code="01037")
    change = {"name": "灯", "name_en": "Lamp", "is_active": False, "actor": boss, "at": MORNING}
    changed = code_item_change(item=lamp, **change)
    assert (changed.name, changed.name_en, changed.is_active) == ("路灯", "Lamp", False), "the standard's name stays"
    told = DomainEvent.objects.filter(name="grid.code_item_changed").get()
    assert told.payload == {"kind": "component", "code": "01037", "fields": ["name_en", "is_active"]}
    again = {"old_standard": "GB/T 30428.2-2013", "kind": "component", "old_name": "路灯", "note": "", "actor": boss}
    for item in (None, lamp):
        code_succession_set(**again, old_code="0114", item=item, at=MORNING)
    assert CodeSuccession.objects.get(old_code="0114").item == lamp, "said again, replaced"


def test_numbers_places_and_bad_input(world, codes):  # noqa: F811
    first = entered(world, codes)
    assert (first.identity, first.area_code) == ("99010501037000001", EAST_GRID), "county, kind, sequence; its grid"
    key = uuid4()
    assert entered(world, codes, key=key) == entered(world, codes, key=key), "sent twice is one"
    assert entered(world, codes, code="01003").identity == "99010501003000001", "each kind counts for itself"
    own = entered(world, codes, identity="99010501037000900")
    assert entered(world, codes).identity == "99010501037000901"
    assert own.entries.get().kind == "entered"
    for changes, field in (
        ({"lng": OUTSIDE[0], "lat": OUTSIDE[1]}, "area_code"),
        ({"lng": None, "lat": None, "area_code": EAST_GRID}, None),
        ({"lng": None, "lat": None, "area_code": "990105001001999", "place": "门口"}, "area_code"),
        ({"identity": "99010501003000077"}, "identity"),
        ({"identity": "9901050103700"}, "identity"),
        ({"identity": own.identity}, "identity"),
        ({"manager_name": ""}, None),
        ({"inspect_every": 0}, "inspect_every"),
        ({"name": "路" * 31}, "name"),
    ):
        with pytest.raises(DomainError) as error, transaction.atomic():
            entered(world, codes, **changes)
        assert error.value.field == field, changes
    with pytest.raises(Forbidden):
        entered(world, codes, lng=IN_WEST[0], lat=IN_WEST[1])
    with pytest.raises(Forbidden):
        entered(world, codes, by="grid_worker")
    with pytest.raises(IntegrityError), transaction.atomic():
        Component.objects.filter(pk=own.pk).update(lng=None)


def test_a_turn_moves_on_from_the_day_it_was_looked_at(world, codes):  # noqa: F811
    row = entered(world, codes, inspect_every=30)
    assert row.inspect_due == TODAY + timedelta(30)
    worker, later = world.viewer("grid_worker"), MORNING + timedelta(days=40)
    assert row.inspection_word(timezone.localdate(later)) == "late"
    assert row.inspection_word(TODAY + timedelta(24)) == "soon"
    seen = component_inspect(component=row, state="damaged", text="灯罩破了", actor=worker, at=later)
    day = timezone.localdate(later)
    assert (seen.state, seen.inspected_on, seen.inspect_due) == ("damaged", day, day + timedelta(30))
    entry = row.entries.first()
    assert (entry.kind, entry.state_before, entry.state_after, entry.text) == (
        "inspected",
        "intact",
        "damaged",
        "灯罩破了",
    )
    head = world.viewer("head", later)
    with pytest.raises(StaleState):
        component_change(component=row, draft=draft(codes, note="换灯"), seen=MORNING, actor=head, at=later)
    every = draft(codes, inspect_every=10, state=ComponentState.REMOVED)
    changed = component_change(component=row, draft=every, seen=seen.changed_at, actor=head, at=later)
    assert (changed.inspect_due, changed.inspection_word(day + timedelta(99))) == (day + timedelta(10), "")
    with pytest.raises(StaleState):
        component_inspect(component=row, state="intact", text="", actor=worker, at=later)
    west = component_change(
        component=changed,
        draft=draft(codes, lng=None, lat=None, area_code=EAST, place="东门", state="intact"),
        seen=changed.changed_at,
        actor=head,
        at=later,
    )
    assert (west.area_code, west.inspect_due) == (EAST, None)
    with pytest.raises(Forbidden):
        component_change(
            component=west,
            draft=draft(codes, lng=IN_WEST[0], lat=IN_WEST[1]),
            seen=west.changed_at,
            actor=head,
            at=later,
        )


def test_who_sees_what_and_how_the_map_gathers(world, codes):  # noqa: F811
    supervisor = world.viewer("supervisor")
    for number in range(6):
        entered(world, codes, by="supervisor", lng=IN_EAST[0] + number / 10_000)
    entered(world, codes, by="supervisor", lng=IN_WEST[0], maintainer=world.organisations["lamps"], inspect_every=1)
    entered(world, codes, by="supervisor", code="03005", state=ComponentState.REMOVED)
    count = lambda viewer, **wanted: components_for(viewer, Wanted(**wanted), TODAY).count()  # noqa: E731
    assert count(supervisor) == 7, "what is not there any more shows only when asked for"
    assert count(supervisor, state="removed") == 1
    assert count(world.viewer("head")) == 6
    assert count(world.viewer("handler")) == 1, "what their office cares for"
    assert count(world.viewer("other_handler")) == 0
    assert count(world.viewer("stranger")) == 0
    assert count(supervisor, code="01") == 7
    assert count(supervisor, code="03") == 0
    assert count(supervisor, due="soon") == 1
    assert count(supervisor, area=WEST_GRID) == 1
    assert count(supervisor, organisation=world.organisations["lamps"].pk) == 1
    assert count(supervisor, words="99010501037 路灯") == 7
    box = Box(121.9, 30.9, 121.92, 30.91)
    with assert_sql(1):
        found = gathered(components_for(supervisor, Wanted(), TODAY), box, 12)
    assert sum(one.count for one in found) == 7
    rows = components_for(supervisor, Wanted(), TODAY)
    far = gathered(rows, box, 12, areas_from=15)
    assert [(one.count, one.area) for one in far] == [(one.count, "") for one in found], "the same, without names"
    near = gathered(components_for(supervisor, Wanted(), TODAY), Box(121.91, 30.9, 121.92, 30.91), 12)
    assert [(one.count, one.area) for one in near] == [(1, WEST_GRID)]


def test_by_the_pages(world, codes, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    head, worker = client_of("head"), client_of("grid_worker")
    new = reverse("grid:component-new")
    key = re.search(r'name="key" value="([^"]+)"', head.get(new).content.decode())[1]
    sent = {"code": "01037", "name": "7 号楼路灯", "state": "intact", "started_on": "2026-01-05", "key": key}
    sent |= {"lng": "121.905", "lat": "", "manager": world.organisations["lamps"].pk, "inspect_every": "30"}
    wrong = head.post(new, sent | {"started_on": "2026-13-05"})
    html = wrong.content.decode()
    assert wrong.status_code == 422
    for words in ("经度和纬度要一起写", "请写成 2026-01-05", "7 号楼路灯"):
        assert words in html
    there = head.post(new, sent | {"lat": "30.905"})["Location"]
    page = worker.get(there).content.decode()
    assert "7 号楼路灯" in page
    assert reverse("grid:component-edit", args=[Component.objects.get().public_id]) not in page
    inspect = re.search(r'action="([^"]+/inspect/)"', page)[1]
    assert worker.post(inspect, {"state": ""}).status_code == 422
    assert worker.post(inspect, {"state": "damaged", "text": "歪了"}).status_code == 302
    page = head.get(there).content.decode()
    assert "完好 → 破损" in page
    edit = reverse("grid:component-edit", args=[Component.objects.get().public_id])
    form = head.get(edit)
    seen = form.context["form"].initial["seen"]
    changed = sent | {"lat": "30.905", "seen": seen, "state": "intact", "note": "换了灯罩"}
    time_machine.move_to(MORNING + timedelta(minutes=5), tick=False)
    assert head.post(edit, changed).status_code == 302
    assert head.post(edit, changed).status_code == 409, "somebody wrote meanwhile"
    assert "备注" in head.get(there).content.decode()
    listing = reverse("grid:components")
    head.get(listing)
    with assert_sql(10, at_most=True):
        assert "7 号楼路灯" in head.get(listing + "?code=01037&state=intact").content.decode()
    assert "没有找到" in head.get(listing + "?code=01003").content.decode()
    box = reverse("grid:component-clusters") + "?zoom=15&box=121.9,30.9,121.92,30.91"
    assert head.get(box).json()["clusters"] == [[121.905, 30.905, 1, EAST_GRID]]
    assert head.get(box.replace("121.92", "east")).status_code == 400
    assert client_of("other_handler").get(there).status_code == 404


def test_the_code_list_by_its_pages(world, client_of):  # noqa: F811
    boss, reader = client_of("operations"), client_of("head")
    lists = reverse("grid:codes")
    load = reverse("grid:code-list-load", args=[KEY])
    assert load in boss.get(lists).content.decode()
    assert load not in reader.get(lists).content.decode()
    page = boss.post(load)["Location"]
    assert "没有核实" in boss.get(page).content.decode()
    assert boss.post(page, {"do": "confirm", "note": ""}).status_code == 422
    assert reader.post(page, {"do": "confirm", "note": "对过"}).status_code == 403
    assert boss.post(page, {"do": "confirm", "note": "逐条对过"}).status_code == 302
    assert "逐条对过" in boss.get(page).content.decode()
    assert boss.post(page + "?kind=matter", {"do": "own", "major": "06", "name": "占楼道"}).status_code == 302
    html = boss.get(page + "?kind=matter&q=占楼道").content.decode()
    assert "占楼道（自定义）" in html
    assert "06999" in html
    item = CodeItem.objects.get(code="06999")
    address = reverse("grid:code-item", args=[KEY, item.pk])
    assert boss.post(address, {"name": "", "name_en": ""}).status_code == 422
    assert boss.post(address, {"name": "占用楼道", "name_en": "Blocked stairwell"}).status_code == 302
    item.refresh_from_db()
    assert (item.name, item.is_active) == ("占用楼道", False)
    old = reverse("grid:code-successions", args=[KEY, "matter"])
    line = {"old_standard": "GB/T 30428.2-2013", "old_code": "0106", "old_name": "占楼道", "code": "06777"}
    assert "这份代码表里没有这个代码" in boss.post(old, line).content.decode()
    assert boss.post(old, line | {"code": "06999"}).status_code == 302
    pk = CodeSuccession.objects.get(old_code="0106").pk
    assert boss.post(old, {"drop": str(pk)}).status_code == 302
    assert not CodeSuccession.objects.filter(pk=pk).exists()
    assert CodeList.objects.get().confirmed_note == "逐条对过"
    assert "grid" in {app.app for app in declared()}
