"""Where breach cases and impact assessments stand in the staff rail."""

from django.db.models import Count as QueryCount
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.protection.models import BreachCase, ImpactAssessment, PersonRequest
from governance.protection.permissions import Capability
from governance.protection.person_requests.models import RUNS
from governance.web.navigation import Count, NavItem, register


def _open(_viewer: Viewer) -> Count:
    return Count(BreachCase.objects.filter(closed_at=None).count())


def _waiting(viewer: Viewer) -> Count:
    """Those that somebody else filed and this viewer could decide."""
    return Count(ImpactAssessment.objects.filter(decided_at=None).exclude(filed_by=viewer.user_id).count())


def _to_answer(viewer: Viewer) -> Count:
    """Running ones: all for those who handle them, their own for those who take them down."""
    found = PersonRequest.objects.visible_to(viewer).filter(RUNS)
    counts = found.aggregate(total=QueryCount("pk"), late=QueryCount("pk", filter=Q(due_at__lte=timezone.now())))
    return Count(counts["total"], counts["late"])


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
    NavItem(
        "person-requests",
        _("个人信息请求"),
        "protection:person-requests",
        Capability.HANDLE_PERSON_REQUESTS,
        "user",
        78,
        count=_to_answer,
        begins=lambda viewer: viewer.can(Capability.HANDLE_PERSON_REQUESTS),
        also=Capability.TAKE_PERSON_REQUESTS,
    ),
)
