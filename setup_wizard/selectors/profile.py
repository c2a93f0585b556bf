"""Names of the office, kept in the process for a minute: every page shows them."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from setup_wizard.models import PortalProfile

CACHE_SECONDS = 60
FIELDS = ("place", "place_en", "operator", "operator_en", "address", "address_en", "record_number", "hotlines")

_kept: tuple[float, dict[str, Any]] | None = None


def profile_fields() -> Mapping[str, Any]:
    """Return what was typed for the portal, by the names of `Portal`; {} before that. 1 SQL a minute."""
    global _kept
    if _kept is None or monotonic() - _kept[0] > CACHE_SECONDS:
        row = PortalProfile.objects.filter(pk=PortalProfile.ROW).values(*FIELDS).first()
        _kept = monotonic(), dict(row or {})
    return _kept[1]


def profile_forget() -> None:
    """Make the next page read the row."""
    global _kept
    _kept = None
