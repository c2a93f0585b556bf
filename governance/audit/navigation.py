"""Where the audit pages stand in the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.audit.permissions import Capability
from governance.web.navigation import NavItem, register

register(NavItem("audit", _("审计"), "audit:trail", Capability.READ_TRAIL, "list", 77))
