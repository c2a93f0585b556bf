"""Who speaks for a request: the holder of its tracking link."""

from typing import Any

from governance.access.viewer import Viewer
from governance.refs import ref_of
from requests_intake.models import ServiceRequest


def is_requester(viewer: Viewer, obj: Any) -> bool:
    """Whether this viewer is the requester of this request."""
    return viewer.kind == "requester" and isinstance(obj, ServiceRequest) and viewer.subject == ref_of(obj)
