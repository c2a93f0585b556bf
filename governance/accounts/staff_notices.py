"""What staff are told about their own sign-in: whenever somebody, they themselves too, changes it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.groups import STAFF, NoticeGroup
from governance.notifications.registry import NoticeKind, Recipient, nothing, register, user_recipient

STAFF_SECURITY = NoticeGroup(
    "accounts.staff_security", _("登录安全"), _("账号的主人"), STAFF, fixed=_("有人动您的登录，您要马上知道")
)


def _owner(event: Any) -> list[Recipient]:
    return [user_recipient(int(event.subject_ref.partition(":")[2]))]


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("account:staff")} for _message in messages]


# Its owner hears of it at once, and is led to the page of their account.
_kind = partial(
    NoticeKind,
    group=STAFF_SECURITY,
    is_urgent=True,
    audience=_owner,
    context=nothing,
    context_keys=(),
    late=_links,
    late_keys=("link",),
)
register(
    _kind(
        key="accounts.second_step_set",
        event="access.second_step_set",
        title=_("设好了两步登录"),
        subject_zh="您的账号设好了两步登录",
        body_zh="您的账号刚才设好了一部做动态码的手机，原来的（如果有）作废了。不是您本人操作的，请马上告诉管理员，"
        "并看看登录着的设备：{link}",
        subject_en="Two-step sign-in is set up for your account",
        body_en="A phone that makes sign-in codes has just been set up for your account; the one before, if there was "
        "one, no longer works. If it was not you, tell your administrator at once and look at the devices that are "
        "signed in: {link}",
    )
)
register(
    _kind(
        key="accounts.second_step_reset",
        event="access.second_step_reset",
        title=_("取下了两步登录"),
        subject_zh="管理员取下了您的两步登录",
        body_zh="管理员刚才取下了您做动态码的手机和备用码，您在所有设备上都退出了。请用密码登录，再设一部手机。"
        "不是您去办的，请马上找管理员：有人可能在用您的账号。\n\n{link}",
        subject_en="An administrator has removed your second sign-in step",
        body_en="An administrator has just removed the phone that made your sign-in codes, and your backup codes. You "
        "are signed out everywhere. Sign in with your password and set up a phone again. If you did not ask for this, "
        "see your administrator at once: somebody may be using your account.\n\n{link}",
    )
)
register(
    _kind(
        key="accounts.identity_tied",
        event="access.identity_tied",
        title=_("连上了统一身份"),
        subject_zh="您的账号连上了统一身份认证",
        body_zh="刚才有人从统一身份认证登录了您的账号，从现在起两边就连着。不是您本人登录的，请马上找管理员，"
        "并看看登录着的设备：{link}",
        subject_en="Your account is now linked to the office’s sign-in service",
        body_en="Somebody has just signed in to your account through the office’s sign-in service, and the two are "
        "linked from now on. If it was not you, see your administrator at once and look at the devices that are "
        "signed in: {link}",
    )
)
register(
    _kind(
        key="accounts.identity_untied",
        event="access.identity_untied",
        title=_("解开了统一身份"),
        subject_zh="管理员解开了您的统一身份",
        body_zh="管理员刚才解开了您的账号和统一身份认证的连接，您在所有设备上都退出了。不是您去办的，请马上找管理员。"
        "\n\n{link}",
        subject_en="An administrator has unlinked your account from the sign-in service",
        body_en="An administrator has just unlinked your account from the office’s sign-in service. You are signed out "
        "everywhere. If you did not ask for this, see your administrator at once.\n\n{link}",
    )
)
register(
    _kind(
        key="accounts.password_changed",
        event="access.password_changed",
        title=_("改了登录密码"),
        subject_zh="您的登录密码改了",
        body_zh="您的登录密码刚才改了，别的设备都退出了。不是您本人改的，请马上找管理员。\n\n{link}",
        subject_en="Your password was changed",
        body_en="Your password has just been changed, and your other devices are signed out. If it was not you, see "
        "your administrator at once.\n\n{link}",
    )
)
