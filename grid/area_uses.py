"""The grid's own rows with codes of areas, beside the areas themselves."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.impact.registry import AreaUse, register
from grid.models.tasks import TO_DO
from grid.permissions import Capability
from grid.services.area_sets import members_move

# Where two posts of which an area has one meet after a merge, the second keeps the code of the area that ended.
register(AreaUse("grid.Post", _("岗位"), rows=lambda at: Q(ends_at__isnull=True) | Q(ends_at__gt=at), open=Q()))
register(AreaUse("grid.AreaSet", _("片区"), rows=lambda at: Q(ends_on__isnull=True) | Q(ends_on__gt=at)))
register(AreaUse("grid.AreaSetMember", _("片区里的网格"), recode=members_move))
register(AreaUse("grid.PatrolRoute", _("巡查路线"), rows=lambda _at: Q(ended_at__isnull=True)))
register(AreaUse("grid.RoutePoint", _("巡查路线上的一处"), point=("lng", "lat")))
register(AreaUse("grid.Finding", _("巡查发现"), point=("lng", "lat")))
register(AreaUse("grid.Check", _("现场核实"), point=("lng", "lat"), open=Q(state="open")))
register(
    AreaUse(
        "grid.Component",
        _("部件"),
        point=("lng", "lat"),
        open=~Q(state="removed"),
        capability=Capability.VIEW_COMPONENT,
        url=lambda code: f"{reverse('grid:components')}?area={code}",
    )
)
# An ask of an area that ends goes on in the one that takes its place; who still has something to do is not forgotten.
register(AreaUse("grid.Task", _("下达的任务")))
register(
    AreaUse(
        "grid.Assignment",
        _("任务"),
        open=Q(state__in=TO_DO),
        capability=Capability.VIEW_TASK,
        url=lambda code: f"{reverse('grid:tasks')}?view=open&area={code}",
    )
)
register(AreaUse("grid.Application", _("准入申请"), follows="task__area_code"))
register(AreaUse("grid.Appraisal", _("考核登记")))
