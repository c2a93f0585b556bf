"""What counts as filed and as closed for a request: by its matter's standard here, else by its category."""

from dataclasses import dataclass

from requests_intake.models import CaseStandard, ServiceRequest


@dataclass(frozen=True, slots=True)
class Conditions:
    """The two conditions in words. `is_unconfirmed`: of a standard that nobody has compared with this city's own."""

    filing: str = ""
    closing: str = ""
    is_unconfirmed: bool = False


def conditions_of(request: ServiceRequest) -> Conditions:
    """Return the conditions. 1 SQL where the request has a matter, else none."""
    category = request.category
    filing, closing = (category.acceptance, category.closing) if category is not None else ("", "")
    row = CaseStandard.objects.filter(item=request.matter_id).first() if request.matter_id is not None else None
    if row is None:
        return Conditions(filing, closing)
    return Conditions(row.filing or filing, row.closing or closing, not row.is_confirmed)


def policy_key_of(item_id: int | None) -> str:
    """Return the set of time limits of a matter; "" where its category says it. 1 SQL, none without a matter."""
    if item_id is None:
        return ""
    return CaseStandard.objects.filter(item=item_id).values_list("policy_key", flat=True).first() or ""
