"""What may be done with the registry; for now only its standard addresses, which name no person."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Capabilities of the population app."""

    CHANGE_ADDRESS = "population.change_address"


TITLE = _("人房登记")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.CHANGE_ADDRESS: (_("改标准地址"), _("导入和修改小区、楼栋的标准地址和位置")),
}

BUILT_IN = {role: [Capability.CHANGE_ADDRESS] for role in ("administrator", "system_admin")}
