"""Models of the territory."""

from grid.models.area import Area, AreaKind, GeometryVersion, Level
from grid.models.duty import DutyItem, DutyKind

__all__ = ["Area", "AreaKind", "DutyItem", "DutyKind", "GeometryVersion", "Level"]
