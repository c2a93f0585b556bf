"""Reads of requests of the persons concerned."""

from datetime import datetime
from typing import Any

from governance.access.viewer import Viewer
from governance.privacy.models import AccessLog
from governance.protection.person_requests.models import RUNS, PersonRequest, PersonRequestPolicy, State
from governance.protection.person_requests.services import READ
from governance.refs import ref_of

LOOKS_SHOWN = 20


def working_days() -> int:
    """Return within how many working days a request that comes now is answered. 1 SQL."""
    found = PersonRequestPolicy.objects.filter(pk=PersonRequestPolicy.ROW).values_list("working_days", flat=True)
    return found.first() or PersonRequestPolicy().working_days


def looks_at(request: PersonRequest) -> list[tuple[datetime, str]]:
    """Return when which office read a request, the latest first: offices are named, never the colleague. 1 SQL."""
    rows = AccessLog.objects.filter(subject_ref=ref_of(request), purpose=READ).select_related("user__organisation")
    found = rows.order_by("-at", "-pk")[:LOOKS_SHOWN]
    return [(row.at, row.user.organisation.label) for row in found if row.user and row.user.organisation]


def requests_for(viewer: Viewer, *, only_done: bool) -> Any:
    """Return what this viewer handles or took down, still running or over, as a queryset with its people. 1 SQL."""
    rows = PersonRequest.objects.visible_to(viewer).select_related("person", "taken_by")
    return rows.filter(state=State.DONE) if only_done else rows.filter(RUNS)
