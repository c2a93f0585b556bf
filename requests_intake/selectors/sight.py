"""What a viewer may see of a request: whoever is complained about never learns who complained (济南 §32).

The one place that says so: pages, lists, search, files and services ask here.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from governance.access.viewer import Viewer
from governance.text import mask_personal_data
from requests_intake.models import ServiceRequest


def offices_of(viewer: Viewer) -> frozenset[int]:
    """Organisations that this person belongs to or acts for."""
    held = {grant.organisation_id for grant in viewer.grants}
    own = viewer.user.organisation_id if viewer.kind == "staff" and viewer.user is not None else None
    return frozenset(pk for pk in {*held, own} if pk is not None)


def is_shielded(request: ServiceRequest, viewer: Viewer) -> bool:
    """Whether the viewer belongs to the party that this request complains about."""
    return request.complained_organisation_id is not None and request.complained_organisation_id in offices_of(viewer)


def unshielded(viewer: Viewer, request_field: str = "") -> Q:
    """Condition "not about the viewer's own office", for reads that could give away who complained. No SQL."""
    name = f"{request_field}__" if request_field else ""
    offices = sorted(offices_of(viewer))
    if not offices:
        return Q()
    return Q(**{f"{name}complained_organisation__isnull": True}) | ~Q(**{f"{name}complained_organisation__in": offices})


def covered(request: ServiceRequest, viewer: Viewer) -> ServiceRequest:
    """Return the request as this viewer may read it: for the party complained about without contact, words masked.

    What the desk was told to read first is about the person ("alone at home"), and is left out.

    Changes the object in hand, which is for showing; services read and lock rows of their own.
    """
    if is_shielded(request, viewer):
        for name in {"title", "body", "address"} - request.get_deferred_fields():
            setattr(request, name, mask_personal_data(getattr(request, name)))
        if "urgent_remark" not in request.get_deferred_fields():
            request.urgent_remark = ""
        request._state.fields_cache["contact"] = None
        request._state.fields_cache["concerned"] = None
    return request


def covered_all(requests: Iterable[Any], viewer: Viewer) -> None:
    """Cover each of these requests where this viewer may not read it in full."""
    for request in requests:
        covered(request, viewer)
