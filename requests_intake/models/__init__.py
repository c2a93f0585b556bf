"""Models of request intake, one aggregate a module."""

from requests_intake.models.answer_templates import AnswerTemplate
from requests_intake.models.appointments import Appointment, AppointmentState
from requests_intake.models.appraisal import (
    Bulletin,
    BulletinItem,
    BulletinRow,
    Objection,
    ObjectionFile,
    ScoringScheme,
)
from requests_intake.models.bulk import BulkResult, BulkRun
from requests_intake.models.callbacks import CallBack, Grade, Solved
from requests_intake.models.catalogue import (
    Category,
    CategoryVersion,
    DeadlinePolicy,
    PolicyClock,
    PolicyStage,
    ReasonText,
    Urgency,
)
from requests_intake.models.concerned import ConcernedPerson, Relation
from requests_intake.models.deadlines import Clock, Escalation, EscalationStep, TurnLimit
from requests_intake.models.drafts import Draft
from requests_intake.models.duty import AlertCall, AlertCause, DutyShift, RiskAlert, RiskWords
from requests_intake.models.exclusions import Exclusion, ExclusionFile, ExclusionGround
from requests_intake.models.following import Follow
from requests_intake.models.interface import InterfaceEntry
from requests_intake.models.interventions import Intervention
from requests_intake.models.macros import Macro
from requests_intake.models.matters import CategoryMatter
from requests_intake.models.notes import InternalNote
from requests_intake.models.orders import (
    ContactRecord,
    Dispute,
    Ground,
    OrderReturn,
    Reply,
    WorkOrder,
    WorkOrderTransition,
)
from requests_intake.models.outside import ExternalLink
from requests_intake.models.pauses import Extension, LedgerEntry, LedgerFile, LedgerMilestone, Pause, PauseKind
from requests_intake.models.profiles import CommunityProfile, Offer, ProfileArea, ProfileCategory
from requests_intake.models.publications import (
    MeToo,
    ModerationStep,
    Progress,
    Publication,
    PublicFigures,
    PublicPhoto,
    PublicReason,
    PublicState,
)
from requests_intake.models.recusals import Recusal
from requests_intake.models.requests import (
    Attachment,
    Channel,
    DispatchMode,
    NoDispatchReason,
    PlaceKind,
    RequestAnswers,
    RequesterContact,
    RequestKind,
    RequestTransition,
    ServiceRequest,
    Supplement,
)
from requests_intake.models.rollups import RollupCell, RollupCheck, RollupDelta
from requests_intake.models.rules import DispatchRule, RuleFault, RuleHours, RuleRun, RuleRunRow
from requests_intake.models.standards import CaseStandard
from requests_intake.models.standins import StandIn
from requests_intake.models.upstream import BatchRow, UpstreamBatch, UpstreamOrder, UpstreamSource
from requests_intake.models.whistles import RequestGrant, Whistle, WhistleRating
from requests_intake.models.windows import ServiceWindow, WindowHours
from requests_intake.models.words import RequestWords
from requests_intake.models.worklists import SavedWorklist, WorklistPage

__all__ = [
    "AlertCall",
    "AlertCause",
    "AnswerTemplate",
    "Appointment",
    "AppointmentState",
    "Attachment",
    "BatchRow",
    "BulkResult",
    "BulkRun",
    "Bulletin",
    "BulletinItem",
    "BulletinRow",
    "CallBack",
    "CaseStandard",
    "Category",
    "CategoryMatter",
    "CategoryVersion",
    "Channel",
    "Clock",
    "CommunityProfile",
    "ConcernedPerson",
    "ContactRecord",
    "DeadlinePolicy",
    "DispatchMode",
    "DispatchRule",
    "Dispute",
    "Draft",
    "DutyShift",
    "Escalation",
    "EscalationStep",
    "Exclusion",
    "ExclusionFile",
    "ExclusionGround",
    "Extension",
    "ExternalLink",
    "Follow",
    "Grade",
    "Ground",
    "InterfaceEntry",
    "InternalNote",
    "Intervention",
    "LedgerEntry",
    "LedgerFile",
    "LedgerMilestone",
    "Macro",
    "MeToo",
    "ModerationStep",
    "NoDispatchReason",
    "Objection",
    "ObjectionFile",
    "Offer",
    "OrderReturn",
    "Pause",
    "PauseKind",
    "PlaceKind",
    "PolicyClock",
    "PolicyStage",
    "ProfileArea",
    "ProfileCategory",
    "Progress",
    "PublicFigures",
    "PublicPhoto",
    "PublicReason",
    "PublicState",
    "Publication",
    "ReasonText",
    "Recusal",
    "Relation",
    "Reply",
    "RequestAnswers",
    "RequestGrant",
    "RequestKind",
    "RequestTransition",
    "RequestWords",
    "RequesterContact",
    "RiskAlert",
    "RiskWords",
    "RollupCell",
    "RollupCheck",
    "RollupDelta",
    "RuleFault",
    "RuleHours",
    "RuleRun",
    "RuleRunRow",
    "SavedWorklist",
    "ScoringScheme",
    "ServiceRequest",
    "ServiceWindow",
    "Solved",
    "StandIn",
    "Supplement",
    "TurnLimit",
    "UpstreamBatch",
    "UpstreamOrder",
    "UpstreamSource",
    "Urgency",
    "Whistle",
    "WhistleRating",
    "WindowHours",
    "WorkOrder",
    "WorkOrderTransition",
    "WorklistPage",
]
