"""Which grid is this point in: our index against a bare STRtree over the same cells, in the same run.

    python bench/point_in_grid.py [--points 1000000] [--cells 3000] [--rounds 5]

The floor is one `STRtree.query(points, predicate="intersects")`: pairs, without the rule for shared edges. Both are
measured in CPU time, one after the other in each round, and the best of each is kept, so that a busy machine disturbs
both alike. Target: bulk at most 1.5 times the floor; one point at most 50 microseconds.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import itertools

from grid.index import AreaIndex

SEED = 20261121
WEST, SOUTH, EAST, NORTH = 114.0, 22.5, 114.5, 22.9
BENDS = 6  # points on each edge, so a cell has 4 * BENDS vertices


def cells(count: int, random: np.random.Generator) -> list[Any]:
    """About `count` irregular cells that share their bent edges exactly."""
    columns = round((count * (EAST - WEST) / (NORTH - SOUTH)) ** 0.5)
    rows = round(count / columns)
    width, height = (EAST - WEST) / columns, (NORTH - SOUTH) / rows
    corner = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), axis=-1).astype(float)
    corner[1:-1, 1:-1] += random.uniform(-0.2, 0.2, corner[1:-1, 1:-1].shape)
    corner = corner * (width, height) + (WEST, SOUTH)
    edges: dict[tuple[tuple[int, int], tuple[int, int]], Any] = {}

    def edge(start: tuple[int, int], end: tuple[int, int]) -> Any:
        key = (min(start, end), max(start, end))
        if key not in edges:
            a, b = corner[key[0]], corner[key[1]]
            share = np.linspace(0, 1, BENDS, endpoint=False)[:, None]
            bend = random.uniform(-0.06, 0.06, (BENDS, 1))
            bend[0] = 0
            edges[key] = np.vstack([a + (b - a) * share + np.array([-(b - a)[1], (b - a)[0]]) * bend, b])
        return edges[key] if start == key[0] else edges[key][::-1]

    made = []
    for column in range(columns):
        for row in range(rows):
            ring = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1), (column, row)]
            path = [edge(start, end)[:-1] for start, end in itertools.pairwise(ring)]
            made.append(shapely.Polygon(np.vstack(path)))
    return made


def cpu_seconds(work: Callable[[], Any]) -> float:
    """CPU time of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> int:
    """Measure, print a table, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--cells", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    random = np.random.default_rng(SEED)
    polygons = cells(options.cells, random)
    # One point in fifty lies outside, as mistyped coordinates do.
    lng = random.uniform(WEST, EAST, options.points)
    lat = random.uniform(SOUTH, NORTH + (NORTH - SOUTH) / 49, options.points)
    tree = shapely.STRtree(polygons)
    index = AreaIndex((f"990101{number:09d}", polygon) for number, polygon in enumerate(polygons))
    single = list(zip(lng[:20_000].tolist(), lat[:20_000].tolist(), strict=True))

    work: dict[str, Callable[[], Any]] = {
        "bulk: bare STRtree": lambda: tree.query(shapely.points(lng, lat), predicate="intersects"),
        "bulk: grids_at": lambda: index.codes_at(lng, lat),
        "single: bare STRtree": lambda: [tree.query(shapely.Point(p), predicate="intersects") for p in single],
        "single: grid_at": lambda: [index.code_at(*p) for p in single],
    }
    best = dict.fromkeys(work, float("inf"))
    for _round in range(options.rounds):
        for name, run in work.items():
            best[name] = min(best[name], cpu_seconds(run))

    bulk = best["bulk: grids_at"] / best["bulk: bare STRtree"]
    each = {name: best[name] / len(single) * 1e6 for name in work if name.startswith("single")}
    print(f"{options.points:,} points, {len(polygons):,} cells of {4 * BENDS} vertices, best of {options.rounds}, CPU")
    print(f"{'':24}{'measured':>12}{'floor':>12}{'ratio':>8}{'target':>10}")
    print(f"{'bulk, s':24}{best['bulk: grids_at']:12.2f}{best['bulk: bare STRtree']:12.2f}{bulk:8.2f}{'<= 1.50':>10}")
    own, bare = each["single: grid_at"], each["single: bare STRtree"]
    print(f"{'one point, microseconds':24}{own:12.1f}{bare:12.1f}{own / bare:8.2f}{'<= 50':>10}")
    return int(bulk > 1.5 or own > 50)


if __name__ == "__main__":
    sys.exit(main())
