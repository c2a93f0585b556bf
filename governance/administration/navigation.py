"""Where the access pages stand in the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.access.permissions import Capability
from governance.web.navigation import NavItem, register
from governance.worktime.permissions import Capability as Worktime

register(
    NavItem("grants", _("人员与授权"), "access:grants", Capability.VIEW_GRANT, "key", 70),
    NavItem("roles", _("角色能做什么"), "access:matrix", Capability.VIEW_MATRIX, "users", 75),
    NavItem("explain", _("为什么能看"), "access:explain", Capability.EXPLAIN, "eye", 76),
    NavItem("tokens", _("接口令牌"), "access:tokens", Capability.ISSUE_TOKEN, "key", 78),
    NavItem("calendar", _("工作日历"), "access:calendar", Worktime.EDIT_CALENDAR, "calendar", 64),
)
