"""Loading territory: all or nothing, every refusal named, nothing written twice."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.access.viewer import SYSTEM, HeldGrant, Viewer
from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from grid.models import Area, DutyItem, GeometryVersion
from grid.permissions import Capability
from grid.services import area_create, areas_load, duty_items_load
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db


def staff(*capabilities: str, area: str) -> Viewer:
    grant = HeldGrant(1, "administrator", frozenset(capabilities), area, None)
    return Viewer(kind="staff", grants=(grant,))


def load(geojson: dict[str, Any], **kwargs: Any) -> Any:
    return areas_load(**{"geojson": geojson, "actor": SYSTEM, "at": AT, **kwargs})


def with_grid(**changes: Any) -> dict[str, Any]:
    """The usual territory with the first grid's feature changed."""
    geojson = copy.deepcopy(shapes.territory())
    first = next(f for f in geojson["features"] if f["properties"]["code"] == shapes.grid_code(1))
    if "geometry" in changes:
        first["geometry"] = changes.pop("geometry")
    first["properties"].update(changes)
    return geojson


def test_a_load_writes_rows_measures_and_one_event() -> None:
    loaded = load(shapes.territory())
    assert len(loaded.created) == 9
    grid = Area.objects.get(code=shapes.grid_code(1))
    assert (grid.level, grid.kind, grid.parent_code) == ("grid", "basic", shapes.COMMUNITY)
    assert grid.min_lng < grid.label_lng < grid.max_lng
    assert grid.min_lat < grid.label_lat < grid.max_lat
    assert 100_000 < grid.surface_m2 < 250_000
    assert grid.valid_from == date(2026, 11, 20)
    event = DomainEvent.objects.get(name="grid.territory_changed")
    assert event.payload["created"] == 9
    assert event.payload["geometry_version"] == str(GeometryVersion.objects.get().stamp)
    assert event.area_code == shapes.DISTRICT


def test_the_same_file_again_changes_nothing(territory: Any) -> None:
    stamp = GeometryVersion.objects.get().stamp
    again = load(shapes.territory())
    assert (again.created, again.changed, len(again.unchanged)) == ((), (), 9)
    assert GeometryVersion.objects.get().stamp == stamp
    assert DomainEvent.objects.filter(name="grid.territory_changed").count() == 1


def test_a_changed_name_is_one_change_and_a_new_stamp(territory: Any) -> None:
    stamp = GeometryVersion.objects.get().stamp
    loaded = load(with_grid(name="槐安里网格"))
    assert loaded.changed == (shapes.grid_code(1),)
    assert Area.objects.get(code=shapes.grid_code(1)).name == "槐安里网格"
    assert GeometryVersion.objects.get().stamp != stamp


def test_a_feature_without_geometry_keeps_the_polygon(territory: Any) -> None:
    load(shapes.collection(shapes.feature(shapes.grid_code(1), "改名", None)))
    grid = Area.objects.get(code=shapes.grid_code(1))
    assert grid.name == "改名"
    assert grid.geometry is not None
    assert grid.surface_m2 > 0


