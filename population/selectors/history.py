"""The past of the registry's records: what was changed, and how a record and its residents were on a day.

A record as of a moment is today's row with the revisions since then read backwards. Values are masked as on the cards,
unless they were revealed.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.privacy.masks import mask_id_number, mask_name, mask_phone
from population.models import Dwelling, Household, Person, Residency, Revision

CHANGES_MOST = 50
Row = TypeVar("Row", bound=models.Model)


def _year(value: str) -> str:
    return f"{value[:4]}-**-**"


# what is told of each kind of record, in the order of its card
TOLD: Mapping[str, tuple[str, ...]] = {
    "dwelling": ("floor", "door", "use", "occupancy", "dispute", "area_m2", "ended_on"),
    "household": ("kind", "number", "formed_on", "ended_on"),
    "person": ("name", "sex", "birth_date", "document_kind", "document_number", "phone", "died_on"),
    "legalentity": (
        "name", "name_en", "kind", "credit_code", "trade", "staff", "representative", "phone", "opened_on", "closed_on",
    ),
    "undergroundspace": (
        "label", "kind", "use", "level", "area_m2", "keeper_name", "keeper_phone", "inspected_on", "inspect_due",
        "ended_on",
    ),
}  # fmt: skip
_MASKS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("person", "name"): mask_name,
    ("person", "birth_date"): _year,
    ("person", "document_number"): mask_id_number,
    ("person", "phone"): mask_phone,
    ("household", "number"): mask_id_number,
    ("legalentity", "representative"): mask_name,
    ("legalentity", "phone"): mask_phone,
    ("undergroundspace", "keeper_name"): mask_name,
    ("undergroundspace", "keeper_phone"): mask_phone,
}


@dataclass(frozen=True, slots=True)
class Value:
    """A field by its label, and its value in words; "" for none."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, by whom (None: a resident, or nobody), from what source, and what the fields were before."""

    at: datetime
    who: str
    how: str
    before: list[Value]


def changes_of(row: models.Model, *, in_the_clear: bool = False) -> list[Change]:
    """The changes of a record, the last first, at most 50. 1 SQL."""
    kind = str(row._meta.model_name)
    revisions = Revision.objects.filter(kind=kind, record_id=row.pk).select_related("by").order_by("-at", "-id")
    found = []
    for one in revisions[:CHANGES_MOST]:
        told = [name for name in TOLD[kind] if name in one.before]
        before = [value_of(row, name, one.before[name], in_the_clear=in_the_clear) for name in told]
        if before:
            found.append(Change(one.at, _who(one), str(one.get_source_display()), before))
    return found


def as_of(row: Row, day: date) -> Row | None:
    """A copy of the record as it was at the end of a day; None where it was not registered yet. Not to be saved. 1 SQL.

    Reads fields of the record itself; who lived there is read from the periods (`residents_on`).
    """
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone())
    began: datetime | None = getattr(row, "collected_at", None)
    if began is not None and began >= end:
        return None
    then = copy(row)
    since = Revision.objects.filter(kind=str(row._meta.model_name), record_id=row.pk, at__gte=end)
    for one in since.order_by("-at", "-id"):
        for name, value in one.before.items():
            setattr(then, name, _python(row, name, value))
    return then


def values_of(row: models.Model) -> list[Value]:
    """What a record says, field by field, masked; without those that are empty."""
    kind = str(row._meta.model_name)
    told = (value_of(row, name, getattr(row, name)) for name in TOLD[kind])
    return [one for one in told if one.text]


def residents_on(dwelling: Dwelling, day: date) -> list[Residency]:
    """Who was in the dwelling on a day, by household, the head first. 1 SQL."""
    rows = Residency.objects.filter(dwelling=dwelling).on(day).select_related("person", "household")
    return list(rows.order_by("household_id", "relation", "pk"))


def members_on(household: Household, day: date) -> list[Residency]:
    """Who was in the household on a day, the head first. 1 SQL."""
    rows = Residency.objects.filter(household=household).on(day).select_related("person", "household")
    return list(rows.order_by("relation", "pk"))


def stays_on(person: Person, day: date) -> list[Residency]:
    """Where a person was on a day. 1 SQL."""
    rows = Residency.objects.filter(person=person).on(day)
    return list(rows.select_related("person", "household", "dwelling__building__address", "dwelling__entrance"))


def value_of(row: models.Model, name: str, value: Any, *, in_the_clear: bool = False) -> Value:
    """A field and a value of it in words, masked unless it was revealed."""
    field: Any = row._meta.get_field(name)
    label = str(field.verbose_name)
    if value in (None, ""):
        return Value(label, "")
    value = _python(row, name, value)
    mask = _MASKS.get((str(row._meta.model_name), name))
    if mask is not None and not in_the_clear:
        return Value(label, mask(str(value)))
    if field.choices:
        return Value(label, str(dict(field.flatchoices).get(value, value)))
    if isinstance(value, date):
        return Value(label, value.isoformat()[:10])
    return Value(label, str(value))


def _python(row: models.Model, name: str, value: Any) -> Any:
    """A value of a revision as the model has it: dates and numbers were written as text."""
    field: Any = row._meta.get_field(name)
    return value if value is None else (field.target_field if field.is_relation else field).to_python(value)


def _who(revision: Revision) -> str:
    user = revision.by
    if user is None:
        return ""
    return _("本人") if user.kind == "resident" else str(user.display_name)
