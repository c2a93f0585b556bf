"""Places that a poster names: what stands in its QR code, and what a report that begins there already knows.

The code is public and says only where the poster hangs: a grid ("990105001002003"), one of its addresses
("990105001002003-3f9ab07c", by a digest of its text, so that addresses loaded again keep their posters), or an estate
of a community ("990105001002-81c0d2e4", by a digest of its name).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from grid.history import heirs_of
from grid.models import Area
from grid.selectors import place_of
from population.models import StandardAddress
from population.selectors import estates_in

CODE = re.compile(r"(?:([0-9A-Z]{15})(?:-([0-9a-f]{8}))?|([0-9A-Z]{12})-([0-9a-f]{8}))")


@dataclass(frozen=True, slots=True)
class Here:
    """A place of a poster. `path` is in the language of the page; `address` is what stands in the field, in Chinese.

    `grid_code` is empty where only the community is sure: the poster's grid was split since, or an estate lies in
    several grids.
    """

    code: str
    community: str
    grid_code: str
    path: str
    address: str
    lng: float | None = None
    lat: float | None = None

    @property
    def known(self) -> dict[str, str]:
        """What the draft remembers of the poster: which grid the words in the address field mean."""
        return {"grid": self.grid_code, "address": self.address}

    def first_place(self) -> dict[str, Any]:
        """What the question "where" holds before anybody has answered it: all of it can be changed there."""
        where: dict[str, str] = {"address": self.address, "area_code": self.community}
        if self.lng is not None and self.lat is not None:
            where |= {"lng": str(self.lng), "lat": str(self.lat)}
        return {"where": where}


def address_mark(text: str) -> str:
    """What tells one address of a grid, or one estate of a community, from another in a poster's code."""
    return sha256(text.encode()).hexdigest()[:8]


def code_of(address: StandardAddress) -> str:
    """The code of a poster at an address; of its grid, where it lies in one."""
    return f"{address.area_code[:15]}-{address_mark(address.text)}"


def code_of_estate(community: str, estate: str) -> str:
    """The code of the posters of an estate."""
    return f"{community}-{address_mark(estate)}"


def here_of(code: str) -> Here | None:
    """The place that a poster's code names, None where there is no such grid and none in its place.

    3 SQL, with an address 4; for a grid that ended 5 and more. Posters hang for years: after a merge they mean the
    grid that took the place, after a split the part where their address lies, else their community. An address that is
    no more leaves the grid.
    """
    match = CODE.fullmatch(code)
    if match is None:
        return None
    if match[3]:
        return _at_estate(code, match[3], match[4])
    for grid_code in (grids := _today(match[1])):
        found = _address(grid_code, match[2]) if match[2] else None
        if found is not None:
            return _at_address(code, grid_code, found)
    return _in_area(match[1], grids) if grids else None


def _today(code: str) -> list[str]:
    """The grid or community itself, or whatever took its place."""
    if Area.objects.valid_on(timezone.localdate()).filter(code=code).exists():
        return [code]
    return [area.code for area in heirs_of(code)]


def _at_estate(code: str, community: str, mark: str) -> Here | None:
    """An estate by its name, in its community or in the one that took the place; in a grid, if it lies in one."""
    for heir in _today(community):
        estate = next((name for name in estates_in(heir) if address_mark(name) == mark), None)
        if estate is None or (place := place_of(heir)) is None:
            continue
        lying = StandardAddress.objects.filter(area_code__startswith=heir, estate=estate).order_by()
        grids = {one[:15] for one in lying.values_list("area_code", flat=True).distinct()}
        grid_code = grids.pop() if len(grids) == 1 else ""
        path = _("%(place)s·%(address)s") % {"place": place.path, "address": estate}
        address = "".join(area.name for area in place.areas) + estate
        return Here(code, heir, grid_code if len(grid_code) == 15 else "", path, address)
    return None


def _at_address(code: str, grid_code: str, address: StandardAddress) -> Here | None:
    if (place := place_of(grid_code)) is None:
        return None
    path = _("%(place)s·%(address)s") % {"place": place.path, "address": short_of(address.text, place.areas)}
    return Here(code, grid_code[:12], grid_code, path, address.text, address.lng, address.lat)


def _in_area(code: str, grids: Sequence[str]) -> Here | None:
    """In the one grid, or in the community of several; `code` is the grid that stands on the poster."""
    area_code = grids[0] if len(grids) == 1 else grids[0][:12]
    if (place := place_of(area_code)) is None:
        return None
    # what is typed into the field is Chinese, as the addresses are
    address = "".join(area.name for area in place.areas)
    return Here(code, grids[0][:12], area_code if len(area_code) == 15 else "", place.path, address)


def short_of(text: str, areas: Iterable[Area]) -> str:
    """An address without the names of the areas that it begins with, the smallest of these and all before it."""
    for area in sorted(areas, key=lambda area: -len(area.code)):
        _before, found, after = text.partition(area.name)
        if found and after:
            return after
    return text


def _address(grid_code: str, mark: str) -> StandardAddress | None:
    rows = StandardAddress.objects.filter(area_code__startswith=grid_code).order_by("pk")
    return next((row for row in rows.defer("search_text") if address_mark(row.text) == mark), None)
