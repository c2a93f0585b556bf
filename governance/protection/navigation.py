"""Where breach cases stand in the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.protection.models import BreachCase
from governance.protection.permissions import Capability
from governance.web.navigation import Count, NavItem, register


def _open(_viewer: Viewer) -> Count:
    return Count(BreachCase.objects.filter(closed_at=None).count())


register(
    NavItem("breaches", _("泄露事件"), "protection:breaches", Capability.KEEP_BREACHES, "lock", 79, count=_open),
)
