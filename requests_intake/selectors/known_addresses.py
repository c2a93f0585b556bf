"""Known addresses that people's words mean."""

from governance.web.geocoding import Match
from population.selectors import address_search

# Below this likeness an address is kept as text and goes to the district desk.
ADDRESS_SURE = 0.45


def recognised_address(text: str, *, within: str = "") -> Match | None:
    """Return the known address that these words surely mean, inside the area `within`; None if none is like enough."""
    found = (match for match in address_search(text) if match.area_code.startswith(within))
    best = next(found, None)
    return best if best is not None and best.score >= ADDRESS_SURE else None
