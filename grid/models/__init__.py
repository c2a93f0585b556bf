"""Models of the territory and of what stands in it."""

from grid.models.admissions import AdmissionReason, Application
from grid.models.area import Area, AreaKind, GeometryVersion, Level
from grid.models.area_sets import AreaSet, AreaSetMember, SetKind
from grid.models.burden import Appraisal, BurdenCell
from grid.models.checks import Check, CheckKind, CheckResult, CheckState
from grid.models.codes import CodeItem, CodeKind, CodeList, CodeSuccession
from grid.models.component_exports import ComponentExport, ComponentExportPart, ExportFormat
from grid.models.component_imports import ComponentImport, ComponentImportPart
from grid.models.components import Component, ComponentEntry, ComponentState, EntryKind
from grid.models.duty import CommunityList, DutyItem, DutyKind
from grid.models.findings import Finding, FindingKind, FindingPhoto, FindingState
from grid.models.history import AreaChange, AreaVersion, ChangeKind
from grid.models.patrol import PatrolRoute, RoutePoint
from grid.models.post import Post, PostKind
from grid.models.task_policy import TaskPolicy, policy_current
from grid.models.tasks import (
    Admission,
    Assignment,
    AssignmentEntry,
    AssignmentState,
    FieldKind,
    Repeat,
    Step,
    Task,
    TaskKind,
    TaskState,
    shown_weight,
)
from grid.models.territory_imports import Datum, TerritoryImport

__all__ = [
    "Admission",
    "AdmissionReason",
    "Application",
    "Appraisal",
    "Area",
    "AreaChange",
    "AreaKind",
    "AreaSet",
    "AreaSetMember",
    "AreaVersion",
    "Assignment",
    "AssignmentEntry",
    "AssignmentState",
    "BurdenCell",
    "ChangeKind",
    "Check",
    "CheckKind",
    "CheckResult",
    "CheckState",
    "CodeItem",
    "CodeKind",
    "CodeList",
    "CodeSuccession",
    "CommunityList",
    "Component",
    "ComponentEntry",
    "ComponentExport",
    "ComponentExportPart",
    "ComponentImport",
    "ComponentImportPart",
    "ComponentState",
    "Datum",
    "DutyItem",
    "DutyKind",
    "EntryKind",
    "ExportFormat",
    "FieldKind",
    "Finding",
    "FindingKind",
    "FindingPhoto",
    "FindingState",
    "GeometryVersion",
    "Level",
    "PatrolRoute",
    "Post",
    "PostKind",
    "Repeat",
    "RoutePoint",
    "SetKind",
    "Step",
    "Task",
    "TaskKind",
    "TaskPolicy",
    "TaskState",
    "TerritoryImport",
    "policy_current",
    "shown_weight",
]
