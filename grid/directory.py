"""Names of areas for the kernel (`governance.access.areas`), from the territory."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.db.models import Q
from django.utils import timezone
from shapely.geometry import shape

from governance.access.areas import LEVELS
from grid.index import AreaIndex
from grid.lookup import grids_at
from grid.models import Area
from grid.models.area import AreaQuerySet

SEARCH_LIMIT = 20
GRID_LENGTH = 15


class TerritoryDirectory:
    """Answers with areas valid today; names also for areas that are no more, since old records keep their codes."""

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        """Name of each known code in the language of the page. 1 SQL."""
        areas = Area.objects.filter(code__in=set(codes)).only("code", "name", "name_en")
        return {area.code: area.label for area in areas}

    def children(self, code: str) -> list[tuple[str, str]]:
        """(code, name) of the areas directly below; "" gives the districts. 1 SQL."""
        level = next((LEVELS[length] for length in sorted(LEVELS) if length > len(code)), "")
        if not level:
            return []
        below = _today().filter(level=level, code__startswith=code).only("code", "name", "name_en")
        return [(area.code, area.label) for area in below]

    def below(self, code: str) -> list[tuple[str, str]]:
        """(code, name) of all areas below, however deep, in the order of their codes; "" gives every area. 1 SQL."""
        below = _today().filter(code__startswith=code).exclude(code=code).order_by("code")
        return [(area.code, area.label) for area in below.only("code", "name", "name_en")]

    def exists(self, code: str) -> bool:
        """Whether an area valid today has this code. 1 SQL."""
        return _today().filter(code=code).exists()

    def search(self, q: str) -> list[tuple[str, str]]:
        """(code, name) of at most 20 areas whose name contains the words or whose code begins with them. 1 SQL."""
        words = q.strip()
        if not words:
            return []
        found = _today().filter(
            Q(name__icontains=words) | Q(name_en__icontains=words) | Q(code__startswith=words.upper())
        )
        return [
            (area.code, area.label) for area in found.order_by("code").only("code", "name", "name_en")[:SEARCH_LIMIT]
        ]

    def located(self, length: int, points: Sequence[tuple[float, float]]) -> list[str]:
        """Code of the grid at each point, cut to the level asked for; where no grid is drawn, of that level's area."""
        if not points:
            return []
        lng, lat = np.array(points).T
        found = [code[:length] if code else "" for code in grids_at(lng, lat)]
        if all(found) or length >= GRID_LENGTH:
            return found
        outlines = _today().filter(level=LEVELS[length], geometry__isnull=False).values_list("code", "geometry")
        index = AreaIndex((code, shape(geometry)) for code, geometry in outlines)
        return [grid or code or "" for grid, code in zip(found, index.codes_at(lng, lat), strict=True)]


def _today() -> AreaQuerySet:
    return Area.objects.valid_on(timezone.localdate())
