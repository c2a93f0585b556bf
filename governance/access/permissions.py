"""Capabilities of the access app, and the built-in roles that all apps refer to."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """What may be done with people, roles and grants."""

    WORK = "access.work"
    VIEW_MATRIX = "access.view_matrix"
    EDIT_ROLES = "access.edit_roles"
    EXPLAIN = "access.explain_access"
    VIEW_GRANT = "access.view_grant"
    GIVE_GRANT = "access.give_grant"
    ISSUE_TOKEN = "access.issue_token"  # noqa: S105 - a capability
    RESET_SECOND_STEP = "access.reset_second_step"


# What lets somebody give rights: no program holds it, and somebody must always be left who does.
GIVING = frozenset({str(Capability.GIVE_GRANT), str(Capability.EDIT_ROLES), str(Capability.ISSUE_TOKEN)})
# What touches people's own data or the rights of others: said before a role gets it.
SENSITIVE = GIVING | {str(Capability.RESET_SECOND_STEP)}
# Roles that come with a second step at sign-in; an office switches it on or off for any role on the page of roles.
SECOND_STEP = frozenset({"administrator", "operations_admin", "system_admin", "security_admin", "audit_admin"})
# The three administrators who check one another (三员), and the roles that a small office may begin with instead.
DUTIES = ("system_admin", "security_admin", "audit_admin")
JOINT = ("administrator", "operations_admin")

TITLE = _("人员与授权")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.WORK: (_("进入工作台"), _("登录后能打开工作台和自己的提醒")),
    Capability.VIEW_MATRIX: (_("看权限表"), _("看每个角色能做什么")),
    Capability.EDIT_ROLES: (_("改权限表"), _("给角色增减能做的事，新建和停用角色；每次写明原因，可以撤回")),
    Capability.EXPLAIN: (_("问为什么能看"), _("问一个人为什么看得到、办得了一条记录；只看规则和授权，不看内容")),
    Capability.VIEW_GRANT: (_("看授权"), _("看谁在什么范围、什么时间担任什么角色")),
    Capability.GIVE_GRANT: (_("给授权"), _("给人一个角色、范围和期限，或提前结束它")),
    Capability.ISSUE_TOKEN: (_("发接口令牌"), _("让一个单位的系统通过接口办事，或收回；每次都有记录")),
    Capability.RESET_SECOND_STEP: (
        _("帮人重新登录"),
        _("同事手机丢了、忘了密码：取下动态码设备，或者让本人重设密码；本人会收到通知"),
    ),
}

ROLES: dict[str, tuple[str, str]] = {
    "dispatcher": ("派单员", "Dispatcher"),
    "handler": ("承办人", "Handler"),
    "community_head": ("社区负责人", "Community head"),
    "callback_agent": ("回访员", "Call-back agent"),
    "supervisor": ("街道督办", "Sub-district supervisor"),
    "district_viewer": ("区级查看", "District viewer"),
    "grid_worker": ("网格员", "Grid worker"),
    "counter_clerk": ("窗口登记员", "Counter clerk"),
    "administrator": ("管理员", "Administrator"),
    "operations_admin": ("业务管理员", "Operations administrator"),
    "exchange": ("系统对接", "System interface"),
    "system_admin": ("系统管理员", "System administrator"),
    "security_admin": ("安全管理员", "Security administrator"),
    "audit_admin": ("审计管理员", "Audit administrator"),
}

_RIGHTS = list(Capability)  # all of it is about who may do what
BUILT_IN = {
    **{role: [Capability.WORK] for role in ROLES},
    "administrator": _RIGHTS,
    "security_admin": _RIGHTS,
    "system_admin": [Capability.WORK, Capability.VIEW_MATRIX],
    "audit_admin": [Capability.WORK, Capability.VIEW_MATRIX],
    "exchange": [],  # programs have no desk
    "supervisor": [Capability.WORK, Capability.VIEW_MATRIX],
}
