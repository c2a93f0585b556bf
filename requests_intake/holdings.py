"""Open work that lies with a person."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.holdings import Holding, register
from requests_intake.models import WorkOrder
from requests_intake.workflow import OPEN_ORDER_STATES

register(
    Holding(
        key="orders",
        label=_("没有办完的工单"),
        count=lambda pk: WorkOrder.objects.filter(handler=pk, state__in=OPEN_ORDER_STATES, is_current=True).count(),
        url=lambda person: reverse("intake:queue", query={"view": "open", "q": f"handler:{person.display_name}"}),
    )
)
