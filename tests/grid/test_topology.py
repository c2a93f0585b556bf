"""Overlaps, holes, slivers and invalid polygons are named; rounding is not mistaken for a fault."""

import json
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from grid.topology import METRES_PER_DEGREE, Shape, faults_against_parents, faults_of_level, surface_m2
from tests.grid.shapes import CELL, SOUTH, WEST, grid_code, lattice, polygon

METRE = 1 / METRES_PER_DEGREE  # of latitude, in degrees


def cell(number: int, west: float, south: float, east: float, north: float) -> Shape:
    return Shape(grid_code(number), f"第{number}网格", shapely.box(west, south, east, north))


def row_of_three(shift: float = 0.0) -> list[Shape]:
    """Three squares side by side; the middle one moved north by `shift` degrees."""
    return [
        cell(n, WEST + n * CELL, SOUTH + (shift if n == 1 else 0), WEST + (n + 1) * CELL, SOUTH + CELL)
        for n in range(3)
    ]


def ring_of_eight(*, middle: bool) -> list[Shape]:
    return [
        cell(
            row * 3 + column,
            WEST + column * CELL,
            SOUTH + row * CELL,
            WEST + (column + 1) * CELL,
            SOUTH + (row + 1) * CELL,
        )
        for row in range(3)
        for column in range(3)
        if middle or (row, column) != (1, 1)
    ]


def test_cells_that_share_their_edges_have_no_fault() -> None:
    shapes = [Shape(grid_code(n), str(n), shape(polygon(ring))) for n, ring in enumerate(lattice(8, 6), 1)]
    assert faults_of_level(shapes) == []
    assert faults_of_level(ring_of_eight(middle=True)) == []
    assert faults_of_level([]) == []


def test_an_overlap_names_both_areas_and_the_place() -> None:
    one = cell(1, WEST, SOUTH, WEST + CELL, SOUTH + CELL)
    two = cell(2, WEST + CELL * 0.9, SOUTH, WEST + CELL * 2, SOUTH + CELL)
    (fault,) = faults_of_level([one, two])
    assert fault.kind == "overlap"
    assert fault.codes == (grid_code(1), grid_code(2))
    assert "第1网格" in fault.message
    assert "第2网格" in fault.message
    assert WEST + CELL * 0.9 <= fault.lng <= WEST + CELL
    width, height = CELL * 0.1 * METRES_PER_DEGREE * 0.9224, CELL * METRES_PER_DEGREE
    assert fault.surface_m2 == pytest.approx(width * height, rel=0.01)


def test_a_hole_names_the_areas_around_it() -> None:
    (fault,) = faults_of_level(ring_of_eight(middle=False))
    assert fault.kind == "hole"
    assert set(fault.codes) >= {grid_code(n) for n in (1, 3, 5, 7)}
    assert shapely.box(WEST + CELL, SOUTH + CELL, WEST + 2 * CELL, SOUTH + 2 * CELL).contains(
        shapely.Point(fault.lng, fault.lat)
    )


@pytest.mark.parametrize(("width_m", "kinds"), [(2.0, ["overlap"]), (0.8, ["overlap"]), (0.2, []), (0.01, [])])
def test_an_overlapping_sliver_is_a_fault_from_half_a_metre_on(width_m: float, kinds: list[str]) -> None:
    one = cell(1, WEST, SOUTH, WEST + CELL, SOUTH + CELL + width_m * METRE)
    two = cell(2, WEST, SOUTH + CELL, WEST + CELL, SOUTH + 2 * CELL)
    assert [fault.kind for fault in faults_of_level([one, two])] == kinds


@pytest.mark.parametrize(("width_m", "kinds"), [(2.0, ["hole"]), (0.2, [])])
def test_a_sliver_that_nobody_owns_is_a_fault_from_half_a_metre_on(width_m: float, kinds: list[str]) -> None:
    shapes = ring_of_eight(middle=False)
    shapes.append(cell(9, WEST + CELL, SOUTH + CELL + width_m * METRE, WEST + 2 * CELL, SOUTH + 2 * CELL))
    assert [fault.kind for fault in faults_of_level(shapes)] == kinds


def test_invalid_polygons_are_named_before_anything_is_measured() -> None:
    bow_tie = shapely.Polygon([(WEST, SOUTH), (WEST + CELL, SOUTH + CELL), (WEST + CELL, SOUTH), (WEST, SOUTH + CELL)])
    flat = shapely.Polygon([(WEST, SOUTH), (WEST + CELL, SOUTH), (WEST, SOUTH)])
    faults = faults_of_level([Shape(grid_code(1), "蝴蝶结", bow_tie), Shape(grid_code(2), "线", flat), *row_of_three()])
    assert [(fault.kind, fault.codes) for fault in faults] == [
        ("invalid", (grid_code(1),)),
        ("invalid", (grid_code(2),)),
    ]
    assert "蝴蝶结" in faults[0].message


def test_a_child_outside_its_parent() -> None:
    parent = Shape("990101001001", "槐安社区", shapely.box(WEST, SOUTH, WEST + 2 * CELL, SOUTH + CELL))
    inside = cell(1, WEST, SOUTH, WEST + CELL, SOUTH + CELL)
    beyond = cell(2, WEST + CELL, SOUTH, WEST + 3 * CELL, SOUTH + CELL)
    (fault,) = faults_against_parents([inside, beyond], {inside.code: parent, beyond.code: parent})
    assert fault.kind == "outside"
    assert fault.codes == (beyond.code, parent.code)
    assert "槐安社区" in fault.message


def test_surface_in_square_metres() -> None:
    """A square of one hundredth of a degree at 22.7 north: 1.112 km by 1.026 km."""
    assert surface_m2(shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)) == pytest.approx(1_140_500, rel=0.002)


def test_real_sub_districts(data_dir: Path) -> None:
    """A real file: adjoining polygons whose borders leave some gaps wide enough to stand in, and no overlaps."""
    features = json.loads((data_dir / "polygons" / "shenzhen_streets_74_wgs84.geojson").read_text())["features"]
    shapes = [
        Shape(f["properties"]["code9"] or str(n), f["properties"]["name"], shape(f["geometry"]))
        for n, f in enumerate(features)
    ]
    faults = faults_of_level(shapes)
    assert {fault.kind for fault in faults} == {"hole"}
    assert 1 <= len(faults) <= 38, "38 gaps of any width were counted in this file with the union of all polygons"
    for fault in faults:
        spot = shapely.Point(fault.lng, fault.lat)
        assert all(one.polygon.distance(spot) > 0 or one.polygon.boundary.distance(spot) < 2e-5 for one in shapes)
        assert len(fault.codes) >= 2
