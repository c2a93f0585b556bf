"""Who hears of an exclusion (剔除): whoever checks it, whoever decides it, the office that applied."""

from django.utils.translation import gettext_lazy as _

from requests_intake.notice_groups import DECISIONS
from requests_intake.notices import handler_kind, request_kind
from requests_intake.notices_turns import deciders
from requests_intake.permissions import Capability

request_kind(
    "requests_intake.exclusion_asked",
    "requests_intake.exclusion_asked",
    _("申请剔除"),
    ("{number} 申请剔除，等您核对", "{office}申请把 {number} 从考核里剔除，请核对理由和材料。\n\n{link}"),
    (
        "To check: {number} should be left out",
        "{office} asks to leave {number} out of the appraisal. Please check the ground and the evidence.\n\n{link}",
    ),
    group=DECISIONS,
    audiences=lambda events: deciders(Capability.CHECK_EXCLUSION, events),
)
request_kind(
    "requests_intake.exclusion_checked",
    "requests_intake.exclusion_checked",
    _("剔除待审核"),
    ("{number} 的剔除等您审核", "{number} 的剔除申请街道核对过了，请审核。\n\n{link}"),
    (
        "To decide: leaving {number} out",
        "The sub-district has checked the application to leave {number} out of the appraisal. Please decide.\n\n{link}",
    ),
    group=DECISIONS,
    audiences=lambda events: deciders(Capability.DECIDE_EXCLUSION, events),
)
handler_kind(
    "requests_intake.exclusion_decided",
    "requests_intake.exclusion_decided",
    _("剔除有结果"),
    ("{number} 的剔除有结果了", "您单位申请剔除的 {number} 有结果了，请看。\n\n{link}"),
    ("Decided: leaving {number} out", "Your application to leave {number} out of the appraisal is decided.\n\n{link}"),
)
