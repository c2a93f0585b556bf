"""Compounds and their buildings, with what there is to do in each; counts are made for one page of rows only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from governance.access.viewer import Viewer
from population.models import Building, Compound, Dwelling, due_before, registry_settings


@dataclass(frozen=True, slots=True)
class CompoundLine:
    """A compound of a list, with its path and how many buildings stand in it."""

    one: Compound
    path: str
    buildings: int


@dataclass(frozen=True, slots=True)
class BuildingLine:
    """A building of a list: its standing dwellings and how many of them are due for a check."""

    one: Building
    dwellings: int
    due: int


def compounds_for(viewer: Viewer) -> Any:
    """Compounds the viewer may see, as a queryset."""
    return Compound.objects.visible_to(viewer)


def compound_lines(rows: Sequence[Compound], paths: dict[str, str], viewer: Viewer) -> list[CompoundLine]:
    """Lines of one page of compounds; buildings that the viewer may see are counted. 1 SQL."""
    standing = Building.objects.visible_to(viewer).filter(compound__in=rows, ended_on__isnull=True)
    counts = dict(standing.order_by().values_list("compound").annotate(Count("pk")))
    return [CompoundLine(row, paths.get(row.area_code, ""), counts.get(row.pk, 0)) for row in rows]


def buildings_for(compound: Compound, viewer: Viewer) -> Any:
    """Buildings of a compound that the viewer may see, with their addresses, as a queryset."""
    return Building.objects.visible_to(viewer).filter(compound=compound).select_related("address")


def building_lines(rows: Iterable[Building], at: datetime) -> list[BuildingLine]:
    """Lines of one page of buildings. 1 SQL."""
    rows = list(rows)
    border = due_before(at, registry_settings().dwelling_months)
    standing = Dwelling.objects.standing().filter(building__in=rows).order_by()
    found = standing.values("building").annotate(every=Count("pk"), due=Count("pk", filter=Q(confirmed_at__lt=border)))
    counts = {row["building"]: (row["every"], row["due"]) for row in found}
    return [BuildingLine(row, *counts.get(row.pk, (0, 0))) for row in rows]
