"""Grants that follow from something else, such as a post, and end with it: given by the app that keeps that thing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.duties import require_apart
from governance.access.models import Grant, Role, User
from governance.access.permissions import GIVING
from governance.access.services import check_given, check_period, grant_write
from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors


def grant_follow(
    *,
    source: str,
    user: User,
    role: Role,
    area_code: str,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    actor: Viewer,
    at: datetime,
) -> Grant:
    """Give what follows from `source` (a ref): for services that have asked who may decide over that.

    Such a grant is never a way to rights over rights: raises `DomainError` for a role that gives any. Raises
    `Forbidden` for oneself, `DomainError` with the field for a closed account, a retired role, a wrong period.
    """
    check_given(user=user, role=role, organisation=None, actor=actor)
    check_period(starts_at, ends_at, at)
    if role.capabilities() & GIVING:
        raise DomainError("role_gives", _("“%(role)s”能给别人授权，不能随岗位给，请找管理员") % {"role": role})
    with constraint_errors(), transaction.atomic():
        require_apart(user=user, role=role, at=at)
        # the same order of locks as in `grant_create`; a leaver's row is locked while they leave
        active = User.objects.select_for_update(no_key=True).values_list("is_active", flat=True).get(pk=user.pk)
        if not active:
            raise DomainError("user_inactive", _("这个人的账号已经停用"), field="user")
        return grant_write(
            user=user,
            role=role,
            area_code=area_code,
            organisation=None,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            actor=actor,
            at=at,
            source=source,
        )
