"""Open public requests that may be the resident's own matter: same kind of thing, near by, in like words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any

from django.db.models import Q

from governance.text import similarity
from grid.lookup import grid_at
from requests_intake.models import Category, Progress, Publication, RequestKind
from requests_intake.publication import GRID_CODE_LENGTH
from requests_intake.selectors.public import names_of, place_of

NEAR_METRES = 250
SHOWN = 4
LOOKED_AT = 60
COMMUNITY_LENGTH = 12
# The same category near by is shown at little likeness; anything else of the community only when the words agree.
ALIKE, ALIKE_SAME_CATEGORY = 0.3, 0.08
NEVER = (RequestKind.TIP_OFF, RequestKind.ENQUIRY)


@dataclass(frozen=True, slots=True)
class Similar:
    """One card."""

    publication: Publication
    place: str


def similar_for(data: Mapping[str, Any], *, at: datetime, limit: int = SHOWN) -> list[Similar]:
    """Return released, open requests like this draft, the likeliest first: 3 SQL, none without a place.

    Near means the draft's grid and those within 250 m of its pin, or the community where only that is known. Distances
    to exact points are never used: from a few trials they would tell where somebody lives.
    """
    near = _near(data)
    if data.get("kind") in NEVER or not near:
        return []
    code = Category.objects.filter(pk=data.get("category_id") or 0).values_list("code", flat=True).first() or ""
    same_community = {area[:COMMUNITY_LENGTH] for area in near}
    rows = (
        Publication.objects.released()
        .filter(progress=Progress.OPEN)
        .filter(_any_prefix(near | same_community))
        .select_related("category")
        .defer("history", "pieces", "note")
        .order_by("-released_at", "-id")[:LOOKED_AT]
    )
    scored = []
    for row in rows:
        same = bool(code) and row.category_code == code
        likeness = similarity(data.get("body", ""), f"{row.title} {row.body}")
        is_near = any(row.area_code.startswith(area) or area.startswith(row.area_code) for area in near)
        if likeness >= ALIKE or (same and is_near and likeness >= ALIKE_SAME_CATEGORY):
            scored.append((likeness + 0.3 * same + 0.2 * is_near, row))
    scored.sort(key=lambda pair: (-pair[0], -pair[1].pk))
    best = [row for _score, row in scored[:limit]]
    names = names_of(row.area_code for row in best)
    return [Similar(row, place_of(row.area_code, names)) for row in best]


def _near(data: Mapping[str, Any]) -> set[str]:
    """Codes of the grids around the draft's pin, or of the area it names; none above a community."""
    lng, lat = data.get("lng"), data.get("lat")
    code = str(data.get("area_code") or "")[:GRID_CODE_LENGTH]
    found = {code} if len(code) >= COMMUNITY_LENGTH else set()
    if lng is not None and lat is not None:
        north = NEAR_METRES / 111_320
        east = north / max(cos(radians(lat)), 0.01)
        for x, y in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (0.7, -0.7), (-0.7, 0.7), (-0.7, -0.7)):
            around = grid_at(lng + x * east, lat + y * north)
            if around:
                found.add(around)
    return found


def _any_prefix(codes: set[str]) -> Q:
    condition = Q()
    for code in sorted(codes):
        condition |= Q(area_code__startswith=code)
    return condition
