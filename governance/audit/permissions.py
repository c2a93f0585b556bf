"""Capabilities of the audit app."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Who reviews the trail. It is one for the whole portal: whoever reads it reads all of it."""

    READ_TRAIL = "audit.read_trail"
    EXPORT_TRAIL = "audit.export_trail"
    WATCH = "audit.watch"


TITLE = _("审计")  # of this app in the table of capabilities

# The trail names who did what and who looked at whom.
SENSITIVE = frozenset(map(str, Capability))

DESCRIPTIONS = {
    Capability.READ_TRAIL: (
        _("看操作记录"),
        _("查全门户谁做了什么、谁看了谁的信息，核对记录有没有被动过；每次查看也有记录"),
    ),
    Capability.EXPORT_TRAIL: (_("导出操作记录"), _("把查到的操作记录导出成表格；每次导出都有记录")),
    Capability.WATCH: (
        _("处理异常提醒"),
        _("看信息、导出、改权限反常时收到提醒，查清后写结论，定多少算反常；说的是自己的不能自己定"),
    ),
}

BUILT_IN = {
    "administrator": list(Capability),
    "audit_admin": [Capability.READ_TRAIL, Capability.EXPORT_TRAIL],
    "security_admin": [Capability.WATCH],
}
