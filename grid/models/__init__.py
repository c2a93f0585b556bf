"""Models of the territory."""

from grid.models.area import Area, AreaKind, GeometryVersion, Level
from grid.models.duty import DutyItem, DutyKind
from grid.models.history import AreaChange, AreaVersion, ChangeKind

__all__ = [
    "Area",
    "AreaChange",
    "AreaKind",
    "AreaVersion",
    "ChangeKind",
    "DutyItem",
    "DutyKind",
    "GeometryVersion",
    "Level",
]
