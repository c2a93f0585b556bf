"""Territory that changes: drawn anew, split, merged, retired; what was before can be asked, and nobody is overtaken."""

from datetime import date, timedelta
from typing import Any

import pytest
from shapely.geometry import box, shape

from governance.access.viewer import SYSTEM
from governance.errors import DomainError, Forbidden, StaleState
from governance.impact.succession import successors
from governance.outbox.models import DomainEvent
from grid.features import AreaDraft
from grid.history import changes_of, grid_on, versions_of
from grid.models import Area, AreaChange
from grid.numbering import next_codes
from grid.permissions import Capability
from grid.reshaping import cut, joined, redrawn
from grid.selectors import grid_at
from grid.services import area_retire, area_split, areas_load, areas_merge, areas_redraw
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.grid.test_area_services import staff
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

ONE, TWO, THREE, FOUR, SIX, SEVEN, EIGHT = (shapes.grid_code(number) for number in (1, 2, 3, 4, 6, 7, 8))
LATER = AT + timedelta(days=5)  # before today: the index of the process knows today only
NOW = LATER + timedelta(days=1)
WEST, SOUTH, CELL = shapes.WEST, shapes.SOUTH, shapes.CELL
# in grid 2 at first, near its border with grid 1
BORDERLAND = (WEST + CELL * 1.35, SOUTH + CELL * 1.9)


def outline(code: str) -> Any:
    return shape(Area.objects.get(code=code).geometry)


def versions(*codes: str) -> dict[str, int]:
    return dict(Area.objects.filter(code__in=codes).values_list("code", "version"))


def widened() -> dict[str, Any]:
    """Grid 1 takes a strip off grid 2 and gives one to grid 4 below it."""
    before = {code: outline(code) for code in (ONE, TWO, THREE, FOUR)}
    new = box(WEST, SOUTH + CELL * 1.2, WEST + CELL * 1.4, SOUTH + CELL * 2)
    return redrawn(ONE, new, before).outlines


def halves(code: str) -> list[AreaDraft]:
    west, south, east, north = outline(code).bounds
    middle = (west + east) / 2
    pieces = cut(outline(code), [(middle, south - 0.0001), (middle, north + 0.0001)])
    return [
        AreaDraft(new, f"新{new[-1]}网格", polygon=piece) for new, piece in zip((SEVEN, EIGHT), pieces, strict=True)
    ]


def split(code: str = ONE, **changes: Any) -> AreaChange:
    kwargs = {"version": versions(code).get(code, 1), "reason": "户数太多", "actor": SYSTEM, "at": LATER}
    return area_split(**{"code": code, "parts": halves(code), **kwargs, **changes})


def test_neighbours_follow_and_another_day_is_still_known(territory: Any) -> None:
    assert grid_at(*BORDERLAND) == TWO
    outlines = widened()
    seen = versions(*outlines)
    with assert_sql(16, at_most=True):
        areas_redraw(outlines=outlines, versions=seen, reason="按道路划界", actor=SYSTEM, at=LATER)
    assert grid_at(*BORDERLAND) == ONE
    day = LATER.date()
    then = [grid_on(*BORDERLAND, at) for at in (day - timedelta(days=1), day, AT.date() - timedelta(days=1))]
    assert [one and one.code for one in then] == [TWO, ONE, None]
    (version,) = versions_of(ONE)
    assert (version.valid_from, version.valid_to, version.change.reason) == (AT.date(), day, "按道路划界")
    assert [change.kind for change in changes_of(ONE)] == ["redraw", "load"]
    event = DomainEvent.objects.filter(name="grid.territory_changed").latest("pk")
    assert event.payload["code_map"] == []
    assert {ONE, TWO} <= set(event.payload["relocated"])
    # once more on the same day: the state in between held for no day
    outlines = {code: outline(code) for code in (ONE, TWO)}
    strip = box(WEST + CELL * 1.3, SOUTH + CELL * 1.2, WEST + CELL * 1.5, SOUTH + CELL * 2).intersection(outlines[ONE])
    outlines = {ONE: outlines[ONE].difference(strip), TWO: joined([outlines[TWO], strip])}
    areas_redraw(outlines=outlines, versions=versions(ONE, TWO), reason="再改", actor=SYSTEM, at=LATER)
    assert {grid_on(*BORDERLAND, at).code for at in (day - timedelta(days=1), day)} == {TWO}


