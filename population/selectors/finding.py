"""Whether somebody is in the registry already: asked before anybody is entered, so that people are collected once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from governance.access.viewer import Viewer
from governance.privacy.blind_index import phone_digits
from grid.selectors import area_path, community_organisation
from population.check_digits import plain
from population.dwelling_words import written
from population.models import Dwelling, Person
from population.selectors.addresses import address_search

CANDIDATES_MOST = 10


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is in the registry. `is_visible`: the viewer may open their card.

    `office`: whom to ask where they may not. `is_proved`: the name was given as it is registered, too, so whoever
    asks has the person, or their document, before them and may go on without seeing the record.
    """

    person: Person
    is_visible: bool
    office: str
    is_proved: bool


def known_by_number(number: str, viewer: Viewer, *, name: str = "") -> Known | None:
    """Whose document number this is, in the whole district. 2 SQL; 4 where the viewer may not see them."""
    if not plain(number):
        return None
    rows = Person.objects.filter(document_index__in=_digests("document", plain(number)), merged_into__isnull=True)
    person: Person | None = rows.select_related("home__building__address", "home__entrance").order_by("pk").first()
    return None if person is None else _known(person, viewer, name)


def known_by_name_and_phone(name: str, phone: str, viewer: Viewer) -> Sequence[Known]:
    """Living people with this name and this phone, at most 10; both have to be right. 1 SQL, and some for each."""
    if not name.strip() or not phone_digits(phone):
        return []
    rows: QuerySet[Person] = Person.objects.filter(
        name_index__in=_digests("name", name), phone_index__in=_digests("phone", phone_digits(phone)),
        merged_into__isnull=True, died_on__isnull=True,
    ).select_related("home__building__address", "home__entrance").order_by("pk")  # fmt: skip
    return [_known(person, viewer, name) for person in rows[:CANDIDATES_MOST]]


def office_of(area_code: str) -> str:
    """Who keeps the records of an area: the office of its community, else the area's name. At most 2 SQL."""
    office = community_organisation(area_code)
    return office.label if office is not None else area_path(area_code[:12])


def _known(person: Person, viewer: Viewer, name: str) -> Known:
    is_visible = Person.objects.visible_to(viewer).filter(pk=person.pk).exists()
    is_proved = bool(name.strip()) and person.name_index in _digests("name", name)
    return Known(person, is_visible, "" if is_visible else office_of(person.area_code), is_proved)


def _digests(name: str, value: str) -> Any:
    field: Any = Person._meta.get_field(f"{name}_index")
    return field.digests(value)


def dwellings_meant(text: str, viewer: Viewer) -> list[Dwelling]:
    """Dwellings that an address as people write it may mean ("槐安里7栋2-301"), within the viewer's area. 2 SQL."""
    meant = written(text)
    if not meant.door:
        return []
    buildings = [match.text for match in address_search(text)]
    rows: QuerySet[Dwelling] = Dwelling.objects.visible_to(viewer).filter(
        building__address__text__in=buildings, door=meant.door, ended_on__isnull=True
    )
    if meant.entrance:
        rows = rows.filter(entrance__name=meant.entrance)
    found = rows.select_related("building__address", "entrance").order_by("pk")[:CANDIDATES_MOST]
    number = meant.building_number
    return [one for one in found if written(one.building.address.text).building_number == number]
