"""What neighbours have reported, on pages of other apps."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.web.sections import Section, SectionPart, register
from requests_intake.models import ServiceRequest
from requests_intake.selectors.public import PublicQuery, listed
from requests_intake.selectors.sight import unshielded

SHOWN = 5
ORDERS_SHOWN = 20


def _released(area: Any, viewer: Viewer) -> SectionPart | None:
    """The newest released requests of a grid. 1 SQL."""
    rows = list(listed(PublicQuery(area=area.code), at=timezone.now()).order_by("-released_at", "-id")[:SHOWN])
    context = {"rows": rows, "community": area.code[:12]}
    return SectionPart(_("邻居们最近反映的"), "requests_intake/public/_near.html", context) if rows else None


def _orders_of_component(component: Any, viewer: Viewer) -> SectionPart | None:
    """The newest requests about one component that the viewer may see. 1 SQL."""
    rows = ServiceRequest.objects.visible_to(viewer).filter(unshielded(viewer), component=component)
    found = list(rows.select_related("organisation").order_by("-submitted_at", "-id")[: ORDERS_SHOWN + 1])
    context = {"rows": found[:ORDERS_SHOWN], "is_long": len(found) > ORDERS_SHOWN}
    return SectionPart(_("有关的工单"), "requests_intake/_component_orders.html", context) if found else None


register(Section("orders", "grid.component", 10, _orders_of_component))
register(Section("requests", "grid.area", 20, _released))
