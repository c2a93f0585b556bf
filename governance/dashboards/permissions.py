"""Capabilities of the dashboards app."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Who may open the overview; each panel asks for a capability of its own app besides."""

    VIEW = "dashboards.view"
    EXPORT = "dashboards.export"


TITLE = _("总览")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW: (_("看总览"), _("打开总览页，看范围内的数字和地图")),
    Capability.EXPORT: (_("导出看板"), _("把看板上的数导出成 Excel；每次导出都有记录")),
}

BUILT_IN = {
    "supervisor": [Capability.VIEW, Capability.EXPORT],
    "district_viewer": [Capability.VIEW, Capability.EXPORT],
    "community_head": [Capability.VIEW],
    "dispatcher": [Capability.VIEW],
}
