"""Who speaks for a request: the holder of its tracking link, and the account that it belongs to."""

from typing import Any

from governance.access.viewer import Viewer
from governance.refs import ref_of
from requests_intake.models import ServiceRequest


def is_requester(viewer: Viewer, obj: Any) -> bool:
    """Whether this viewer is the requester of this request."""
    if not isinstance(obj, ServiceRequest):
        return False
    if viewer.kind == "resident":
        return obj.account_id is not None and obj.account_id == viewer.user_id
    return viewer.kind == "requester" and viewer.subject == ref_of(obj)
