"""Entries of the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.web.navigation import Count, NavItem, register
from population.permissions import Capability
from population.selectors.own import corrections_waiting


def _to_answer(viewer: Viewer) -> Count:
    """Corrections that wait for an answer, at most 100 of them counted."""
    return Count(corrections_waiting(viewer))


register(
    NavItem(
        "corrections",
        _("居民提的更正"),
        "population:corrections",
        Capability.DECIDE_CORRECTION,
        "pencil",
        34,
        count=_to_answer,
        begins=lambda _viewer: False,
    )
)
register(
    NavItem(
        "bindings",
        _("住房绑定"),
        "population:bindings",
        Capability.BIND_DWELLING,
        "link",
        35,
        begins=lambda _viewer: False,
    )
)
register(
    NavItem(
        "registry",
        _("人房登记"),
        "population:registry",
        Capability.VIEW_REGISTRY,
        "home",
        38,
        begins=lambda _viewer: False,
        also=Capability.VIEW_ENTITY,
    )
)
