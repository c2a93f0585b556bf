"""Small territories for tests: a lattice of cells whose inner vertices are moved, so that no edge is straight."""

from random import Random
from typing import Any

DISTRICT = "990101"
SUBDISTRICT = "990101001"
COMMUNITY = "990101001001"
WEST, SOUTH = 114.30, 22.70
CELL = 0.004  # degrees, about 400 m


def grid_code(number: int) -> str:
    return f"{COMMUNITY}{number:03d}"


def lattice(columns: int, rows: int, *, seed: int = 7, cell: float = CELL) -> list[list[list[float]]]:
    """Closed rings of columns x rows cells, west to east, north to south, sharing their vertices exactly."""
    random = Random(seed)
    corners: dict[tuple[int, int], list[float]] = {}
    for column in range(columns + 1):
        for row in range(rows + 1):
            inner = 0 < column < columns and 0 < row < rows
            shift = (random.uniform(-0.25, 0.25), random.uniform(-0.25, 0.25)) if inner else (0.0, 0.0)
            corners[column, row] = [
                round(WEST + (column + shift[0]) * cell, 7),
                round(SOUTH + (rows - row + shift[1]) * cell, 7),
            ]
    rings = []
    for row in range(rows):
        for column in range(columns):
            ring = [(column, row), (column, row + 1), (column + 1, row + 1), (column + 1, row), (column, row)]
            rings.append([corners[corner] for corner in ring])
    return rings


def polygon(ring: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon([[west, south], [east, south], [east, north], [west, north], [west, south]])


def feature(code: str, name: str, geometry: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": name, **properties}, "geometry": geometry}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def upper_levels() -> list[dict[str, Any]]:
    """District, sub-district and community without polygons."""
    return [
        feature(DISTRICT, "澄湾区", name_en="Chengwan District"),
        feature(SUBDISTRICT, "柳塘街道", name_en="Liutang Sub-district"),
        feature(COMMUNITY, "槐安社区", name_en="Huai'an Community"),
    ]


def territory(columns: int = 3, rows: int = 2) -> dict[str, Any]:
    """One district with one sub-district, one community and columns x rows grids."""
    grids = [
        feature(grid_code(number), f"第{number}网格", polygon(ring), name_en=f"Grid {number}")
        for number, ring in enumerate(lattice(columns, rows), start=1)
    ]
    return collection(*upper_levels(), *grids)
