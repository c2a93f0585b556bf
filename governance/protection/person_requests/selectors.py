"""Reads of requests of the persons concerned."""

from typing import Any

from governance.access.viewer import Viewer
from governance.protection.person_requests.models import RUNS, PersonRequest, PersonRequestPolicy, State


def working_days() -> int:
    """Return within how many working days a request that comes now is answered. 1 SQL."""
    found = PersonRequestPolicy.objects.filter(pk=PersonRequestPolicy.ROW).values_list("working_days", flat=True)
    return found.first() or PersonRequestPolicy().working_days


def requests_for(viewer: Viewer, *, only_done: bool) -> Any:
    """Return what this viewer handles or took down, still running or over, as a queryset with its people. 1 SQL."""
    rows = PersonRequest.objects.visible_to(viewer).select_related("person", "taken_by")
    return rows.filter(state=State.DONE) if only_done else rows.filter(RUNS)
