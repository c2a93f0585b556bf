"""Which grid is this point in: an index over the polygons of one geometry version, held in memory by each process.

A point on an edge shared by several cells belongs to the one with the lowest code, always; so every point of the
territory has exactly one grid. Cells that meet without sharing their vertices leave gaps of rounding errors; a point
within `NEAR_DEGREES` of a cell (about half a metre, finer than any survey the portal loads) belongs to the nearest.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import floor, isfinite
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

NEAR_DEGREES = 5e-6


class AreaIndex:
    """Polygons with codes, asked for one point or for arrays of points. Immutable, safe to share between threads."""

    def __init__(self, cells: Iterable[tuple[str, BaseGeometry]]) -> None:
        """Build from (code, polygon) pairs; sorted by code here, so that the lowest position is the lowest code."""
        pairs = sorted(cells, key=lambda pair: pair[0])
        self.codes: tuple[str, ...] = tuple(code for code, _ in pairs)
        self._geometries: Sequence[BaseGeometry] = [geometry for _, geometry in pairs]
        shapely.prepare(self._geometries)
        self._tree = shapely.STRtree(self._geometries)
        self._by_position = np.array([*self.codes, None], dtype=object)
        self._bucket_degrees = 1.0
        self._buckets = self._fill_buckets()

    def __len__(self) -> int:
        return len(self.codes)

    def code_at(self, lng: float, lat: float) -> str | None:
        """Code of the cell at a point in degrees WGS-84; None outside, and for numbers that are no coordinates."""
        if not (isfinite(lng) and isfinite(lat)):
            return None
        for position in self._buckets.get((floor(lng / self._bucket_degrees), floor(lat / self._bucket_degrees)), ()):
            if shapely.intersects_xy(self._geometries[position], lng, lat):
                return self.codes[position]
        return self._by_position[self._nearest([shapely.Point(lng, lat)])[0]] if self.codes else None

    def codes_at(self, lng: ArrayLike, lat: ArrayLike) -> NDArray[Any]:
        """Codes at arrays of points: an object array of the same length, None outside. Same rule as `code_at`."""
        x = np.ascontiguousarray(lng, dtype=float)
        y = np.ascontiguousarray(lat, dtype=float)
        valid = np.isfinite(x) & np.isfinite(y)
        points: Any = shapely.points(np.where(valid, x, 0.0), np.where(valid, y, 0.0))
        outside = len(self.codes)
        found = np.full(len(points), outside, dtype=np.intp)
        asked, hit = self._tree.query(points, predicate="intersects")
        np.minimum.at(found, asked, hit)
        missed = np.flatnonzero(found == outside)
        if missed.size and outside:
            found[missed] = self._nearest(points[missed])
        found[~valid] = outside
        return self._by_position[found]

    def _nearest(self, points: Any) -> NDArray[Any]:
        """Position of the nearest cell for each point, or the number of cells where none is near enough."""
        found = np.full(len(points), len(self.codes), dtype=np.intp)
        asked, hit = self._tree.query_nearest(points, max_distance=NEAR_DEGREES)
        np.minimum.at(found, asked, hit)
        return found

    def _fill_buckets(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """Squares of about a cell's size -> positions of the cells that touch them, lowest first.

        For a single point this costs a tenth of a tree query, most of which is making the point.
        """
        if not self.codes:
            return {}
        bounds = shapely.bounds(self._geometries)
        extent = float(np.max(bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0)))
        # Not finer than 1/256 of the whole: one huge cell among tiny ones must not fill a million squares.
        self._bucket_degrees = max(float(np.median(bounds[:, 2:] - bounds[:, :2])), extent / 256)
        squares = np.floor(bounds / self._bucket_degrees).astype(int)
        buckets: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for position, (west, south, east, north) in enumerate(squares.tolist()):
            for column in range(west, east + 1):
                for row in range(south, north + 1):
                    buckets[column, row].append(position)
        return {square: tuple(positions) for square, positions in buckets.items()}
