"""Who looked at somebody's contact details: from the log of reading, told to the person concerned (PIPL art. 44, 45).

Offices are named, never the colleague: the office answers for its people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.privacy.models import AccessLog
from requests_intake.models import ConcernedPerson, RequesterContact, ServiceRequest

ACCOUNT_REQUESTS = 200  # of an account, the newest: what is older keeps its own page

# Codes that services and forms write; words typed by hand stand as they were typed.
PURPOSES: dict[str, str | Promise] = {
    "contact": _("联系您核实情况"),
    "visit": _("约上门时间"),
    "callback": _("回访"),
    "external_link": _("外单位办理，派单单位同意的"),
}
FIELDS: dict[str, str | Promise] = {"name": _("称呼"), "phone": _("电话"), "email": _("邮箱")}


@dataclass(frozen=True, slots=True)
class Look:
    """One look: by which office, at what, why. `request` is the matter it belongs to."""

    at: datetime
    office: str
    fields: Sequence[str | Promise]
    purpose: str | Promise
    request: ServiceRequest | None


def looks_at(requests: Sequence[ServiceRequest]) -> "QuerySet[AccessLog]":
    """Return the log rows of these requests' contact details, unordered, with reader and office. 3 SQL, one for use."""
    pks = [request.pk for request in requests]
    refs = []
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
            fields=[FIELDS[name] for name in ("name", "phone", "email") if name in row.fields],
            purpose=PURPOSES.get(row.purpose, row.purpose),
            request=matters.get(row.subject_ref),
        )
        for row in rows
    ]


def _matters(rows: Sequence[AccessLog], requests: dict[int, ServiceRequest]) -> dict[str, ServiceRequest]:
    found: dict[str, ServiceRequest] = {}
    for model in (RequesterContact, ConcernedPerson):
        label = model._meta.label_lower
        pks = [row.subject_ref.partition(":")[2] for row in rows if row.subject_ref.startswith(f"{label}:")]
        owners: Any = model.objects.filter(pk__in=pks).values_list("pk", "request_id") if pks else []
        found |= {f"{label}:{pk}": requests[request] for pk, request in owners if request in requests}
    return found
