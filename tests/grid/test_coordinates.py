"""WGS-84 <-> GCJ-02 <-> BD-09."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from grid.coordinates import bd09_to_wgs84, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

mainland = st.tuples(st.floats(73.7, 135.0), st.floats(4.0, 53.5))


@given(mainland)
def test_there_and_back(point: tuple[float, float]) -> None:
    lng, lat = gcj02_to_wgs84(*wgs84_to_gcj02(*point))
    assert abs(lng - point[0]) < 1e-7
    assert abs(lat - point[1]) < 1e-7
    lng, lat = bd09_to_wgs84(*wgs84_to_bd09(*point))
    assert abs(lng - point[0]) < 1e-7
    assert abs(lat - point[1]) < 1e-7


def test_arrays_are_converted_as_single_points_are() -> None:
    lng, lat = np.array([114.35, 121.47, -71.06]), np.array([22.69, 31.23, 42.36])
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84, wgs84_to_bd09, bd09_to_wgs84):
        singles = [convert(x, y) for x, y in zip(lng.tolist(), lat.tolist(), strict=True)]
        assert np.column_stack(convert(lng, lat)) == pytest.approx(np.array(singles), abs=1e-12)
    assert wgs84_to_bd09(-71.06, 42.36) == (-71.06, 42.36)


def test_a_published_pair() -> None:
    """Test vector that public implementations of the transform agree on (a spot in Shanghai)."""
    assert wgs84_to_gcj02(121.5272106, 31.1774276) == pytest.approx((121.531541859215, 31.17530398364597), abs=1e-9)


def test_a_published_pair_of_baidu() -> None:
    """Test vector of public implementations: the Gate of Heavenly Peace."""
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


def test_the_shift_is_hundreds_of_metres_in_china_and_nothing_elsewhere() -> None:
    lng, lat = wgs84_to_gcj02(114.35, 22.69)
    assert 0.002 < lng - 114.35 < 0.008
    assert 0.001 < abs(lat - 22.69) < 0.008
    assert wgs84_to_gcj02(-71.06, 42.36) == (-71.06, 42.36)
    assert gcj02_to_wgs84(-71.06, 42.36) == (-71.06, 42.36)


def test_real_polygons_in_both_datums(data_dir: Path) -> None:
    """74 sub-districts as published in GCJ-02, and the same file converted by somebody else's code."""
    published = json.loads((data_dir / "polygons" / "shenzhen_streets_74.geojson").read_text())["features"]
    converted = json.loads((data_dir / "polygons" / "shenzhen_streets_74_wgs84.geojson").read_text())["features"]
    for there, here in zip(published, converted, strict=True):
        ours = shapely.transform(shape(there["geometry"]), lambda xy: [gcj02_to_wgs84(*point) for point in xy])
        assert ours.hausdorff_distance(shape(here["geometry"])) < 2e-6
