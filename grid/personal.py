"""What this app keeps has no person in it."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Processing

TITLE = _("区域和网格")

PERSONAL: tuple[Processing, ...] = ()

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "grid.Area": "code name name_en geometry",
    "grid.AreaChange": "reason codes code_map",
    "grid.AreaVersion": "code name name_en geometry",
    "grid.DutyItem": "code name name_en legal_basis note",
}
