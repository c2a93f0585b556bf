"""What the forms of a request may offer."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from governance.organisations.models import OUTSIDE_KINDS, Organisation
from requests_intake.models import ServiceRequest
from requests_intake.selectors.rules import matter_of
from requests_intake.services.submission import probable_organisation_id


def probable_for(request: ServiceRequest) -> int | None:
    """Return the organisation that the rules name for the request's category now, else the one named when it came."""
    found = probable_organisation_id(matter_of(request))
    return found or request.probable_organisation_id


def organisations_for(request: ServiceRequest) -> Any:
    """Return the organisations that may lead this request, the probable one first.

    Those whose area holds the request's place, or lies inside it where the place is only roughly known.
    """
    code = request.area_code
    around = [code[:end] for end in (6, 9, 12, 15) if end <= len(code)]
    return (
        Organisation.objects.filter(is_active=True)
        .filter(_covering(around, code))
        .annotate(
            likely=Case(
                When(pk=probable_for(request) or 0, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            )
        )
        .order_by("likely", "kind", "pk")
    )


def _covering(around: list[str], code: str) -> Any:
    return Q(area_code__in=around) | Q(area_code__startswith=code)


def organisations_about(area_code: str) -> Any:
    """Return the organisations that somebody in this place may complain about: all where the place is not known."""
    found = Organisation.objects.filter(is_active=True)
    if area_code:
        around = [area_code[:end] for end in (6, 9, 12, 15) if end <= len(area_code)]
        found = found.filter(_covering(around, area_code))
    return found.order_by("kind", "area_code", "pk")


def organisations_in_reach(prefixes: Iterable[str]) -> Any:
    """Return the organisations that serve any of these areas, or a part of one, by kind and name."""
    held = list(prefixes)
    if not held:
        return Organisation.objects.none()
    around = {code[:end] for code in held for end in (6, 9, 12, 15) if end <= len(code)}
    inside = reduce(or_, (Q(area_code__startswith=code) for code in held))
    found = Organisation.objects.filter(Q(area_code__in=around) | inside, is_active=True)
    return found.order_by("kind", "area_code", "pk")


def offices_within(prefixes: Iterable[str]) -> Any:
    """Return the offices that lie in any of these areas and work in the portal, by kind and name: for leaders there."""
    inside = [Q(area_code__startswith=code) for code in prefixes]
    if not inside:
        return Organisation.objects.none()
    found = Organisation.objects.filter(reduce(or_, inside), is_active=True).exclude(kind__in=OUTSIDE_KINDS)
    return found.order_by("kind", "area_code", "pk")
