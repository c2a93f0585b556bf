"""Records that may be of the same person, with the reasons: found by what both say, never decided by a machine."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from population.check_digits import from_fifteen
from population.models import Person
from population.naming import NAMED

CANDIDATES_MOST = 20
REASONS: dict[str, str | Promise] = {
    "number": _("证件号码一样（一条是 15 位的旧号码）"),
    "birth": _("姓名和出生日期一样"),
    "phone": _("姓名和电话一样"),
    "home": _("姓名一样，登记在同一户室"),
    "born_phone": _("出生日期和电话一样，姓名不同"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another record, and why it may be of the same person: codes of `REASONS`."""

    person: Person
    reasons: list[str]

    @property
    def words(self) -> list[str | Promise]:
        """The reasons in words."""
        return [REASONS[code] for code in self.reasons]


def candidates_of(person: Person, viewer: Viewer) -> list[Candidate]:
    """Records that the viewer may see and that may be this person's, the strongest first. 1 SQL."""
    index: Any = Person._meta.get_field
    alike = Q(name_index__in=index("name_index").digests(str(person.name)))
    if person.phone:
        alike |= Q(phone_index__in=index("phone_index").digests(str(person.phone)), birth_year=person.birth_year)
    numbers = [number for number in _spellings(str(person.document_number or "")) if number]
    if numbers:
        alike |= Q(document_index__in=[one for number in numbers for one in index("document_index").digests(number)])
    rows = Person.objects.visible_to(viewer).filter(alike, merged_into__isnull=True).exclude(pk=person.pk)
    rows = rows.select_related("confirmed_by", *(f"home__{name}" for name in NAMED)).order_by("pk")[:500]
    found = [Candidate(row, reasons) for row in rows if (reasons := reasons_for(person, row))]
    return sorted(found, key=lambda one: min(list(REASONS).index(code) for code in one.reasons))[:CANDIDATES_MOST]


def reasons_for(one: Person, other: Person) -> list[str]:
    """Why two records may be of the same person, as codes of `REASONS`. No SQL."""
    same_name = _plain(one.name) == _plain(other.name)
    same_birth = one.birth_date is not None and one.birth_date == other.birth_date
    same_phone = bool(one.phone) and one.phone == other.phone
    numbers = _spellings(str(one.document_number or ""))
    told = {
        "number": bool(one.document_number and other.document_number) and str(other.document_number) in numbers,
        "birth": same_name and same_birth,
        "phone": same_name and same_phone,
        "home": same_name and one.home_id == other.home_id,
        "born_phone": not same_name and same_birth and same_phone,
    }
    return [code for code in REASONS if told[code]]


def _spellings(number: str) -> set[str]:
    """A number of 15 digits as it is written with 18, and the other way round."""
    if len(number) == 15 and number.isdigit():
        return {number, from_fifteen(number)}
    if len(number) == 18 and number[6:8] == "19":
        return {number, number[:6] + number[8:17]}
    return {number}


def _plain(name: Any) -> str:
    return "".join(str(name).split()).casefold()
