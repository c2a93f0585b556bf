"""The standard addresses as the portal's geocoder."""

from governance.web.geocoding import Match
from population.selectors import address_search


class StandardAddressGeocoder:
    """Answers from `StandardAddress`."""

    def search(self, q: str, limit: int) -> list[Match]:
        """See `population.selectors.address_search`."""
        return address_search(q, limit)
