"""Where breach cases and impact assessments stand in the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.protection.models import BreachCase, ImpactAssessment
from governance.protection.permissions import Capability
from governance.web.navigation import Count, NavItem, register


def _open(_viewer: Viewer) -> Count:
    return Count(BreachCase.objects.filter(closed_at=None).count())


def _waiting(viewer: Viewer) -> Count:
    """Those that somebody else filed and this viewer could decide."""
    return Count(ImpactAssessment.objects.filter(decided_at=None).exclude(filed_by=viewer.user_id).count())


register(
    NavItem("breaches", _("泄露事件"), "protection:breaches", Capability.KEEP_BREACHES, "lock", 79, count=_open),
    NavItem(
        "assessments",
        _("影响评估"),
        "protection:assessments",
        Capability.APPROVE_ASSESSMENTS,
        "shield",
        80,
        count=_waiting,
        also=Capability.FILE_ASSESSMENTS,
    ),
)
