"""A grid as residents see it: where it ends, who looks after it, whom to call. Only what was released is here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import atan2, cos, degrees, radians

from django.core.cache import cache
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from governance.organisations.models import Organisation, OrganisationKind
from grid.coverage import post_rows
from grid.models import Area, GeometryVersion, Level, Post

TOUCH_DEGREES = 2e-5  # about two metres: outlines that meet without sharing their vertices still meet
SHORTEST_SHARE = 0.02  # of the outline: neighbours that meet in a corner only are left out
KEEP_SECONDS = 24 * 3600
# Eight winds from the east, against the clock.
WINDS: tuple[str | Promise, ...] = (
    gettext_lazy("东边"), gettext_lazy("东北边"), gettext_lazy("北边"),
    gettext_lazy("西北边"), gettext_lazy("西边"), gettext_lazy("西南边"),
    gettext_lazy("南边"), gettext_lazy("东南边"),
)  # fmt: skip
READ_FROM = (2, 1, 0, 7, 6, 5, 4, 3)  # north first, with the clock


@dataclass(frozen=True, slots=True)
class Side:
    """What lies beside a grid on one side: a wind, and the areas there."""

    wind: str | Promise
    names: str


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A released post today. `stand_ins`: released posts of whoever does its work now; `is_away`: somebody does."""

    post: Post
    is_away: bool = False
    stand_ins: tuple[Post, ...] = ()


def people_public(code: str, *, at: datetime) -> list[PublicPost]:
    """Released posts of a grid today: its own, its stairwells' and its community's adviser, by rank. 2 SQL, 3 if away.

    Somebody who stands in is named only by a released post of their own: standing in for a colleague releases nothing.
    """
    inside = Q(area_code__startswith=code) | Q(area_code=code[:12])
    posts = Post.objects.live(at).filter(inside, is_public=True).select_related("user")
    rows = post_rows(posts, at=at)
    standing = {grant.user_id for row in rows for grant in row.stand_ins}
    released: dict[int, Post] = {}
    if standing:
        known = Post.objects.live(at).filter(user__in=standing, is_public=True, area_code__startswith=code[:12])
        for post in known.select_related("user").order_by("pk"):
            released.setdefault(post.user_id or 0, post)
    return [
        PublicPost(
            row.post,
            bool(row.stand_ins),
            tuple(released[grant.user_id] for grant in row.stand_ins if grant.user_id in released),
        )
        for row in rows
    ]


def supervision_office(code: str) -> Organisation | None:
    """The office of the sub-district, whose telephone takes complaints about the grid. 1 SQL."""
    offices = Organisation.objects.filter(kind=OrganisationKind.SUBDISTRICT_OFFICE, area_code=code[:9], is_active=True)
    return offices.order_by("pk").first()


def changed_at(code: str, version: GeometryVersion | None) -> datetime | None:
    """When what the page says was last changed: somebody's post, or the outlines. 1 SQL."""
    posts = Post.objects.filter(Q(area_code__startswith=code) | Q(area_code=code[:12]))
    last = posts.aggregate(at=Max("changed_at"))["at"]
    return max((one for one in (last, version.changed_at if version else None) if one is not None), default=None)


def sides(area: Area, version: GeometryVersion | None) -> list[Side]:
    """What lies around a grid, wind by wind, from the north with the clock: its outline in words.

    Remembered with the version of the outlines: 1 SQL, 2 the first time.
    """
    if area.geometry is None or version is None:
        return []
    key = f"grid.sides:{version.stamp}:{area.code}"
    codes = cache.get(key)
    if codes is None:
        codes = _neighbours(area)
        cache.set(key, codes, KEEP_SECONDS)
    names = _names(area, [code for _wind, code in codes])
    found: list[Side] = []
    for wind in READ_FROM:
        there = [names[code] for place, code in codes if place == wind and code in names]
        if there:
            found.append(Side(WINDS[wind], _("、").join(there)))
    return found


def _neighbours(area: Area) -> list[tuple[int, str]]:
    """(position in WINDS, code) of the grids that share a part of the outline, by code."""
    margin = TOUCH_DEGREES
    near = (
        Area.objects.valid_on(timezone.localdate())
        .filter(level=Level.GRID, geometry__isnull=False)
        .filter(min_lng__lte=(area.max_lng or 0) + margin, max_lng__gte=(area.min_lng or 0) - margin)
        .filter(min_lat__lte=(area.max_lat or 0) + margin, max_lat__gte=(area.min_lat or 0) - margin)
        .exclude(code=area.code)
        .order_by("code")
        .values_list("code", "geometry")
    )
    outline = shape(area.geometry or {}).boundary
    found = []
    for code, geometry in near:
        shared = outline.intersection(shape(geometry).buffer(margin))
        if shared.length >= SHORTEST_SHARE * outline.length:
            found.append((_wind(area, shared), code))
    return found


def _wind(area: Area, shared: BaseGeometry) -> int:
    """The wind under which the shared part of the outline is seen from inside."""
    middle = shared.centroid
    lng, lat = area.label_lng or 0.0, area.label_lat or 0.0
    angle = degrees(atan2(middle.y - lat, (middle.x - lng) * cos(radians(lat))))
    return round(angle / 45) % 8


def _names(area: Area, codes: Sequence[str]) -> dict[str, str]:
    """Names of neighbouring grids; those of another community with the community's name. 1 SQL."""
    above = {code[:12] for code in codes}
    rows = Area.objects.filter(code__in=[*codes, *above]).only("code", "name", "name_en")
    labels = {row.code: row.label for row in rows}
    return {
        code: labels[code]
        if code[:12] == area.code[:12] or code[:12] not in labels
        else _("%(community)s%(grid)s") % {"community": labels[code[:12]], "grid": labels[code]}
        for code in codes
        if code in labels
    }
