"""Entry of the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.web.navigation import NavItem, register
from grid.permissions import Capability

register(NavItem("posts", _("网格岗位"), "grid:posts", Capability.VIEW_AREA, "users", 41, begins=lambda _viewer: False))
register(NavItem("map", _("地图"), "grid:map", Capability.VIEW_AREA, "map", 40, begins=lambda _viewer: False))
