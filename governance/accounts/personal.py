"""What the sign-in of the portal keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("登录")

PERSONAL = (
    Processing(
        title=_("登录的设备"),
        what=_("登录过的设备：网络地址、浏览器的名字、时间"),
        why=_("让您看到谁用您的账号登录过，一下子登出"),
        basis=Basis.CONSENT,
        source=_("登录时自动记"),
        receivers=_("只有您自己"),
        kept=_("登出或者登录过期后删"),
        fields={
            "usersessions.UserSession": "ip user_agent session_key data",
            "sessions.Session": "session_key session_data",
        },
    ),
    Processing(
        title=_("验证过的邮箱和动态码"),
        what=_("用来登录的邮箱、动态码设备"),
        why=_("确认登录的是您本人"),
        basis=Basis.CONSENT,
        source=_("您自己设"),
        receivers=_("没有人看"),
        kept=_("您去掉它，或者注销账号时删"),
        fields={"account.EmailAddress": "email", "account.EmailConfirmation": "key", "mfa.Authenticator": "data"},
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "auth.Group": "name",
    "auth.Permission": "name codename",
    "contenttypes.ContentType": "app_label model",
    "guardian.GroupObjectPermission": "object_pk",
    "guardian.UserObjectPermission": "object_pk",
}
