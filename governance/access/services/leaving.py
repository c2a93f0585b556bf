"""Somebody leaves: everything they were given ends at once; and comes back: with nothing but the account."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.checks import can, require
from governance.access.guardians import guardians_lock, guarding_of, require_guardians
from governance.access.models import AccountChange, Grant, GrantLife, User, UserKind
from governance.access.permissions import Capability
from governance.access.places import home_of
from governance.access.reasons import checked_reason
from governance.access.services import grants_end
from governance.access.viewer import Scope, Viewer
from governance.errors import Forbidden, StaleState
from governance.outbox.services import publish
from governance.refs import ref_of

_MISSING = _("请写明原因，以后查起来才清楚")


def person_leave(*, user: User, reason: str, actor: Viewer, at: datetime) -> int:
    """End all grants of a person and close the account; return how many grants ended.

    It holds from their next request: an open page of theirs answers with the sign-in page. Their work stays where it
    is, under their name, until it is handed on. Raises `Forbidden` for oneself, and unless the actor gives grants
    wherever the person holds one, or in the place of their office; `StaleState` where the account is closed already;
    `DomainError` without a reason, or where nobody would be left who gives grants or changes roles.
    """
    why = checked_reason(reason, missing=_MISSING)
    with transaction.atomic():
        guardians_lock()
        locked = _locked(user)
        if actor.user_id == locked.pk:
            raise Forbidden("leave_self", _("不能停用自己的账号，请由另一位管理员办理"))
        if not locked.is_active:
            raise StaleState("already_left", _("这个账号已经停用了"))
        held = Grant.objects.filter(user=locked)
        grants = [one for one in held if one.life(at) is not GrantLife.ENDED]
        for code in sorted({grant.area_code for grant in grants} or {home_of(locked)}):
            require(actor, Capability.GIVE_GRANT, Scope(code))
        guarding = guarding_of(grants)
        grants_end(grants, actor=actor, at=at)
        _change(locked, is_active=False, reason=why, actor=actor, at=at)
        if guarding:
            require_guardians(at)
        publish(
            events.PERSON_LEFT,
            subject=ref_of(locked),
            actor=actor,
            area_code=home_of(locked),
            payload={"grants": [grant.pk for grant in grants]},
            at=at,
        )
    return len(grants)


def person_return(*, user: User, reason: str, actor: Viewer, at: datetime) -> User:
    """Open a closed account again. It holds nothing until somebody gives it a grant.

    Raises `Forbidden` unless the actor gives grants in the place of the person's office, `StaleState` where the account
    is open already, `DomainError` without a reason.
    """
    why = checked_reason(reason, missing=_MISSING)
    with transaction.atomic():
        locked = _locked(user)
        require(actor, Capability.GIVE_GRANT, Scope(home_of(locked)))
        if locked.is_active:
            raise StaleState("already_back", _("这个账号本来就能用"))
        _change(locked, is_active=True, reason=why, actor=actor, at=at)
        publish(events.PERSON_RETURNED, subject=ref_of(locked), actor=actor, area_code=home_of(locked), at=at)
    return locked


def may_close(user: User, viewer: Viewer, at: datetime) -> bool:
    """Whether this viewer may close the account, or open it: draws the button. 1 SQL."""
    if viewer.user_id == user.pk or not viewer.can(Capability.GIVE_GRANT):
        return False
    places = {one.area_code for one in Grant.objects.filter(user=user) if one.life(at) is not GrantLife.ENDED}
    return all(can(viewer, Capability.GIVE_GRANT, Scope(code)) for code in places or {home_of(user)})


def _locked(user: User) -> User:
    locked = User.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=user.pk)
    if locked.kind != UserKind.STAFF:
        raise Forbidden("not_staff", _("只有工作人员的账号在这里停用"))
    return locked


def _change(user: User, *, is_active: bool, reason: str, actor: Viewer, at: datetime) -> None:
    User.objects.filter(pk=user.pk).update(is_active=is_active)
    user.is_active = is_active
    AccountChange.objects.create(user=user, is_active=is_active, reason=reason, by=actor.user, at=at)
