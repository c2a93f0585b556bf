"""What this app keeps has no person in it."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Processing

TITLE = _("看板")

PERSONAL: tuple[Processing, ...] = ()

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "dashboards.Export": "area period sheets",
}
