"""What may be done with the territory, and which built-in roles may do it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from governance.access.permissions import ROLES


class Capability(StrEnum):
    """Capabilities of the grid app."""

    VIEW_AREA = "grid.view_area"
    CHANGE_AREA = "grid.change_area"
    APPOINT_POSTS = "grid.appoint_posts"


TITLE = _("网格和地图")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW_AREA: (_("看地图"), _("在自己的范围内看街道、社区和网格的名称与边界")),
    Capability.CHANGE_AREA: (_("改区域"), _("新增、导入和修改街道、社区、网格的名称与边界")),
    Capability.APPOINT_POSTS: (
        _("任命网格岗位"),
        _("在自己的范围内任命网格长、网格员、楼栋长和指导员，延期、离任、安排代班；任命同时给授权，离任同时收回"),
    ),
}

BUILT_IN = {
    **{role: [Capability.VIEW_AREA] for role in ROLES},
    "administrator": list(Capability),
    "system_admin": [Capability.VIEW_AREA, Capability.CHANGE_AREA],
    "security_admin": [Capability.VIEW_AREA, Capability.APPOINT_POSTS],
    "supervisor": [Capability.VIEW_AREA, Capability.APPOINT_POSTS],
    "community_head": [Capability.VIEW_AREA, Capability.APPOINT_POSTS],
}
