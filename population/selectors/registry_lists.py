"""Lists of the registry that one works through: legal entities, underground spaces, dwellings due for a check."""

from datetime import date, datetime
from typing import Any

from governance.access.viewer import Viewer
from population.models import Dwelling, EntityKind, LegalEntity, UndergroundSpace, due_before, registry_settings
from population.naming import NAMED


def entities_for(viewer: Viewer, *, kind: str = "", area: str = "") -> Any:
    """Legal entities that are there and that the viewer may see, as a queryset; unknown kinds narrow nothing."""
    rows = LegalEntity.objects.visible_to(viewer).filter(closed_on__isnull=True)
    if kind in EntityKind.values:
        rows = rows.filter(kind=kind)
    if area:
        rows = rows.filter(area_code__startswith=area)
    return rows.select_related("building__address")


def spaces_for(viewer: Viewer, *, undated: bool = False, area: str = "") -> Any:
    """Underground spaces in use: those with a day of inspection, or those without one, as a queryset."""
    rows = UndergroundSpace.objects.visible_to(viewer).filter(ended_on__isnull=True, inspect_due__isnull=undated)
    if area:
        rows = rows.filter(area_code__startswith=area)
    return rows.select_related("building__address", "compound", "keeper")


def dwellings_due(viewer: Viewer, at: datetime, *, area: str = "") -> Any:
    """Standing dwellings whose last confirmation is too old, as a queryset, to be ordered grid by grid."""
    rows = Dwelling.objects.visible_to(viewer).standing()
    if area:
        rows = rows.filter(area_code__startswith=area)
    border = due_before(at, registry_settings().dwelling_months)
    return rows.filter(confirmed_at__lt=border).select_related("confirmed_by", *NAMED)


def is_late(space: UndergroundSpace, today: date) -> bool:
    """Whether the day of its inspection has gone by."""
    return space.inspect_due is not None and space.inspect_due < today
