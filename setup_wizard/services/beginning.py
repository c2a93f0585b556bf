"""The first district and its first administrator, where there is nobody yet."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.models import Role, User
from governance.access.services import grant_create, user_create
from governance.access.viewer import SYSTEM
from governance.errors import DomainError, StaleState
from governance.outbox.services import publish
from grid.district import district_forget
from grid.features import AreaDraft
from grid.services import areas_enter
from setup_wizard import events
from setup_wizard.selectors.beginning import has_staff

# Whoever comes first needs both: one gives accounts and keeps the territory, the other the catalogue and the limits.
FIRST_ROLES = ("administrator", "operations_admin")
DISTRICT_DIGITS = 6


def portal_begin(
    *, code: str, name: str, name_en: str, display_name: str, email: str, password: str, at: datetime
) -> User:
    """Make the district and the account that sets the rest up. Raises `StaleState` once anybody has an account.

    Raises `DomainError` with the field for a code that is no district's, and as `user_create` does.
    """
    if len(code) != DISTRICT_DIGITS or not (code.isascii() and code.isdigit()):
        raise DomainError("code_shape", _("区的编码是 6 位数字"), field="code")
    if not name.strip():
        raise DomainError("name_required", _("请写区的名称"), field="name")
    if not display_name.strip():
        raise DomainError("display_name_required", _("请写您的姓名"), field="display_name")
    with transaction.atomic():
        # takes the lock of the territory first: of two who begin at the same moment the second finds the first
        areas_enter(drafts=[AreaDraft(code=code, name=name.strip(), name_en=name_en.strip())], actor=SYSTEM, at=at)
        if has_staff():
            raise StaleState("portal_begun", _("这个门户已经有人在设置了，请登录"))
        user = user_create(email=email, display_name=display_name, password=password, actor=SYSTEM, at=at)
        for key in FIRST_ROLES:
            grant_create(
                user=user,
                role=Role.objects.get(key=key),
                area_code=code,
                organisation=None,
                starts_at=at,
                ends_at=None,
                reason="portal_begin",
                actor=SYSTEM,
                at=at,
            )
        publish(events.PORTAL_BEGUN, subject=events.PROFILE, actor=SYSTEM, area_code=code, at=at)
        transaction.on_commit(district_forget)
    return user
