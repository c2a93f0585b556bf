"""Reads of the registry that other apps use."""

from population.selectors.addresses import address_search, buildings_of, estates_in

__all__ = ["address_search", "buildings_of", "estates_in"]
