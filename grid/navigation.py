"""Entries of the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.web.navigation import NavItem, register
from grid.checking import checks_waiting
from grid.permissions import Capability

register(NavItem("posts", _("网格岗位"), "grid:posts", Capability.VIEW_AREA, "users", 41, begins=lambda _viewer: False))
register(NavItem("map", _("地图"), "grid:map", Capability.VIEW_AREA, "map", 40, begins=lambda _viewer: False))
register(NavItem("inventory", _("部件"), "grid:components", Capability.VIEW_COMPONENT, "pin", 42))
register(NavItem("codes", _("部件和事项代码"), "grid:codes", Capability.EDIT_CODES, "list", 73))
register(NavItem("checks", _("现场核实"), "grid:checks", Capability.CHECK_ON_SITE, "check", 16, count=checks_waiting))
