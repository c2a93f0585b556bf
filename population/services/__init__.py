"""The only writers of the registry."""

from population.services.addresses import AddressDraft, addresses_load

__all__ = ["AddressDraft", "addresses_load"]
