"""Capabilities of the notifications app."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """What may be done with messages beyond reading one's own."""

    VIEW_LOG = "notifications.view_log"
    RETRY = "notifications.retry"
    EDIT_TEMPLATE = "notifications.edit_template"
    EDIT_ROBOT = "notifications.edit_robot"
    BLOCK = "notifications.block"


TITLE = _("消息")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW_LOG: (_("看消息发送记录"), _("看范围内发出的提醒和邮件是否送达，收件人以掩码显示")),
    Capability.RETRY: (_("重发失败的消息"), _("让没有发出去的消息再发一次")),
    Capability.EDIT_TEMPLATE: (_("改消息模板"), _("用本单位自己的话代替内置的消息文字")),
    Capability.BLOCK: (_("停发消息"), _("把手机号或邮箱放进停发名单，写明原因和到期；诉求照样收")),
    Capability.EDIT_ROBOT: (_("登记单位群"), _("登记单位群机器人的地址，让工单提醒也发到群里")),
}

BUILT_IN = {
    "administrator": list(Capability),
    "system_admin": list(Capability),
    "supervisor": [Capability.VIEW_LOG],
}
