"""Addresses become places: the app that keeps the addresses registers a geocoder, pages ask here."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Match:
    """A known address like the one that was typed. Degrees WGS-84, None where it was not surveyed yet.

    `score` runs from 0 to 1, the best first.
    """

    text: str
    area_code: str
    lng: float | None
    lat: float | None
    score: float


class Geocoder(Protocol):
    """Finds addresses by words people write."""

    def search(self, q: str, limit: int) -> list[Match]:
        """At most `limit` matches, the best first; none for words too short to mean a place."""
        ...


_geocoders: list[Geocoder] = []


def register(geocoder: Geocoder) -> None:
    """Add a source of addresses (once, when the apps start)."""
    if geocoder not in _geocoders:
        _geocoders.append(geocoder)


def search(q: str, limit: int = 8) -> list[Match]:
    """Known addresses like `q` from all sources, the best first; none where no source is registered."""
    found = [match for geocoder in _geocoders for match in geocoder.search(q, limit)]
    return sorted(found, key=lambda match: -match.score)[:limit]
