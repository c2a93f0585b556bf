"""The second step at sign-in: set up by its owner, taken off by somebody else; and what the office wants of it."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.checks import can, require, require_everywhere
from governance.access.models import AccessPolicy, AccountChange, Grant, GrantLife, User, UserKind
from governance.access.permissions import Capability
from governance.access.places import home_of
from governance.access.reasons import checked_reason
from governance.access.second_step import has_device
from governance.access.services import sign_in_allowed, sign_in_failed
from governance.access.services.sessions import sessions_drop, sessions_of
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.services import publish
from governance.refs import ref_of


def second_step_set(*, secret: str, actor: Viewer, at: datetime) -> list[str]:
    """Keep the secret of the app on one's own telephone; return the recovery codes, which are shown this once.

    A telephone that was set up before is replaced: the page lets only somebody do that who came in with it.
    """
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.user.pk)
        Authenticator.objects.filter(user=actor.user, type=Authenticator.Type.TOTP).delete()
        TOTP.activate(actor.user, secret)
        codes = _new_codes(actor)
        publish(events.SECOND_STEP_SET, subject=ref_of(actor.user), actor=actor, at=at)
    return codes


def recovery_codes_renew(*, actor: Viewer, at: datetime) -> list[str]:
    """Make new recovery codes and return them; the old ones are worth nothing. Raises `StaleState` without a device."""
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.user.pk)
        if not has_device(actor.user):
            raise StaleState("second_step_missing", _("还没有设两步登录"))
        codes = _new_codes(actor)
        publish(events.RECOVERY_CODES_RENEWED, subject=ref_of(actor.user), actor=actor, at=at)
    return codes


def second_step_check(*, user: User, code: str, at: datetime) -> bool:
    """Whether this is a code of the person's telephone, or a recovery code, which is then used up.

    Raises `DomainError` on "code" after five wrong ones in a quarter of an hour, from whatever address: only whoever
    knows the password comes so far, so nobody else can lock them out here.
    """
    subject = f"second:{user.pk}"
    if not sign_in_allowed(email=subject, address=subject, at=at):
        raise DomainError("too_often", _("试的次数太多了，请过 15 分钟再试。"), field="code")
    with transaction.atomic():
        for device in Authenticator.objects.select_for_update(no_key=True).filter(user=user).order_by("pk"):
            if device.wrap().validate_code(code):
                device.record_usage()
                return True
    sign_in_failed(email=subject, address=subject, at=at)
    return False


def _new_codes(actor: Viewer) -> list[str]:
    rows = Authenticator.objects.filter(user=actor.user, type=Authenticator.Type.RECOVERY_CODES)
    rows.delete()
    codes: list[str] = RecoveryCodes.activate(actor.user).get_unused_codes()
    return codes


def second_step_reset(*, user: User, reason: str, actor: Viewer, at: datetime) -> int:
    """Take a colleague's device and recovery codes off and sign them out everywhere; return how many sessions ended.

    At the next sign-in the password is enough, and where their role wants a second step they are led to set it up.
    Raises `Forbidden` for oneself and unless the actor may do this wherever the person holds a grant, `StaleState`
    where there is no device, `DomainError` without a reason.
    """
    why = checked_reason(reason, missing=_("请写明原因，例如：手机丢了，本人当面来办的"))
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        require_reset(user, actor, at)
        if not has_device(user):
            raise StaleState("second_step_missing", _("这个人没有设两步登录"))
        Authenticator.objects.filter(user=user).delete()
        ended = sessions_drop(sessions_of(user))
        AccountChange.objects.create(
            user=user, is_active=user.is_active, second_step_reset=True, reason=why, by=actor.user, at=at
        )
        publish(
            events.SECOND_STEP_RESET,
            subject=ref_of(user),
            actor=actor,
            area_code=home_of(user),
            payload={"sessions": ended},
            at=at,
        )
    return ended


def require_reset(user: User, actor: Viewer, at: datetime) -> None:
    """Raise `Forbidden` for oneself, and unless the actor helps people sign in wherever this one holds a grant."""
    if user.kind != UserKind.STAFF:
        raise Forbidden("not_staff", _("这里只管工作人员的账号"))
    if actor.user_id == user.pk:
        raise Forbidden("reset_self", _("不能取下自己的，请由另一位管理员办理"))
    for code in sorted(_places(user, at)):
        require(actor, Capability.RESET_SECOND_STEP, Scope(code))


def may_reset(user: User, viewer: Viewer, at: datetime) -> bool:
    """Whether this viewer may take the person's device off: draws the button. 1 SQL at most."""
    if viewer.user_id == user.pk or not viewer.can(Capability.RESET_SECOND_STEP):
        return False
    return all(can(viewer, Capability.RESET_SECOND_STEP, Scope(code)) for code in _places(user, at))


def policy_change(
    *,
    grace_days: int | None,
    fresh_minutes: int | None,
    idle_minutes: int | None,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> AccessPolicy:
    """Say how the office wants its people to sign in; `seen` is the row's `changed_at` as the person saw it.

    Raises `Forbidden` to whoever does not change roles for the whole territory, `StaleState` when somebody changed it
    meanwhile, `DomainError` with the field for numbers out of bounds, no reason, or nothing changed.
    """
    require_everywhere(actor, Capability.EDIT_ROLES)
    if grace_days is None or not 0 <= grace_days <= AccessPolicy.GRACE_MOST:
        most = {"most": AccessPolicy.GRACE_MOST}
        raise DomainError("grace_range", _("请写 0 到 %(most)s 的整数") % most, field="grace_days")
    if fresh_minutes is None or not AccessPolicy.FRESH_LEAST <= fresh_minutes <= AccessPolicy.FRESH_MOST:
        bounds = {"least": AccessPolicy.FRESH_LEAST, "most": AccessPolicy.FRESH_MOST}
        raise DomainError("fresh_range", _("请写 %(least)s 到 %(most)s 的整数") % bounds, field="fresh_minutes")
    if idle_minutes is None or not AccessPolicy.IDLE_LEAST <= idle_minutes <= AccessPolicy.IDLE_MOST:
        bounds = {"least": AccessPolicy.IDLE_LEAST, "most": AccessPolicy.IDLE_MOST}
        raise DomainError("idle_range", _("请写 %(least)s 到 %(most)s 的整数") % bounds, field="idle_minutes")
    wanted = {"grace_days": grace_days, "fresh_minutes": fresh_minutes, "idle_minutes": idle_minutes}
    why = checked_reason(reason)
    with transaction.atomic():
        AccessPolicy.objects.get_or_create(pk=AccessPolicy.ROW)
        policy = AccessPolicy.objects.select_for_update(no_key=True).get(pk=AccessPolicy.ROW)
        if policy.changed_at != seen:
            raise StaleState("policy_changed_meanwhile", _("刚才别人改过，请看清现在的样子再改"))
        if all(getattr(policy, name) == value for name, value in wanted.items()):
            raise DomainError("nothing_changed", _("没有改动：已经是这样了"))
        policy.grace_days, policy.fresh_minutes, policy.idle_minutes = grace_days, fresh_minutes, idle_minutes
        policy.changed_at, policy.changed_by, policy.why = at, actor.user, why
        policy.save()
        publish(events.POLICY_CHANGED, subject=ref_of(policy), actor=actor, payload=wanted, at=at)
    return policy


def _places(user: User, at: datetime) -> set[str]:
    """Where the person holds or will hold something; of somebody without any, where their office lies. 1 SQL."""
    held = Grant.objects.filter(user=user)
    return {one.area_code for one in held if one.life(at) is not GrantLife.ENDED} or {home_of(user)}