def test_a_split_grid_ends_and_its_parts_take_its_place(territory: Any) -> None:
    point = outline(ONE).representative_point()
    change = split()
    assert change.code_map == [f"{ONE}>{SEVEN}", f"{ONE}>{EIGHT}"]
    assert Area.objects.get(code=ONE).valid_to == LATER.date()
    assert grid_at(point.x, point.y) in {SEVEN, EIGHT}
    assert grid_on(point.x, point.y, AT.date()).code == ONE
    assert round(sum(outline(code).area for code in (SEVEN, EIGHT)) - outline(ONE).area, 9) == 0
    with pytest.raises(DomainError, match="不能重复使用"):  # its code is history now
        areas_load(geojson=shapes.collection(shapes.feature(ONE, "复活")), actor=SYSTEM, at=NOW)


def test_grids_go_with_the_community_they_lie_in(territory: Any) -> None:
    """A community in two: each grid keeps its last digits; then both joined again, where digits collide."""
    whole = joined([outline(shapes.grid_code(number)) for number in range(1, 7)])
    areas_load(
        geojson=shapes.collection(
            shapes.feature(shapes.COMMUNITY, "槐安社区", shapes.square(*whole.bounds)),
            shapes.feature(f"{ONE}01", "一号楼"),
        ),
        actor=SYSTEM,
        at=AT,
    )
    # along the borders of the grids
    west_grids, east_grids = (
        joined([outline(ONE), outline(FOUR)]),
        whole.difference(joined([outline(ONE), outline(FOUR)])),
    )
    east, west = "990101001002", "990101001003"
    parts = [AreaDraft(east, "槐东社区", polygon=east_grids), AreaDraft(west, "槐西社区", polygon=west_grids)]
    change = split(shapes.COMMUNITY, parts=parts)
    assert successors(f"{ONE}01", change.code_map) == [f"{west}00101"]
    assert successors(TWO, change.code_map) == [f"{east}002"]
    now = set(Area.objects.valid_on(LATER.date()).values_list("code", flat=True))
    assert {f"{west}001", f"{west}00101", f"{west}004", f"{east}002"} < now
    assert not any(code.startswith(shapes.COMMUNITY) for code in now)

    new = next_codes(like=west, count=1)[0]
    assert new == "990101001004"
    merged = areas_merge(
        versions=versions(west, east), into=AreaDraft(new, "槐安社区"), reason="合署办公", actor=SYSTEM, at=NOW
    )
    assert successors(f"{west}00101", merged.code_map) == [f"{new}00101"]
    assert Area.objects.get(code=new).surface_m2 > 0


def test_merged_codes_that_collide_get_the_next_free_number(territory: Any) -> None:
    other = "990101001002"
    beside = shapes.square(WEST - CELL, SOUTH, WEST, SOUTH + CELL)
    features = [shapes.feature(other, "榆林社区"), shapes.feature(f"{other}001", "榆林一格", beside)]
    areas_load(geojson=shapes.collection(*features), actor=SYSTEM, at=AT)
    change = areas_merge(
        versions=versions(shapes.COMMUNITY, other),
        into=AreaDraft("990101001003", "槐榆社区"),
        reason="合署办公",
        actor=SYSTEM,
        at=LATER,
    )
    assert successors(ONE, change.code_map) == ["990101001003001"]
    assert successors(f"{other}001", change.code_map) == ["990101001003007"]


