"""What the trail says of residents' accounts."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import TrailKind, tell

tell(
    {
        "accounts.account_created": _("居民注册账号"),
        "accounts.account_deleted": _("居民注销账号"),
        "accounts.phone_verified": _("核实手机号"),
        "accounts.sessions_ended": _("让别的设备退出"),
    },
    kind=TrailKind.SIGN_IN,
)
