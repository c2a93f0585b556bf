"""What neighbours have reported, on pages of other apps."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.web.sections import Section, SectionPart, register
from requests_intake.selectors.public import PublicQuery, listed

SHOWN = 5


def _released(area: Any, viewer: Viewer) -> SectionPart | None:
    """The newest released requests of a grid. 1 SQL."""
    rows = list(listed(PublicQuery(area=area.code), at=timezone.now()).order_by("-released_at", "-id")[:SHOWN])
    context = {"rows": rows, "community": area.code[:12]}
    return SectionPart(_("邻居们最近反映的"), "requests_intake/public/_near.html", context) if rows else None


register(Section("requests", "grid.area", 20, _released))
