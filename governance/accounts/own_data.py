"""What an account is, for the copy of one's own data."""

from collections.abc import Iterator
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.selectors import phone_of
from governance.privacy.sources import Part, PersonalDataSource, Whose, moment, register


def _account(whose: Whose, at: datetime) -> Iterator[Part]:
    user = whose.user
    if user is None:
        return
    rows = [
        (_("称呼"), user.called),
        (_("手机号"), phone_of(user)),
        (_("邮箱"), user.email or ""),
        (_("开通"), moment(user.created_at)),
        (_("上次登录"), moment(user.last_login)),
    ]
    yield Part(_("登录用的"), [(label, text) for label, text in rows if text])
    listed = UserSession.objects.filter(user=user).order_by("-created_at")
    devices = [(moment(row.created_at), f"{row.ip} · {row.user_agent}") for row in listed]
    if devices:
        yield Part(_("登录着的设备"), devices)


register(PersonalDataSource("accounts.account", gettext_lazy("账号"), _account))
