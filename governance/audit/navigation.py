"""Where the audit pages stand in the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.audit.models import Finding
from governance.audit.permissions import Capability
from governance.web.navigation import Count, NavItem, register


def _open(_viewer: Viewer) -> Count:
    return Count(Finding.objects.filter(closed_at=None).count())


register(
    NavItem("audit", _("审计"), "audit:trail", Capability.READ_TRAIL, "list", 77),
    NavItem(
        "findings", _("异常提醒"), "audit:findings", Capability.WATCH, "warn", 78, _open, also=Capability.READ_TRAIL
    ),
)
