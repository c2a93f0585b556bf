"""What places of the registry are called on pages, and how people are shown to who only has to recognise them."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.privacy.masks import mask_id_number, mask_name, mask_phone
from population.models import Building, Dwelling, Person


def dwelling_name(dwelling: Dwelling) -> str:
    """槐安里7幢 1单元 301室. Reads the building's address and the entrance: fetch them before (`NAMED`)."""
    door = f"{dwelling.door}室" if dwelling.door[-1:].isdigit() else dwelling.door
    return " ".join(part for part in (building_name(dwelling.building), dwelling.entrance.name, door) if part)


def building_name(building: Building) -> str:
    """The text of its standard address."""
    return building.address.text


# what `dwelling_name` reads, for `select_related`
NAMED = ("building__address", "entrance")


def masked_name(person: Person) -> str:
    """周**."""
    return mask_name(str(person.name))


def masked_fields(person: Person, on: date) -> dict[str, Any]:
    """A person as they are shown unless somebody says why they need more: never the day of birth, only the year."""
    return {
        "name": masked_name(person),
        "document_number": mask_id_number(str(person.document_number)) if person.document_number else "",
        "phone": mask_phone(str(person.phone)) if person.phone else "",
        "age": age_words(person, on),
    }


def age_words(person: Person, on: date) -> str:
    """生于 1949 年，76 岁; without an age for somebody who died; "" where the year is not known."""
    if person.birth_year is None:
        return ""
    age = person.age(on)
    if person.died_on is not None or age is None:
        return _("生于 %(year)s 年") % {"year": person.birth_year}
    return _("生于 %(year)s 年，%(age)s 岁") % {"year": person.birth_year, "age": age}
