"""The emergency account: sealed until two administrators open it together, for hours, and everybody hears of it.

For the day on which nobody can sign in who could mend what is broken. It has no password while it is sealed; the one
that opening it makes is shown once, to the second of the two.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import areas, events
from governance.access.duties import holders
from governance.access.guardians import guardians_lock
from governance.access.models import EmergencyRelease, Grant, Role, User, UserKind
from governance.access.permissions import DUTIES, JOINT
from governance.access.reasons import checked_reason
from governance.access.services import grant_write
from governance.access.services.sessions import sessions_drop, sessions_of
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of

ADDRESS = "emergency@liren.invalid"  # RFC 2606: a name to sign in with, mail to it reaches nobody
HOURS_MOST = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """An open emergency account with its password, which exists only here and with whoever reads it now."""

    release: EmergencyRelease
    password: str


def release_ask(
    *, hours: int | None, reason: str, submission_key: UUID, actor: Viewer, at: datetime
) -> EmergencyRelease:
    """Ask to open the emergency account for at most eight hours; another administrator must agree within a day.

    Raises `Forbidden` unless the actor is an administrator (any of the three) of the whole territory, `StaleState`
    while one is asked for or open, `DomainError` with the field for hours out of bounds and without a reason.
    """
    if hours is None or not 1 <= hours <= HOURS_MOST:
        raise DomainError("hours_range", _("请写 1 到 %(most)s 的整数") % {"most": HOURS_MOST}, field="hours")
    why = checked_reason(reason, missing=_("请写明出了什么事，以后查起来才清楚"))
    with constraint_errors(), transaction.atomic():
        guardians_lock()
        require_administrator(actor, at)
        if EmergencyRelease.objects.pending(at).exists():
            raise StaleState("emergency_pending", _("已经有人申请打开，或者正开着"))
        release = EmergencyRelease.objects.create(
            asked_by=actor.user, asked_at=at, hours=hours, reason=why, submission_key=submission_key
        )
        payload = {"hours": hours}
        publish(events.EMERGENCY_ASKED, subject=ref_of(release), actor=actor, payload=payload, at=at)
    return release


def release_agree(*, release: EmergencyRelease, actor: Viewer, at: datetime) -> Opened:
    """Open the emergency account with the second administrator's word; it closes by itself after the hours asked for.

    It may do what the roles of an office's first administrator may, everywhere. Raises as `release_ask` does,
    `Forbidden` for the one who asked, `StaleState` where it was opened, closed or is older than a day.
    """
    with transaction.atomic():
        guardians_lock()
        require_administrator(actor, at)
        locked = EmergencyRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        if actor.user_id == locked.asked_by_id:
            raise Forbidden("agree_self", _("您自己申请的，要另一位管理员同意"))
        if not locked.waits(at):
            raise StaleState("emergency_over", _("这次申请已经过期，或者已经处理过了"))
        user = _account(at)
        password = secrets.token_urlsafe(15)
        user.set_password(password)
        user.is_active = True
        user.save(update_fields=["password", "is_active"])
        locked.user, locked.agreed_by, locked.opened_at = user, actor.user, at
        locked.ends_at = at + timedelta(hours=locked.hours)
        locked.save(update_fields=["user", "agreed_by", "opened_at", "ends_at"])
        for role in Role.objects.filter(key__in=JOINT).order_by("pk"):
            for code, _name in areas.children(""):
                grant_write(
                    user=user,
                    role=role,
                    area_code=code,
                    organisation=None,
                    starts_at=at,
                    ends_at=locked.ends_at,
                    reason=locked.reason,
                    actor=actor,
                    at=at,
                )
        payload = {"asked_by_id": locked.asked_by_id, "ends_at": locked.ends_at}
        publish(events.EMERGENCY_OPENED, subject=ref_of(locked), actor=actor, payload=payload, at=at)
    return Opened(locked, password)


def release_close(*, release: EmergencyRelease, actor: Viewer, at: datetime) -> EmergencyRelease:
    """Seal the account again before its time, or take the asking back. Doing so again changes nothing.

    Raises `Forbidden` unless the actor is an administrator of the whole territory, or the account itself.
    """
    with transaction.atomic():
        locked = EmergencyRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        if actor.user_id is None or actor.user_id != locked.user_id:
            require_administrator(actor, at)
        return _close(locked, actor, at)


def releases_expire(*, at: datetime) -> int:
    """Seal what is past its time; return how many. Its grants have ended by themselves at that moment already."""
    with transaction.atomic():
        over = EmergencyRelease.objects.select_for_update(no_key=True, skip_locked=True)
        rows = list(over.filter(closed_at=None, ends_at__lte=at).order_by("pk"))
        for release in rows:
            _close(release, SYSTEM, at)
    return len(rows)


def require_administrator(actor: Viewer, at: datetime) -> None:
    """Raise `Forbidden` unless the actor holds one of the three duties in the whole territory, as themselves."""
    if actor.kind == "system":
        return
    own = holders(at, users=[actor.user.pk]) if actor.user is not None else []
    if not any(holder.is_everywhere(duty, at) for holder in own for duty in DUTIES):
        raise Forbidden("administrators_only", _("应急账号由管全区的管理员打开"))


def _close(release: EmergencyRelease, actor: Viewer, at: datetime) -> EmergencyRelease:
    if release.closed_at is not None:
        return release
    release.closed_at, release.closed_by = at, actor.user
    release.save(update_fields=["closed_at", "closed_by"])
    if release.user is not None:
        user = release.user
        user.set_unusable_password()
        user.is_active = False
        user.save(update_fields=["password", "is_active"])
        Authenticator.objects.filter(user=user).delete()  # whoever used it leaves no telephone behind
        Grant.objects.filter(user=user, ends_at__gt=at).update(ends_at=at)
        sessions_drop(sessions_of(user))
    publish(events.EMERGENCY_CLOSED, subject=ref_of(release), actor=actor, at=at)
    return release


def _account(at: datetime) -> User:
    """The one account, made when it is first needed."""
    user = User.objects.select_for_update(of=("self",), no_key=True).filter(kind=UserKind.EMERGENCY).first()
    if user is None:
        user = User(kind=UserKind.EMERGENCY, email=ADDRESS, display_name=str(_("应急账号")), created_at=at)
        user.set_unusable_password()
        user.save(force_insert=True)
    return user
