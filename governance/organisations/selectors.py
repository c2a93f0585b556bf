"""Reads of organisations. Their names, telephones and hours are public: offices want to be found."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from governance.organisations.models import Organisation


def organisations_within(prefixes: Sequence[str]) -> "QuerySet[Organisation]":
    """Active organisations that serve an area inside one of the prefixes, in the order of their codes."""
    if not prefixes:
        return Organisation.objects.none()
    return Organisation.objects.filter(
        reduce(or_, (Q(area_code__startswith=prefix) for prefix in prefixes)), is_active=True
    )


def organisations_by_pk(pks: Iterable[int]) -> dict[int, Organisation]:
    """Return the organisations with these keys, closed ones too: past records name them. 1 SQL."""
    return Organisation.objects.in_bulk(list(pks))


def organisations_by_name() -> dict[str, Organisation | None]:
    """Active organisations by name and short name; None for a short name that several have."""
    rows = list(Organisation.objects.filter(is_active=True))
    found: dict[str, Organisation | None] = {}
    for row in rows:
        found[row.short_name] = None if row.short_name in found else row
    return found | {row.name: row for row in rows}
