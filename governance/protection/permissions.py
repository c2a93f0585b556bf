"""Capabilities of the app."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Who keeps the cases of data that got away. They are few, and of the whole portal."""

    KEEP_BREACHES = "protection.keep_breaches"


TITLE = _("个人信息保护")  # of this app in the table of capabilities

SENSITIVE = frozenset(map(str, Capability))

DESCRIPTIONS = {
    Capability.KEEP_BREACHES: (
        _("办理泄露事件"),
        _("登记个人信息泄露的事件，按时限报告主管部门、告知本人，写结果；定时限"),
    ),
}

BUILT_IN = {role: list(Capability) for role in ("administrator", "security_admin")}
