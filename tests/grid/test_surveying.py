"""Files of others: read by their columns, examined, mended, never loaded with a fault; Shenzhen's real one goes in."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from shapely.geometry import mapping, shape

from grid.coordinates import wgs84_to_gcj02
from grid.models import Area
from grid.selectors import grid_at
from grid.surveying import MENDING, Columns, areas_known, survey
from tests.grid import shapes
from tests.grid.conftest import AT

pytestmark = pytest.mark.django_db

COLUMNS = Columns(code="BH", name="MC")
WEST, SOUTH, CELL = shapes.WEST, shapes.SOUTH, shapes.CELL


def table(*rows: tuple[str, str, Any]) -> dict[str, Any]:
    """A collection with somebody else's column names."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"BH": code, "MC": name}, "geometry": geometry}
            for code, name, geometry in rows
        ],
    }


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A square in cells of the test territory."""
    return shapes.square(WEST + west * CELL, SOUTH + south * CELL, WEST + east * CELL, SOUTH + north * CELL)


def looked(collection: dict[str, Any], *, mend: bool, datum: str = "wgs84", columns: Columns = COLUMNS) -> Any:
    repairs = MENDING if mend else frozenset()
    return survey(collection, columns, datum=datum, known=areas_known(AT.date()), repairs=repairs)


def test_faults_are_named_and_only_narrow_ones_mended() -> None:
    sliver = 0.02  # of a cell: some eight metres
    around = mapping(shape(box(0, 1 + sliver, 2, 2)).union(shape(box(-0.5, 0, 0, 2))))
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 1], [0, 0]]]}
    faulty = table(
        (shapes.grid_code(1), "一", box(0, 0, 1, 1)),
        (shapes.grid_code(2), "二", box(1 - sliver, 0, 2, 1)),  # overlaps the first
        (shapes.grid_code(3), "三", around),  # leaves a slit above both
        (shapes.grid_code(4), "四", box(2, 0, 3, 2)),
        (shapes.grid_code(5), "五", mapping(shapely.affinity.scale(shape(bow_tie), CELL, CELL, origin=(0, 0)))),
        (shapes.grid_code(5), "六", None),
        ("", "七", None),
        (shapes.grid_code(8), "八", {"type": "Point", "coordinates": [1, 2]}),
    )
    found = looked(faulty, mend=False)
    assert [word for word in ("用了两次", "缺少编码", "Point") if not any(word in one for one in found.faults)] == []
    good = {**faulty, "features": faulty["features"][:5]}
    assert any("自己相交" in one or "自己和自己相交" in one for one in looked(good, mend=False).faults)
    without = {**good, "features": good["features"][:4]}
    kinds = " ".join(looked(without, mend=False).faults)
    assert "重叠" in kinds
    assert "空出" in kinds
    mended = looked(good, mend=True)
    assert mended.faults == ()
    assert any("理顺" in one for one in mended.mended)
    assert any("对齐" in one for one in mended.mended)
    assert all(one.polygon.is_valid for one in mended.drafts)
    wide = table((shapes.grid_code(1), "一", box(0, 0, 1, 1)), (shapes.grid_code(2), "二", box(0.5, 0, 2, 1)))
    assert "重叠" in looked(wide, mend=True).faults[0]  # which of the two it belongs to is not ours to say


def test_a_shifted_file_is_asked_about(territory: Any, tmp_path: Path) -> None:
    def in_gcj02(geometry: dict[str, Any]) -> dict[str, Any]:
        return mapping(shapely.transform(shape(geometry), lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T))))

    grids = Area.objects.filter(level="grid")
    shifted = table(*((area.code, "网格", in_gcj02(area.geometry)) for area in grids))
    found = looked(shifted, mend=False)
    assert "GCJ02" in found.advice
    assert 200 < found.shift_metres < 900
    right = looked(shifted, mend=False, datum="gcj02")
    assert right.advice == ""
    assert right.shift_metres < 1
    path = tmp_path / "shifted.geojson"
    path.write_text(json.dumps(shifted))
    with pytest.raises(CommandError, match="--datum"):
        call_command("import_areas", path, "--code", "BH", "--name", "MC", "--apply", stdout=StringIO())


def test_the_command_reports_and_loads_nothing_wrong(territory: Any, tmp_path: Path) -> None:
    path, out = tmp_path / "file.geojson", StringIO()
    path.write_text(
        json.dumps(
            table((shapes.grid_code(7), "新", box(-1, 0, 0, 1)), (shapes.grid_code(8), "新", box(-1.5, 0, 0, 1)))
        )
    )
    call_command("import_areas", path, stdout=out)
    assert "BH: " in out.getvalue()
    with pytest.raises(CommandError, match="XX"):
        call_command("import_areas", path, "--name", "XX", stdout=out)
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("import_areas", path, "--code", "BH", "--name", "MC", "--apply", "--mend", stdout=out)
    assert "重叠" in out.getvalue()
    path.write_text(json.dumps(table((shapes.grid_code(7), "新", box(-1, 0, 0, 1)))))
    call_command("import_areas", path, "--code", "BH", "--name", "MC", "--apply", stdout=out)
    assert "1 created" in out.getvalue()
    assert grid_at(WEST - CELL / 2, SOUTH + CELL / 2) == shapes.grid_code(7)
    path.write_text("{")
    with pytest.raises(CommandError, match=r"file\.geojson"):
        call_command("import_areas", path)
