"""Rows of request intake that hold the code of an area, and how they follow when codes change.

A request has its present area: figures and the lists behind them are the same rows (ADR 0013). Its code at filing
stands in the trail, which nobody rewrites; bulletins keep the figures of their day.
"""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.impact.registry import AreaUse, register
from requests_intake.permissions import Capability
from requests_intake.services.recoding import follows_join, upstream_words_move

register(
    AreaUse(
        "requests_intake.ServiceRequest",
        _("诉求"),
        point=("lng", "lat"),
        open=Q(closed_at__isnull=True),
        capability=Capability.VIEW_REQUEST,
        url=lambda code: f"{reverse('intake:queue')}?view=all&area={code}",
    )
)
register(AreaUse("requests_intake.WorkOrder", _("工单"), follows="request__area_code"))
register(AreaUse("requests_intake.Dispute", _("异议"), follows="order__request__area_code"))
register(AreaUse("requests_intake.Exclusion", _("剔除申请"), follows="request__area_code"))
register(AreaUse("requests_intake.Intervention", _("督办和批示"), follows="request__area_code"))
register(AreaUse("requests_intake.RiskAlert", _("警报"), follows="request__area_code"))
register(AreaUse("requests_intake.Publication", _("公开的诉求"), follows="request__area_code"))
register(AreaUse("requests_intake.Objection", _("考核异议"), follows="item__request__area_code"))
register(AreaUse("requests_intake.DutyShift", _("值班安排"), rows=lambda at: Q(ends_at__gt=at), open=Q()))
register(AreaUse("requests_intake.ServiceWindow", _("办事窗口"), open=Q(is_active=True)))
register(AreaUse("requests_intake.DispatchRule", _("派单规则"), field="area_prefix", open=Q(is_active=True)))
register(AreaUse("requests_intake.ProfileArea", _("社区类型")))
register(
    AreaUse(
        "requests_intake.Follow",
        _("居民的关注"),
        rows=lambda at: Q(ended_at__isnull=True, publication__isnull=True),
        clash=follows_join,
    )
)
register(AreaUse("requests_intake.UpstreamSource", _("上级来源")))
register(AreaUse("requests_intake.UpstreamSource", _("上级来源的区域对照"), field="values", recode=upstream_words_move))
register(AreaUse("requests_intake.UpstreamBatch", _("导入的批次")))
