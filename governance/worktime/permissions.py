"""What may be done with the working calendar. Who holds it is in `governance.access`, which stands above."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Capabilities of the working calendar."""

    EDIT_CALENDAR = "worktime.edit_calendar"


TITLE = _("工作日历")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.EDIT_CALENDAR: (_("改工作日历"), _("填写一年的放假和调休，改某一天上不上班；已经作出的承诺不变")),
}

BUILT_IN = {role: [Capability.EDIT_CALENDAR] for role in ("operations_admin", "system_admin")}
