"""Passwords of staff: changed by their owner, taken away by an administrator so that the owner sets another."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.models import AccountChange, User
from governance.access.places import home_of
from governance.access.reasons import checked_reason
from governance.access.services import check_password
from governance.access.services.second_step import require_reset
from governance.access.services.sessions import sessions_drop, sessions_of
from governance.access.viewer import Viewer
from governance.errors import StaleState
from governance.outbox.services import publish
from governance.refs import ref_of


def password_change(*, password: str, actor: Viewer, at: datetime) -> User:
    """Change one's own password and end all one's sessions; the page signs this one in again.

    Raises `DomainError` on "password" for one that the validators refuse.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.user.pk)
        check_password(password, user)
        user.set_password(password)
        user.save(update_fields=["password"])
        sessions_drop(sessions_of(user))
        publish(events.PASSWORD_CHANGED, subject=ref_of(user), actor=actor, at=at)
    return user


def password_reset(*, user: User, reason: str, actor: Viewer, at: datetime) -> int:
    """Take a colleague's password away and sign them out; return how many sessions ended. They get a link to set one.

    The second step, if they have one, stays: the link alone opens nothing. Raises as `second_step_reset` does,
    `StaleState` where they have no password, or the account is closed.
    """
    why = checked_reason(reason, missing=_("请写明原因，例如：忘了密码，本人当面来办的"))
    with transaction.atomic():
        locked = (
            User.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=user.pk)
        )
        require_reset(locked, actor, at)
        if not locked.has_usable_password() or not locked.is_active:
            raise StaleState("password_missing", _("这个人现在没有密码，或者账号停用了"))
        locked.set_unusable_password()
        locked.save(update_fields=["password"])
        ended = sessions_drop(sessions_of(locked))
        AccountChange.objects.create(user=locked, is_active=True, password_reset=True, reason=why, by=actor.user, at=at)
        payload = {"sessions": ended}
        publish(
            events.PASSWORD_RESET,
            subject=ref_of(locked),
            actor=actor,
            area_code=home_of(locked),
            payload=payload,
            at=at,
        )
    return ended
