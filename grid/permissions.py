"""What may be done with the territory, and which built-in roles may do it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from governance.access.permissions import ROLES


class Capability(StrEnum):
    """Capabilities of the grid app."""

    VIEW_AREA = "grid.view_area"
    CHANGE_AREA = "grid.change_area"


TITLE = _("网格和地图")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW_AREA: (_("看地图"), _("在自己的范围内看街道、社区和网格的名称与边界")),
    Capability.CHANGE_AREA: (_("改区域"), _("新增、导入和修改街道、社区、网格的名称与边界")),
}

BUILT_IN = {
    **{role: [Capability.VIEW_AREA] for role in ROLES},
    "administrator": [Capability.VIEW_AREA, Capability.CHANGE_AREA],
    "system_admin": [Capability.VIEW_AREA, Capability.CHANGE_AREA],
}
