"""Where the wizard stands in the staff rail, and what an empty portal says on its front page."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from governance.web.home import register_front
from governance.web.navigation import NavItem, register
from grid.permissions import Capability
from setup_wizard.selectors.beginning import has_district

register(NavItem("setup", _("开通设置"), "setup:overview", Capability.CHANGE_AREA, "gear", 90))


def _not_begun() -> str:
    """The page instead of the front page while there is no district. A demo is filled before it starts."""
    return "" if settings.LIREN_DEMO or has_district() else "setup_wizard/not_begun.html"


register_front(_not_begun)
