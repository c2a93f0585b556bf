"""What this app keeps has no person in it."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Processing

TITLE = _("标准地址")

PERSONAL: tuple[Processing, ...] = ()

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "population.StandardAddress": "text estate building aliases area_code search_text",
}
