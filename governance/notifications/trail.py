"""What the trail says of messages."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_codes, tell_keys, tell_subjects

tell(
    {
        "notifications.message_retried": _("重发消息"),
        "notifications.template_changed": _("改消息文字"),
        "notifications.preference_changed": _("改自己的消息设置"),
        "notifications.defaults_changed": _("改默认的消息设置"),
        "notifications.address_blocked": _("停发一个地址"),
        "notifications.address_freed": _("恢复一个地址"),
        "notifications.robot_changed": _("改单位群机器人"),
        "outbox.delivery_retried": _("再试没办成的后续"),
    }
)
tell_keys(
    {
        "channel": Key(_("渠道")),
        "language": Key(_("语言")),
        "has_robot": Key(_("有机器人")),
        "event_uuid": Key(_("相关记录")),
    }
)
tell_codes({"notifications.log": _("查看发出的消息"), "body": _("正文")})
tell_subjects(
    {
        "notifications.message": Subject(_("一条消息")),
        "notifications.blockedaddress": Subject(_("停发的地址")),
        "outbox.delivery": Subject(_("后续")),
        "outbox.domainevent": Subject(_("一条操作记录")),
        "privacy.accesslog": Subject(_("一条查看记录")),
    }
)
