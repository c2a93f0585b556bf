"""Models of the territory."""

from grid.models.area import Area, AreaKind, GeometryVersion, Level
from grid.models.duty import DutyItem, DutyKind
from grid.models.history import AreaChange, AreaVersion, ChangeKind
from grid.models.post import Post, PostKind

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
    "Post",
    "PostKind",
]
