"""Where an order of the hotline belongs: its point, else a known address, else the area it names, else the source's."""

from collections.abc import Mapping
from typing import Any

from grid.lookup import grid_at
from requests_intake.models import PlaceKind
from requests_intake.selectors.known_addresses import recognised_address


class Placer:
    """Places orders inside one area; asks for each address once. 1 SQL an address."""

    def __init__(self, area_code: str) -> None:
        self.area_code = area_code
        self._found: dict[tuple[str, str], str] = {}

    def of(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return place_kind, address, area_code, lng and lat for a submission."""
        area = told["area"] or self.area_code
        address, lng, lat = told["address"], told["lng"], told["lat"]
        if lng is not None and grid_at(lng, lat) is not None:
            return {"place_kind": PlaceKind.PIN, "address": address, "area_code": area, "lng": lng, "lat": lat}
        kind = PlaceKind.ADDRESS if address or told["area"] else PlaceKind.NONE
        if address and len(area) < 15:
            area = self._known(address, area) or area
        return {"place_kind": kind, "address": address, "area_code": area, "lng": None, "lat": None}

    def _known(self, address: str, within: str) -> str:
        key = (address, within)
        if key not in self._found:
            match = recognised_address(address, within=within)
            self._found[key] = match.area_code if match is not None else ""
        return self._found[key]
