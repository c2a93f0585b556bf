"""What may be done with organisations."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Capabilities of the organisations app."""

    EDIT_ORGANISATION = "organisations.edit_organisation"


TITLE = _("单位")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.EDIT_ORGANISATION: (_("改单位"), _("登记单位、改单位的名称、电话和办公时间")),
}

BUILT_IN = {role: [Capability.EDIT_ORGANISATION] for role in ("administrator", "system_admin")}
