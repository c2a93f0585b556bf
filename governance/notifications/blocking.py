"""Which addresses nothing is sent to: asked by their blind index, at sending and where somebody leaves an address."""

from collections.abc import Iterable
from datetime import datetime

from governance.notifications.models import BlockedAddress
from governance.privacy.fields import blind_index, blind_matches


def address_index(address: str) -> str:
    """Return the digest under which an address is found again, however it is written."""
    return blind_index(address, purpose="notifications.blocked")


def address_indexes(address: str) -> list[str]:
    """Return the digests under which an address may be kept, one for each key: for searching."""
    return blind_matches(address, purpose="notifications.blocked")


def blocked_among(addresses: Iterable[str], *, at: datetime) -> frozenset[str]:
    """Return the indexes of those of these addresses that are blocked: 1 SQL, none for no address."""
    wanted = {index for address in addresses if address for index in address_indexes(address)}
    if not wanted:
        return frozenset()
    rows = BlockedAddress.objects.filter(index__in=wanted, ended_at__isnull=True, expires_at__gt=at)
    return frozenset(rows.values_list("index", flat=True))


def block_of(*addresses: str, at: datetime) -> BlockedAddress | None:
    """Return the block of the first of these addresses that has one: 1 SQL, none for no address."""
    wanted = {index for address in addresses if address for index in address_indexes(address)}
    if not wanted:
        return None
    rows = BlockedAddress.objects.filter(index__in=wanted, ended_at__isnull=True, expires_at__gt=at)
    return rows.order_by("pk").first()
