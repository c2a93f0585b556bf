"""May this viewer do this? One question, one home; services `require`, views ask `can` to draw buttons."""

from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import Scope, Viewer
from governance.errors import Forbidden


class Scoped(Protocol):
    """A record that says where it lies."""

    def access_scope(self) -> Scope:
        """Area and organisations of this record."""
        ...


def can(viewer: Viewer, capability: str, obj: Scoped | Scope | None = None) -> bool:
    """Whether the viewer holds the capability, for this record if one is given (else: anywhere)."""
    if obj is None:
        return viewer.can(capability)
    return viewer.holds(capability, obj if isinstance(obj, Scope) else obj.access_scope())


def require(viewer: Viewer, capability: str, obj: Any) -> None:
    """Raise `Forbidden` unless the viewer holds the capability for this record."""
    if not can(viewer, capability, obj):
        raise Forbidden("forbidden", _("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))


def can_everywhere(viewer: Viewer, capability: str) -> bool:
    """Whether the viewer holds the capability for the whole territory; anywhere, while there is no territory yet."""
    roots = [code for code, _name in areas.children("")]
    return all(viewer.holds(capability, Scope(code)) for code in roots) if roots else viewer.can(capability)


def require_everywhere(viewer: Viewer, capability: str) -> None:
    """Raise `Forbidden` unless the viewer holds the capability for the whole territory: it changes what all may do."""
    if not can_everywhere(viewer, capability):
        raise Forbidden("forbidden", _("这件事管到全区，要由全区的管理员办理。"))
