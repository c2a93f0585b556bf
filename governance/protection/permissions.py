"""Capabilities of the app."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Who keeps the cases of data that got away, and the assessments. They are few, and of the whole portal."""

    KEEP_BREACHES = "protection.keep_breaches"
    FILE_ASSESSMENTS = "protection.file_assessments"
    APPROVE_ASSESSMENTS = "protection.approve_assessments"
    HANDLE_PERSON_REQUESTS = "protection.handle_person_requests"
    TAKE_PERSON_REQUESTS = "protection.take_person_requests"


TITLE = _("个人信息保护")  # of this app in the table of capabilities

SENSITIVE = frozenset(map(str, Capability))

DESCRIPTIONS = {
    Capability.KEEP_BREACHES: (
        _("办理泄露事件"),
        _("登记个人信息泄露的事件，按时限报告主管部门、告知本人，写结果；定时限"),
    ),
    Capability.FILE_ASSESSMENTS: (
        _("写影响评估"),
        _("会影响个人权益的做法，启用以前写个人信息保护影响评估，报另一个人批准；也能提前结束"),
    ),
    Capability.APPROVE_ASSESSMENTS: (
        _("批影响评估"),
        _("看别人写的影响评估，批准或者退回；批准以后，这种做法才能用"),
    ),
    Capability.HANDLE_PERSON_REQUESTS: (
        _("办理个人信息请求"),
        _("居民要副本、更正、删除自己的信息：看请求，核对是本人，按时限答复，写办了什么；定时限"),
    ),
    Capability.TAKE_PERSON_REQUESTS: (
        _("登记个人信息请求"),
        _("替来窗口的居民登记个人信息请求，核对证件，把做好的副本交给本人；只看自己登记的"),
    ),
}

_ALL = list(Capability)
BUILT_IN = {
    "administrator": _ALL,
    "security_admin": _ALL,
    # whoever answers for the office: a small one has a single administrator, and nobody approves their own
    "district_viewer": [Capability.APPROVE_ASSESSMENTS],
    # those who sit where residents come
    **{role: [Capability.TAKE_PERSON_REQUESTS] for role in ("counter_clerk", "community_head", "supervisor")},
}
