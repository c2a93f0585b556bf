"""What concerns the whole district: catalogue, deadlines and dispatch rules are the same for everybody in it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from governance.access.checks import can, require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError
from governance.text import clean_text
from grid.district import district_code
from requests_intake.permissions import Capability


def require_office(actor: Viewer, capability: Capability) -> None:
    """Raise `Forbidden` unless the actor holds the capability for the whole district."""
    require(actor, capability, Scope(district_code()))


def may_in_office(viewer: Viewer, capability: Capability) -> bool:
    """Whether the viewer holds the capability for the whole district: draws buttons."""
    return can(viewer, capability, Scope(district_code()))


def checked_text(data: Mapping[str, str], field: str, limit: int, *, required: str | Promise = "") -> str:
    """Return one cleaned line of what was typed; raise `DomainError` on its field when too long, or missing."""
    text = clean_text(data.get(field, ""), multiline=False)
    if not text and required:
        raise DomainError(f"{field}_required", required, field=field)
    if len(text) > limit:
        raise DomainError(f"{field}_too_long", _("太长了，最多 %(limit)s 个字") % {"limit": limit}, field=field)
    return text
