"""Open requests like the one that somebody is telling: the same place, or the same words nearby."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from governance.access.viewer import Viewer
from governance.text import similarity
from population.normalising import normalise
from requests_intake.models import ServiceRequest
from requests_intake.selectors.sight import unshielded

COMMUNITY = 12
NEAR_METRES = 150.0
# How alike the words must be: little where the place is the same, much where only the community is.
ALIKE_HERE, ALIKE_NEARBY = 0.12, 0.3
_LOOKED_AT = 300
_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Similar:
    """An open request that may be the same matter. `here`: at the same place; `likeness` of the words, 0 to 1."""

    request: ServiceRequest
    here: bool
    likeness: float


def similar_open(
    viewer: Viewer,
    *,
    body: str,
    area_code: str = "",
    address: str = "",
    lng: float | None = None,
    lat: float | None = None,
    limit: int = 5,
) -> list[Similar]:
    """Return open requests that the viewer may see and that may be the same matter, the likest first. 1 SQL.

    Looks at the 300 newest open ones of the community; [] without words, or without any place.
    """
    if not body.strip() or len(area_code) < COMMUNITY:
        return []
    newest = (
        ServiceRequest.objects.visible_to(viewer)
        .open()
        .filter(unshielded(viewer), area_code__startswith=area_code[:COMMUNITY])
        .select_related("category", "organisation")
        .defer("track_token")
        .order_by("-submitted_at", "-id")[:_LOOKED_AT]
    )
    place = (normalise(address), lng, lat)
    found = list(_alike(newest, body, place))
    return sorted(found, key=lambda one: (one.here, one.likeness), reverse=True)[:limit]


def _alike(requests: Iterable[Any], body: str, place: tuple[str, float | None, float | None]) -> Iterable[Similar]:
    for request in requests:
        likeness = similarity(body, request.body)
        here = _is_here(request, *place)
        if likeness >= (ALIKE_HERE if here else ALIKE_NEARBY):
            yield Similar(request, here, likeness)


def _is_here(request: ServiceRequest, address: str, lng: float | None, lat: float | None) -> bool:
    if lng is not None and lat is not None and request.lng is not None and request.lat is not None:
        return metres(lng, lat, request.lng, request.lat) <= NEAR_METRES
    return bool(address) and normalise(request.address) == address


def metres(lng: float, lat: float, other_lng: float, other_lat: float) -> float:
    """Distance of two points in metres; good to a per mille within a district."""
    east = (lng - other_lng) * math.cos(math.radians(lat))
    return math.hypot(east, lat - other_lat) * _METRES_A_DEGREE