def test_retired_only_where_no_hole_is_left_and_nothing_is_below() -> None:
    areas_load(geojson=shapes.territory(3, 3), actor=SYSTEM, at=AT)
    common = {"version": 1, "reason": "拆迁", "actor": SYSTEM, "at": LATER}
    for code, error in ((shapes.grid_code(5), "area_hole"), (shapes.COMMUNITY, "area_has_parts")):
        with pytest.raises(DomainError) as caught:
            area_retire(code=code, **common)
        assert caught.value.code == error
    assert area_retire(code=ONE, **common).codes == [ONE]
    assert ONE not in Area.objects.valid_on(LATER.date()).values_list("code", flat=True)
    assert grid_at(WEST + CELL / 4, SOUTH + CELL * 2.8) is None
    with pytest.raises(StaleState, match="已经停用"):
        area_retire(code=ONE, **common)


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"reason": " "}, "area_change_has_reason", "reason"),
        ({"version": 7}, "area_changed", None),
        ({"parts": []}, "parts_number", "line"),
        ({"parts": [AreaDraft(SEVEN, "甲"), AreaDraft(SEVEN, "乙")]}, "code_twice", "code"),
        ({"parts": [AreaDraft(SEVEN, "甲"), AreaDraft(SIX, "乙")]}, "area_code_unique", "code"),
        ({"parts": [AreaDraft(SEVEN, "甲"), AreaDraft("990101002001001", "乙")]}, "area_code_beside", "code"),
        ({"parts": [AreaDraft(SEVEN, "甲"), AreaDraft(EIGHT, "")]}, "area_name_invalid", "name"),
        ({"parts": [AreaDraft(SEVEN, "甲", polygon=box(WEST, SOUTH, WEST + 0.02, SOUTH + 0.02)),
                    AreaDraft(EIGHT, "乙")]}, "area_overlap", "geometry"),
    ],
)  # fmt: skip
def test_refusals_leave_everything_as_it_was(territory: Any, changes: Any, error: str, field: str | None) -> None:
    before = list(Area.objects.order_by("code").values())
    with pytest.raises(DomainError) as caught:
        split(**changes)
    assert (caught.value.code, caught.value.field) == (error, field)
    assert list(Area.objects.order_by("code").values()) == before
    assert AreaChange.objects.count() == 1


def test_who_was_overtaken_is_told_and_who_may_not_is_refused(territory: Any) -> None:
    outlines = widened()
    seen = versions(*outlines)
    for actor in (staff(Capability.VIEW_AREA, area=shapes.DISTRICT), staff(Capability.CHANGE_AREA, area=TWO)):
        with pytest.raises(Forbidden):
            areas_redraw(outlines=outlines, versions=seen, reason="x", actor=actor, at=LATER)
    may = staff(Capability.CHANGE_AREA, area=shapes.COMMUNITY)
    areas_redraw(outlines=outlines, versions=seen, reason="x", actor=may, at=LATER)
    with pytest.raises(StaleState, match="刚刚被别人改过"):
        areas_redraw(outlines=outlines, versions=seen, reason="x", actor=may, at=LATER)
    with pytest.raises(DomainError, match="和现在一样"):
        areas_redraw(outlines=outlines, versions=versions(*outlines), reason="x", actor=may, at=LATER)


def test_shapes_are_cut_and_redrawn() -> None:
    square, beside = box(0, 0, 1, 1), box(1, 0, 2, 1)
    assert cut(square, [(0.5, 0.2), (0.5, 0.8)]) == [square]  # stops far from the edge
    assert [piece.area for piece in cut(square, [(0.25, 0.0001), (0.25, 0.9999)])] == pytest.approx([0.25, 0.75])
    island = shape(
        {
            "type": "MultiPolygon",
            "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]], [[[3, 0], [4, 0], [4, 1], [3, 0]]]],
        }
    )
    assert [piece.geom_type for piece in cut(island, [(0.5, -1), (0.5, 2)])] == ["Polygon", "MultiPolygon"]
    moved = redrawn("a", box(0, 0, 0.6, 1), {"a": square, "b": beside})
    assert (moved.outlines["b"].area, moved.swallowed) == (pytest.approx(1.4), ())
    assert redrawn("a", box(0, 0, 2, 1), {"a": square, "b": beside}).swallowed == ("b",)


def test_numbers_are_proposed_within_the_span_of_the_kind(territory: Any) -> None:
    areas_load(geojson=shapes.collection(shapes.feature("990101001200", "柳村", kind="village")), actor=SYSTEM, at=AT)
    Area.objects.filter(code=SIX).update(valid_to=date(2026, 11, 20))
    assert next_codes(like=ONE, count=2) == [SEVEN, EIGHT]  # a code that ended stays taken
    assert next_codes(like=shapes.COMMUNITY, count=1) == ["990101001002"]
    assert next_codes(like="990101001200", count=1) == ["990101001201"]
    assert next_codes(like=shapes.DISTRICT, count=1) == []
