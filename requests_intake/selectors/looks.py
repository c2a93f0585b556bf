"""Who looked at somebody's contact details, or at their record in the registry: told to them (PIPL art. 44, 45).

Offices are named, never the colleague: the office answers for its people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import code_text
from governance.privacy.models import AccessLog
from population.selectors.own import PERSON_WORDS
from requests_intake.models import ConcernedPerson, RequesterContact, ServiceRequest

ACCOUNT_REQUESTS = 200  # of an account, the newest: what is older keeps its own page

# Codes that services and forms write; words typed by hand stand as they were typed.
PURPOSES: dict[str, str | Promise] = {
    "contact": _("联系您核实情况"),
    "visit": _("约上门时间"),
    "callback": _("回访"),
    "external_link": _("外单位办理，派单单位同意的"),
}
RECORD = "population.person:"
FIELDS: dict[str, str | Promise] = {"name": _("称呼"), "phone": _("电话"), "email": _("邮箱")}


@dataclass(frozen=True, slots=True)
class Look:
    """One look: by which office, at what, why. `request` is the matter it belongs to, `is_record` one's own record."""

    at: datetime
    office: str
    fields: Sequence[str | Promise]
    purpose: str | Promise
    request: ServiceRequest | None
    is_record: bool = False


def looks_at(requests: Sequence[ServiceRequest], people: Sequence[str] = ()) -> "QuerySet[AccessLog]":
    """Return the log rows of these requests' contact details, unordered, with reader and office. 3 SQL, one for use.

    `people`: references of the registry's record of the person who asks.
    """
    pks = [request.pk for request in requests]
    refs = list(people)
    for model in (RequesterContact, ConcernedPerson):
        label = model._meta.label_lower
        refs += [f"{label}:{pk}" for pk in model.objects.filter(request__in=pks).values_list("pk", flat=True)]
    return AccessLog.objects.filter(subject_ref__in=refs).select_related("user__organisation")


def look_rows(rows: Sequence[AccessLog], requests: Sequence[ServiceRequest]) -> list[Look]:
    """Return log rows as they are told. 2 SQL."""
    matters = _matters(rows, {request.pk: request for request in requests})
    return [
        Look(
            at=row.at,
            office=row.user.organisation.label if row.user and row.user.organisation else "",
            fields=[words for name, words in _words_for(row).items() if name in row.fields],
            purpose=PURPOSES.get(row.purpose) or code_text(row.purpose),
            request=matters.get(row.subject_ref),
            is_record=row.subject_ref.startswith(RECORD),
        )
        for row in rows
    ]


def _words_for(row: AccessLog) -> dict[str, str | Promise]:
    return PERSON_WORDS if row.subject_ref.startswith(RECORD) else FIELDS


def _matters(rows: Sequence[AccessLog], requests: dict[int, ServiceRequest]) -> dict[str, ServiceRequest]:
    found: dict[str, ServiceRequest] = {}
    for model in (RequesterContact, ConcernedPerson):
        label = model._meta.label_lower
        pks = [row.subject_ref.partition(":")[2] for row in rows if row.subject_ref.startswith(f"{label}:")]
        owners: Any = model.objects.filter(pk__in=pks).values_list("pk", "request_id") if pks else []
        found |= {f"{label}:{pk}": requests[request] for pk, request in owners if request in requests}
    return found
