"""Every point of the territory lies in exactly one grid, asked for alone or by the million."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from grid.index import NEAR_DEGREES, AreaIndex
from tests.grid.shapes import CELL, SOUTH, WEST, grid_code, lattice, polygon

COLUMNS, ROWS = 6, 5
RINGS = lattice(COLUMNS, ROWS)
CELLS = [(grid_code(number), shape(polygon(ring))) for number, ring in enumerate(RINGS, start=1)]
INDEX = AreaIndex(CELLS)
NORTH, EAST = SOUTH + ROWS * CELL, WEST + COLUMNS * CELL

edges = st.builds(
    lambda cell, side: (RINGS[cell][side], RINGS[cell][side + 1]),
    st.integers(0, len(RINGS) - 1),
    st.integers(0, 3),
)
anywhere_inside = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))


def lowest_holder(lng: float, lat: float) -> str | None:
    """The rule, said plainly: the lowest code among the closed cells that hold the point."""
    return min((code for code, cell in CELLS if cell.intersects(shapely.Point(lng, lat))), default=None)


@given(edges, st.floats(0, 1))
def test_a_point_on_a_shared_edge_has_exactly_one_grid(edge: tuple[list[float], list[float]], share: float) -> None:
    (x1, y1), (x2, y2) = edge
    lng, lat = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
    found = INDEX.code_at(lng, lat)
    assert found is not None
    assert found == (lowest_holder(lng, lat) or found)
    assert INDEX.codes_at([lng], [lat]).tolist() == [found]
    assert AreaIndex(CELLS[::-1]).code_at(lng, lat) == found, "the order of loading must not matter"


@given(edges)
def test_a_corner_belongs_to_the_lowest_code(edge: tuple[list[float], list[float]]) -> None:
    (lng, lat), _ = edge
    holders = [code for code, cell in CELLS if cell.intersects(shapely.Point(lng, lat))]
    assert INDEX.code_at(lng, lat) == min(holders)


def test_corners_are_really_shared() -> None:
    """Otherwise the two properties above would hold for cells that never meet."""
    inner = RINGS[0][2]
    assert sum(cell.intersects(shapely.Point(inner)) for _code, cell in CELLS) == 4


@given(st.lists(anywhere_inside, min_size=1, max_size=50))
def test_bulk_equals_single(points: list[tuple[float, float]]) -> None:
    single = [INDEX.code_at(lng, lat) for lng, lat in points]
    assert INDEX.codes_at([p[0] for p in points], [p[1] for p in points]).tolist() == single
    assert None not in single


def test_bulk_equals_single_over_the_border() -> None:
    random = np.random.default_rng(3)
    lng = random.uniform(WEST - CELL, EAST + CELL, 3000)
    lat = random.uniform(SOUTH - CELL, NORTH + CELL, 3000)
    single = [INDEX.code_at(x, y) for x, y in zip(lng.tolist(), lat.tolist(), strict=True)]
    assert INDEX.codes_at(lng, lat).tolist() == single
    assert single.count(None) > 500
    whole = shapely.union_all([cell for _code, cell in CELLS])
    for x, y, found in zip(lng.tolist(), lat.tolist(), single, strict=True):
        if whole.distance(shapely.Point(x, y)) == 0 or whole.distance(shapely.Point(x, y)) > NEAR_DEGREES:
            assert found == lowest_holder(x, y)


@pytest.mark.parametrize(
    ("lng", "lat"),
    [
        (WEST - 1, SOUTH),
        (0.0, 0.0),
        (float("nan"), SOUTH),
        (WEST, float("inf")),
        (SOUTH, WEST),  # the two exchanged
    ],
)
def test_outside_is_none(lng: float, lat: float) -> None:
    assert INDEX.code_at(lng, lat) is None
    assert INDEX.codes_at([lng, WEST + CELL / 2], [lat, SOUTH + CELL / 2]).tolist() == [
        None,
        INDEX.code_at(WEST + CELL / 2, SOUTH + CELL / 2),
    ]


def test_a_gap_of_rounding_errors_belongs_to_the_nearest_cell() -> None:
    gap = NEAR_DEGREES
    left = shapely.box(WEST, SOUTH, WEST + CELL, SOUTH + CELL)
    right = shapely.box(WEST + CELL + gap, SOUTH, WEST + 2 * CELL, SOUTH + CELL)
    index = AreaIndex([(grid_code(1), left), (grid_code(2), right)])
    middle = SOUTH + CELL / 2
    assert index.code_at(WEST + CELL + gap * 0.4, middle) == grid_code(1)
    assert index.code_at(WEST + CELL + gap * 0.6, middle) == grid_code(2)
    assert index.code_at(WEST - 3 * NEAR_DEGREES, middle) is None


def test_without_polygons_every_point_is_outside() -> None:
    empty = AreaIndex([])
    assert empty.code_at(WEST, SOUTH) is None
    assert empty.codes_at([WEST], [SOUTH]).tolist() == [None]


def test_one_huge_cell_among_tiny_ones() -> None:
    huge = shapely.box(100, 20, 110, 30)
    tiny = [(f"A{n:02d}", shapely.box(110 + n * 1e-4, 20, 110 + (n + 1) * 1e-4, 20.0001)) for n in range(50)]
    index = AreaIndex([("Z", huge), *tiny])
    assert index.code_at(105.5, 25.5) == "Z"
    assert index.code_at(110.00155, 20.00005) == "A15"
