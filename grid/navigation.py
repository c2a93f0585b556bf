"""Entries of the staff rail."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.web.navigation import Count, NavItem, register
from grid.checking import checks_waiting
from grid.permissions import Capability
from grid.task_lists import applications_waiting, tasks_late_for, tasks_open_for

register(NavItem("posts", _("网格岗位"), "grid:posts", Capability.VIEW_AREA, "users", 41, begins=lambda _viewer: False))
register(NavItem("map", _("地图"), "grid:map", Capability.VIEW_AREA, "map", 40, begins=lambda _viewer: False))
register(NavItem("inventory", _("部件"), "grid:components", Capability.VIEW_COMPONENT, "pin", 42))
# a day of somebody who walks begins here; of those who plan, at what waits for them
register(
    NavItem(
        "patrol",
        _("我的巡查"),
        "grid:patrol",
        Capability.REPORT_FINDING,
        "walk",
        9,
        begins=lambda viewer: not viewer.can(Capability.PLAN_PATROL),
    )
)
register(
    NavItem("patrols", _("巡查"), "grid:patrols", Capability.VIEW_FINDING, "eye", 43, begins=lambda _viewer: False)
)
register(NavItem("codes", _("部件和事项代码"), "grid:codes", Capability.EDIT_CODES, "list", 73))
register(NavItem("checks", _("现场核实"), "grid:checks", Capability.CHECK_ON_SITE, "check", 16, count=checks_waiting))


def _to_do(viewer: Viewer) -> Count:
    """Tasks that are this viewer's own to do."""
    return Count(tasks_open_for(viewer), tasks_late_for(viewer, timezone.now()))


def _to_decide(viewer: Viewer) -> Count:
    """Applications that wait for this viewer."""
    return Count(applications_waiting(viewer))


register(NavItem("tasks", _("任务"), "grid:tasks", Capability.DO_TASK, "note", 36, count=_to_do))
register(NavItem("asks", _("下达的任务"), "grid:asks", Capability.ASK_TASK, "megaphone", 37, count=_to_decide))
register(
    NavItem("burden", _("社区负担"), "grid:burden", Capability.VIEW_BURDEN, "chart", 61, begins=lambda _viewer: False)
)
register(NavItem("duties", _("可以让社区做什么"), "grid:duty-items", Capability.EDIT_DUTIES, "list", 74))
