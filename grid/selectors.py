"""Reads of the territory: what a viewer sees, names and paths of areas, which grid a point is in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import Count
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from shapely.geometry import shape

from governance.access.areas import LEVELS
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation, OrganisationKind
from grid.index import NEAR_DEGREES
from grid.lookup import district_contains, geometry_stamp, grid_at, grids_at
from grid.models import Area, Level
from grid.models.area import AreaQuerySet, ancestor_codes, shared_area
from grid.permissions import Capability

__all__ = [
    "AreaRow",
    "Place",
    "area_path",
    "area_paths",
    "areas_below",
    "areas_visible",
    "community_organisation",
    "district_contains",
    "geometry_stamp",
    "grid_at",
    "grids_at",
    "place_at",
    "place_of",
    "start_code",
]

LENGTHS = sorted(LEVELS)
COMMUNITY_LENGTH = next(length for length, name in LEVELS.items() if name == Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area in a list, without its polygon, with the number of areas directly below it."""

    area: Area
    parts: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a grid lies: the areas above it from the sub-district down and itself; the community's organisation."""

    areas: tuple[Area, ...]
    organisation: Organisation | None

    @property
    def grid_code(self) -> str:
        """Code of the grid."""
        return self.areas[-1].code

    @property
    def path(self) -> str:
        """Sub-district·community·grid in the language of the page."""
        return join_path(area.label for area in self.areas)


def join_path(names: Iterable[str]) -> str:
    """Names from the outside in, as one line: 柳塘街道·槐安社区·第三网格."""
    return _("·").join(names)


def areas_visible(viewer: Viewer, *, day: date) -> AreaQuerySet:
    """Areas valid on the day inside the viewer's scope, and those above it; ordered by code."""
    return Area.objects.valid_on(day).visible_to(viewer)


def areas_below(viewer: Viewer, within: str, *, day: date) -> list[AreaRow]:
    """Visible areas directly below `within` ("": the districts). 2 SQL, at a micro-grid 0."""
    deeper = [length for length in LENGTHS if length > len(within)][:2]
    if not deeper:
        return []
    visible = areas_visible(viewer, day=day).filter(code__startswith=within)
    parts: dict[str, int] = {}
    if len(deeper) == 2:
        counted = visible.filter(level=LEVELS[deeper[1]]).annotate(above=Left("code", deeper[0])).order_by()
        parts = dict(counted.values_list("above").annotate(Count("pk")))
    rows = visible.filter(level=LEVELS[deeper[0]]).defer("geometry")
    return [AreaRow(area, parts.get(area.code, 0)) for area in rows]


def areas_beside(area: Area, *, day: date) -> list[Area]:
    """Areas of the same parent whose outlines come near this one's, with outlines; all of them where it has none."""
    if not area.parent_code:
        return []
    beside = Area.objects.valid_on(day).filter(level=area.level, code__startswith=area.parent_code).exclude(pk=area.pk)
    if area.geometry is not None:
        west, south, east, north = shapely.buffer(shape(area.geometry), NEAR_DEGREES).bounds
        beside = beside.filter(min_lng__lte=east, max_lng__gte=west, min_lat__lte=north, max_lat__gte=south)
    return list(beside.order_by("code"))


def area_paths(codes: Iterable[str]) -> dict[str, str]:
    """Path below the district for each known code, for instance 柳塘街道·槐安社区·第三网格. 1 SQL for any number."""
    wanted = {code for code in codes if code}
    needed = {above for code in wanted for above in (*ancestor_codes(code), code)}
    labels = {area.code: area.label for area in Area.objects.filter(code__in=needed).only("code", "name", "name_en")}
    paths = {}
    for code in wanted & labels.keys():
        steps = [*ancestor_codes(code)[1:], code]
        paths[code] = join_path(labels[step] for step in steps if step in labels)
    return paths


def area_path(code: str) -> str:
    """Path of one area below the district; "" for an unknown code. 1 SQL."""
    return area_paths([code]).get(code, "")


def start_code(viewer: Viewer) -> str:
    """Where the viewer's map opens: the smallest area that holds everything they were granted. At most 1 SQL."""
    codes = list(viewer.areas(Capability.VIEW_AREA))
    if ids := viewer.organisations(Capability.VIEW_AREA):
        codes += Organisation.objects.filter(pk__in=ids).values_list("area_code", flat=True)
    return shared_area(codes)


def community_organisation(code: str) -> Organisation | None:
    """Active organisation of the community that this area is, or lies in; None above communities. 1 SQL."""
    if len(code) < COMMUNITY_LENGTH:
        return None
    return (
        Organisation.objects.filter(kind=OrganisationKind.COMMUNITY, area_code=code[:COMMUNITY_LENGTH], is_active=True)
        .order_by("pk")
        .first()
    )


def place_of(code: str) -> Place | None:
    """Where a grid (or community, sub-district) lies; None for an unknown code. 2 SQL."""
    codes = [*ancestor_codes(code)[1:], code]
    areas = tuple(Area.objects.filter(code__in=codes).defer("geometry").order_by("code"))
    if not areas or areas[-1].code != code:
        return None
    return Place(areas, community_organisation(code))


def place_at(lng: float, lat: float) -> Place | None:
    """Where a point in degrees WGS-84 lies; None outside all grids. 2 SQL and what `grid_at` may need."""
    code = grid_at(lng, lat)
    return place_of(code) if code else None
