"""Who hears of an invitation: the person who is invited, with the link."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.notifications.groups import NoticeGroup, Place, describe_places
from governance.notifications.registry import EMAIL, NoticeKind, Recipient, nothing, register, user_recipient
from setup_wizard.links import invitation_token

INVITATIONS = NoticeGroup(
    "setup_wizard.invitations", _("邀请"), _("被邀请的工作人员"), fixed=_("没有它就设不了密码，所以一定要发")
)
describe_places(
    "setup_wizard", {"link": Place(_("设密码的链接，只能用一次"), "https://liren.example/staff/welcome/…/")}
)


def _invited(event: Any) -> list[Recipient]:
    return [user_recipient(int(event.subject_ref.partition(":")[2]), EMAIL)]


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    people = User.objects.in_bulk([message.user_id for message in messages])
    return [{"link": reverse("setup:welcome", args=[invitation_token(people[one.user_id])])} for one in messages]


register(
    NoticeKind(
        key="setup_wizard.invited",
        event="access.user_invited",
        title=_("邀请工作人员"),
        audience=_invited,
        context=nothing,
        context_keys=(),
        late=_links,
        group=INVITATIONS,
        needed=("link",),
        subject_zh="里仁：请设一个密码，就可以开始工作",
        body_zh="您好：\n\n单位给您开了里仁的账号，登录用这个邮箱。请打开下面的链接设一个密码，"
        "14 天内有效，只能用一次。\n\n"
        "{link}\n\n如果您不知道这是怎么回事，请问本单位的管理员，不要打开链接。",
        subject_en="Liren: choose a password and you can start",
        body_en="Hello,\n\nYour office has opened a Liren account for you; you sign in with this address. Please "
        "follow the link below and choose a password. It works once, within 14 days.\n\n{link}\n\nIf this comes as a "
        "surprise, ask your administrator first and leave the link alone.",
    )
)
register(
    NoticeKind(
        key="setup_wizard.password_reset",
        event="access.password_reset",
        title=_("重设密码"),
        audience=_invited,
        context=nothing,
        context_keys=(),
        late=_links,
        group=INVITATIONS,
        needed=("link",),
        is_urgent=True,
        subject_zh="里仁：您的密码作废了，请重设一个",
        body_zh="您好：\n\n管理员应您的要求作废了您的密码，您在所有设备上都退出了。请打开下面的链接设一个新密码，"
        "14 天内有效，只能用一次。\n\n{link}\n\n不是您去办的，请马上找管理员，不要打开链接。",
        subject_en="Liren: your password was cancelled, please set another",
        body_en="Hello,\n\nAt your request an administrator has cancelled your password; you are signed out "
        "everywhere. Please follow the link below and choose a new one. It works once, within 14 days.\n\n{link}"
        "\n\nIf you did not ask for this, see your administrator at once and leave the link alone.",
    )
)
