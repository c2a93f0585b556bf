"""Where the overview stands in the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.dashboards.permissions import Capability
from governance.web.navigation import NavItem, register

register(NavItem("overview", _("看板"), "dashboards:overview", Capability.VIEW, "chart", order=60))
