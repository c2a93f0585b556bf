"""Models of the territory and of what stands in it."""

from grid.models.area import Area, AreaKind, GeometryVersion, Level
from grid.models.checks import Check, CheckKind, CheckResult, CheckState
from grid.models.codes import CodeItem, CodeKind, CodeList, CodeSuccession
from grid.models.components import Component, ComponentEntry, ComponentState, EntryKind
from grid.models.duty import DutyItem, DutyKind
from grid.models.findings import Finding, FindingKind, FindingPhoto, FindingState
from grid.models.history import AreaChange, AreaVersion, ChangeKind
from grid.models.post import Post, PostKind

__all__ = [
    "Area",
    "AreaChange",
    "AreaKind",
    "AreaVersion",
    "ChangeKind",
    "Check",
    "CheckKind",
    "CheckResult",
    "CheckState",
    "CodeItem",
    "CodeKind",
    "CodeList",
    "CodeSuccession",
    "Component",
    "ComponentEntry",
    "ComponentState",
    "DutyItem",
    "DutyKind",
    "EntryKind",
    "Finding",
    "FindingKind",
    "FindingPhoto",
    "FindingState",
    "GeometryVersion",
    "Level",
    "Post",
    "PostKind",
]
