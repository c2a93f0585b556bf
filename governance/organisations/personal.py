"""What this app keeps has no person in it."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Processing

TITLE = _("单位")

PERSONAL: tuple[Processing, ...] = ()

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "organisations.Organisation": "name name_en short_name short_name_en area_code phone hours hours_en",
}
