"""What a resident's account is bound to: their homes. Nothing of anybody else comes out of here."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from governance.access.viewer import Viewer
from governance.privacy.masks import mask_name, mask_phone
from population.models import Dwelling
from population.models.bindings import BindingCode, DwellingBinding
from population.naming import dwelling_name

_PLACE = ("dwelling__entrance", "dwelling__building__address")
_UNREAD = ("person__birth_date", "person__document_number", "person__phone")  # lists show the masked name only
MOST = 10  # homes of one account


@dataclass(frozen=True, slots=True)
class Home:
    """A dwelling somebody lives or is registered in. `key` names it in forms; the address goes down to the door."""

    key: str
    address: str
    area_code: str


def my_bindings(viewer: Viewer) -> list[DwellingBinding]:
    """Return the bindings of the viewer's own account that hold today, with person and place. 1 SQL."""
    if viewer.kind != "resident":
        return []
    rows = DwellingBinding.objects.holding(timezone.localdate(viewer.at)).filter(user=viewer.user_id)
    return list(rows.select_related("person", *_PLACE).order_by("begun_at", "pk")[:MOST])


def homes_of(viewer: Viewer) -> list[Home]:
    """Return the homes that a signed-in resident is bound to, the first one bound first; [] for others. 1 SQL."""
    return [
        Home(str(one.dwelling.public_id), dwelling_name(one.dwelling), one.dwelling.area_code)
        for one in my_bindings(viewer)
    ]


def known_contact(viewer: Viewer) -> tuple[str, str] | None:
    """Return the name and telephone that the registry has of a bound resident, masked; None for others. 1 SQL."""
    found = my_bindings(viewer)
    if not found:
        return None
    person = found[0].person
    return mask_name(str(person.name)), mask_phone(str(person.phone)) if person.phone else ""


def bindings_listed(viewer: Viewer, *, ended: bool = False) -> "QuerySet[DwellingBinding]":
    """Bindings of the viewer's areas by "-begun_at", "-id", with person and place."""
    rows = DwellingBinding.objects.visible_to(viewer).filter(ended_at__isnull=not ended)
    return rows.select_related("person", *_PLACE).defer(*_UNREAD)


def codes_listed(viewer: Viewer) -> "QuerySet[BindingCode]":
    """Codes of the viewer's areas that nobody used or revoked, by "-issued_at", "-id"; some may be too old."""
    rows = BindingCode.objects.visible_to(viewer).waiting()
    return rows.select_related("person", "issued_by", *_PLACE).defer(*_UNREAD)


def dwellings_to_bind(person: Any, viewer: Viewer) -> list[Dwelling]:
    """Return where a person lives or is registered today, the place they live in first. 1 SQL."""
    stays = person.residencies.on(timezone.localdate(viewer.at))
    rows = stays.select_related(*_PLACE).order_by("-is_main", "pk")
    return list({stay.dwelling_id: stay.dwelling for stay in rows}.values())