@pytest.mark.parametrize(
    ("geojson", "code", "words"),
    [
        ({}, "not_a_collection", "FeatureCollection"),
        ({"type": "FeatureCollection", "features": [17]}, "feature_unreadable", "第 1 个"),
        (shapes.collection(shapes.feature("", "无名")), "code_or_name_missing", "第 1 个"),
        (shapes.collection(shapes.feature("9901", "太短")), "area_level_follows_code", "9901"),
        (shapes.collection(shapes.feature("99010a", "小写")), "area_level_follows_code", "99010a"),
        (shapes.collection(shapes.feature(shapes.SUBDISTRICT, "柳塘街道")), "area_parent_missing", shapes.DISTRICT),
        (
            shapes.collection(shapes.feature("990101", "区"), shapes.feature("990101", "区")),
            "code_twice",
            "第 1 个和第 2 个",
        ),
        (
            shapes.collection(shapes.feature("990101", "区", {"type": "Point", "coordinates": [1, 2]})),
            "geometry_not_polygon",
            "Point",
        ),
        (
            shapes.collection(shapes.feature("990101", "区", {"type": "Polygon", "coordinates": "x"})),
            "geometry_unreadable",
            "区（990101）",
        ),
        (
            shapes.collection(shapes.feature("990101", "区", shapes.square(22.7, 114.3, 22.8, 114.4))),
            "coordinates_out_of_range",
            "先经度后纬度",
        ),
        (
            shapes.collection(shapes.feature("990101", "区", None, valid_from="20.11.2026")),
            "date_unreadable",
            "2026-01-05",
        ),
        (shapes.collection(shapes.feature("990101", "区" * 61)), "area_name_invalid", "60"),
        (shapes.collection(shapes.feature("990101", "区", None, kind="street")), "area_kind_fits_level", "类别和层级"),
        (with_grid(kind="village"), "area_kind_fits_level", "类别和层级"),
    ],
)
def test_bad_files_are_refused_in_words(geojson: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(DomainError) as caught:
        load(geojson)
    assert caught.value.code == code
    assert words in str(caught.value)
    assert not Area.objects.exists()


def test_an_overlap_is_refused_naming_both_and_leaves_nothing_behind() -> None:
    west, south = shapes.WEST, shapes.SOUTH
    wide = shapes.square(west, south + shapes.CELL, west + shapes.CELL * 1.5, south + shapes.CELL * 2)
    with pytest.raises(DomainError) as caught:
        load(with_grid(geometry=wide))
    assert caught.value.code == "area_overlap"
    assert caught.value.field == "geometry"
    assert "第1网格" in str(caught.value)
    assert "第2网格" in str(caught.value)
    assert "另外还有" in str(caught.value)
    assert not Area.objects.exists()


def test_an_overlap_with_an_area_that_is_already_there_is_refused(territory: Any) -> None:
    west, south = shapes.WEST, shapes.SOUTH
    code = shapes.grid_code(7)
    inside = shapes.square(west + 0.001, south + 0.001, west + 0.002, south + 0.002)
    with pytest.raises(DomainError) as caught:
        area_create(code=code, name="第7网格", geometry=inside, actor=SYSTEM, at=AT)
    assert caught.value.code == "area_overlap"
    beside = shapes.square(west - shapes.CELL, south, west, south + shapes.CELL)
    assert area_create(code=code, name="第7网格", geometry=beside, actor=SYSTEM, at=AT).kind == "basic"


def test_a_hole_is_refused() -> None:
    geojson = shapes.territory(3, 3)
    geojson["features"] = [f for f in geojson["features"] if f["properties"]["code"] != shapes.grid_code(5)]
    with pytest.raises(DomainError) as caught:
        load(geojson)
    assert caught.value.code == "area_hole"
    assert len(load(shapes.territory(3, 3)).created) == 12


def test_a_grid_reaching_out_of_its_community_is_refused() -> None:
    geojson = shapes.territory()
    community = next(f for f in geojson["features"] if f["properties"]["code"] == shapes.COMMUNITY)
    west, south, cell = shapes.WEST, shapes.SOUTH, shapes.CELL
    community["geometry"] = shapes.square(west, south, west + 2.5 * cell, south + 2 * cell)
    with pytest.raises(DomainError) as caught:
        load(geojson)
    assert caught.value.code == "area_outside"
    community["geometry"] = shapes.square(west, south, west + 3 * cell, south + 2 * cell)
    assert len(load(geojson).created) == 9


def test_a_code_is_never_used_again(territory: Any) -> None:
    with pytest.raises(DomainError) as caught:
        area_create(code=shapes.grid_code(1), name="又一个", actor=SYSTEM, at=AT)
    assert caught.value.code == "area_code_unique"
    Area.objects.filter(code=shapes.grid_code(6)).update(valid_to=date(2026, 11, 20))
    with pytest.raises(DomainError) as caught:
        load(shapes.collection(shapes.feature(shapes.grid_code(6), "复活")))
    assert caught.value.code == "area_code_retired"


def test_only_who_may_change_areas_there() -> None:
    may = staff(Capability.VIEW_AREA, Capability.CHANGE_AREA, area=shapes.DISTRICT)
    for other in (
        staff(Capability.VIEW_AREA, area=shapes.DISTRICT),
        staff(Capability.VIEW_AREA, Capability.CHANGE_AREA, area=shapes.SUBDISTRICT),
        Viewer(),
    ):
        with pytest.raises(Forbidden):
            load(shapes.territory(), actor=other)
    assert not Area.objects.exists()
    assert len(load(shapes.territory(), actor=may).created) == 9


def test_gcj02_comes_in_shifted_back() -> None:
    load(shapes.collection(shapes.feature("990101", "区", shapes.square(114.3, 22.7, 114.4, 22.8))), datum="gcj02")
    district = Area.objects.get()
    assert 114.294 < district.min_lng < 114.297
    with pytest.raises(DomainError, match="gcj02"):
        load(shapes.territory(), datum="beijing54")


def test_the_number_of_statements_does_not_grow_with_the_file() -> None:
    with assert_sql(12, at_most=True):
        load(shapes.territory(10, 8))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"code": "990101001", "level": "district"}, "area_level_follows_code"),
        ({"code": "99010１", "level": "district"}, "area_level_follows_code"),
        ({"kind": "basic"}, "area_kind_fits_level"),
        ({"min_lng": 1.0}, "area_measures_follow_geometry"),
        ({"geometry": {"type": "Polygon"}}, "area_measures_follow_geometry"),
        ({"valid_to": date(2026, 1, 1) - timedelta(days=1)}, "area_valid_to_after_from"),
        ({"name": ""}, "area_has_name"),
    ],
)
def test_the_database_itself_refuses(fields: dict[str, Any], constraint: str) -> None:
    good = {"code": "990101", "level": "district", "name": "区", "valid_from": date(2026, 1, 1)}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Area.objects.create(**{**good, **fields})
    Area.objects.create(**good)
    with pytest.raises(IntegrityError, match="area_code_unique"), transaction.atomic():
        Area.objects.create(**good)


def test_one_version_row() -> None:
    GeometryVersion.objects.create(changed_at=AT)
    with pytest.raises(IntegrityError, match="geometry_version_one_row"), transaction.atomic():
        GeometryVersion.objects.bulk_create([GeometryVersion(id=2, changed_at=AT)])


def test_duties_load_and_are_refused_in_words() -> None:
    good = DutyItem(code="A01", name="受理居民诉求", kind="basic")
    assert duty_items_load(items=[good], actor=SYSTEM) == 1
    assert duty_items_load(items=[DutyItem(code="A01", name="受理诉求", kind="basic")], actor=SYSTEM) == 1
    assert DutyItem.objects.get().name == "受理诉求"
    with pytest.raises(DomainError, match="B01"):
        duty_items_load(items=[DutyItem(code="B01", name="x", kind="maybe")], actor=SYSTEM)
    with pytest.raises(Forbidden):
        duty_items_load(items=[good], actor=staff(Capability.VIEW_AREA, area="990101"))
    with pytest.raises(IntegrityError, match="duty_item_kind_known"), transaction.atomic():
        DutyItem.objects.create(code="C01", name="x", kind="maybe")
