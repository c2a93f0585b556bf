"""For what somebody may look at a person in the clear: codes of the access log, and their words."""

from django.utils.translation import gettext_lazy as _

OTHER = "registry_other"
PURPOSES = {
    "registry_check": _("核对登记"),
    "registry_contact": _("联系本人办事"),
    "registry_urgent": _("紧急情况找人"),
    "registry_asked": _("本人要求看自己的登记"),
    OTHER: _("别的用途，下面写明"),
}
