"""Estates and streets of an area, on pages of other apps."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.web.sections import Section, SectionPart, register
from population.selectors import estates_in


def _estates(area: Any, viewer: Viewer) -> SectionPart | None:
    """Names of the estates and streets with addresses there. 1 SQL."""
    names = estates_in(area.code)
    context = {"names": names}
    return SectionPart(_("这里有这些小区和道路"), "population/_estates.html", context) if names else None


register(Section("estates", "grid.area", 10, _estates))
