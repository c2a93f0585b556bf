"""The kernel's own rows with codes of areas: its parts stand below this one and cannot register themselves."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.access.permissions import Capability
from governance.access.services.moving import grants_move
from governance.impact.registry import AreaUse, register
from governance.impact.succession import Succession, successors


def _move_grants(succession: Succession, at: datetime) -> int:
    if not succession.code_map:
        return 0
    return grants_move(
        prefixes=sorted({line.split(">")[0] for line in succession.code_map}),
        heirs=lambda code: successors(code, succession.code_map),
        at=at,
    )


register(AreaUse("organisations.Organisation", _("单位"), open=Q(is_active=True)))
register(
    AreaUse(
        "access.Grant",
        pgettext_lazy("records", "授权"),
        rows=lambda at: Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        open=Q(),
        recode=_move_grants,
        capability=Capability.VIEW_GRANT,
        url=lambda code: f"{reverse('access:grants')}?area={code}",
    )
)
register(AreaUse("access.ApiToken", _("接口令牌"), rows=lambda at: Q(revoked_at__isnull=True), open=Q()))
register(AreaUse("access.ReviewItem", _("授权核查"), follows="grant__area_code"))
register(AreaUse("access.ReviewCampaign", _("授权核查")))
