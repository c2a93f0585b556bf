"""Writing standard addresses."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from grid.models.area import shared_area
from grid.selectors import grids_at
from population.events import ADDRESSES_LOADED
from population.models import StandardAddress
from population.normalising import normalise
from population.permissions import Capability

WRITTEN = ("estate", "building", "aliases", "area_code", "lng", "lat", "search_text")


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address as it arrives. Degrees WGS-84; without `area_code` the grid is found from the position.

    Without a position `area_code` says where it is: a grid, or a community while its grids are not drawn.
    """

    estate: str
    building: str
    lng: float | None = None
    lat: float | None = None
    area_code: str = ""
    aliases: Sequence[str] = ()
    text: str = ""  # default: estate and building

    @property
    def full_text(self) -> str:
        """The address as people read it."""
        return (self.text or f"{self.estate} {self.building}").strip()


def addresses_load(*, drafts: Iterable[AddressDraft], actor: Viewer, at: datetime) -> int:
    """Create or update addresses by their text, all or none; returns how many. SQL does not grow per address.

    Raises `DomainError` naming the address: in no grid, too long, twice in the load; `Forbidden` where the actor may
    not change addresses.
    """
    rows = _rows(list(drafts))
    for code in {row.area_code for row in rows}:
        require(actor, Capability.CHANGE_ADDRESS, Scope(code))
    if not rows:
        return 0
    with constraint_errors(), transaction.atomic():
        StandardAddress.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["text"], update_fields=WRITTEN, batch_size=1000
        )
        publish(
            ADDRESSES_LOADED,
            subject=ref_of(rows[0]),
            actor=actor,
            area_code=shared_area(row.area_code for row in rows),
            payload={"count": len(rows)},
            at=at,
        )
    return len(rows)


def _rows(drafts: Sequence[AddressDraft]) -> list[StandardAddress]:
    # a missing number is in no grid
    lng = [math.nan if draft.lng is None else draft.lng for draft in drafts]
    lat = [math.nan if draft.lat is None else draft.lat for draft in drafts]
    found: Iterable[str | None] = grids_at(lng, lat) if drafts else []
    rows: dict[str, StandardAddress] = {}
    for draft, code in zip(drafts, found, strict=True):
        text = draft.full_text
        if text in rows:
            raise DomainError("address_twice", _("%(address)s在这一批里有两次") % {"address": text}, field="text")
        row = StandardAddress(
            text=text,
            estate=draft.estate.strip(),
            building=draft.building.strip(),
            aliases=list(draft.aliases),
            area_code=draft.area_code or code or "",
            lng=draft.lng,
            lat=draft.lat,
            search_text=" ".join(normalise(part) for part in (text, *draft.aliases)),
        )
        if not row.area_code:
            message = _("%(address)s的位置不在任何网格里，请检查经纬度") % {"address": text}
            raise DomainError("address_outside", message, field="lng")
        try:
            row.clean_fields(exclude=["id"])
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            message = _("%(address)s：%(fault)s") % {"address": text, "fault": messages[0]}
            raise DomainError(f"address_{field}_invalid", message, field) from error
        rows[text] = row
    return list(rows.values())
