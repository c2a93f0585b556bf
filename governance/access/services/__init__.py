"""The only writers of people, grants and sign-in records (roles follow the code, see `sync`)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import areas, events
from governance.access.checks import require
from governance.access.duties import require_apart
from governance.access.guardians import guardians_lock, guarding_of, require_guardians
from governance.access.models import ApiToken, Grant, GrantLife, Role, SignInFailure, User, UserKind
from governance.access.permissions import GIVING, Capability
from governance.access.viewer import ANONYMOUS, Scope, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.organisations.models import Organisation
from governance.outbox.services import NewEvent, publish, publish_many
from governance.privacy.blind_index import blind_index
from governance.refs import ref_of

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT_AND_ADDRESS = 5
FAILURES_PER_ADDRESS = 50
TOKEN_LIFE_MAX = timedelta(days=366)
TOKEN_PREFIX = "liren_"  # noqa: S105 - so that a leaked one is recognised; what follows is the secret


def user_language_set(*, user: User, language: str) -> None:
    """Remember the language a person chose, for the letters they get; an unknown one changes nothing. 1 SQL or none."""
    if language in dict(settings.LANGUAGES) and language != user.language:
        User.objects.filter(pk=user.pk).update(language=language)
        user.language = language


def user_shortcuts_set(*, user: User, on: bool) -> None:
    """Remember whether single keys are shortcuts for this person. 1 SQL or none."""
    if on != user.has_shortcuts:
        User.objects.filter(pk=user.pk).update(has_shortcuts=on)
        user.has_shortcuts = on


def user_create(
    *,
    email: str,
    display_name: str,
    password: str | None,
    actor: Viewer,
    at: datetime,
    staff_no: str = "",
    organisation: Organisation | None = None,
) -> User:
    """Make an account that can sign in. It may do nothing until it holds a grant.

    Without a password the person sets one through an invitation. Raises `DomainError` for a taken address
    (`user_email_unique`) or a password the validators refuse.
    """
    require(actor, Capability.GIVE_GRANT, Scope(organisation.area_code if organisation else ""))
    user = User(
        email=email.strip().lower(),
        display_name=display_name.strip(),
        staff_no=staff_no.strip(),
        organisation=organisation,
        created_at=at,
    )
    try:
        validate_email(user.email)
    except ValidationError as error:
        raise DomainError("email_invalid", _("邮箱没有看懂，请写成 name@example.cn"), field="email") from error
    if password is not None:
        check_password(password, user)
    user.set_password(password)
    with constraint_errors(), transaction.atomic():
        user.save(force_insert=True)
        publish(
            events.USER_CREATED,
            subject=ref_of(user),
            actor=actor,
            area_code=organisation.area_code if organisation else "",
            payload={"organisation_id": organisation.pk if organisation else None},
            at=at,
        )
    return user


def check_password(password: str, user: User) -> None:
    """Raise `DomainError` on "password" for one that the validators refuse."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError("password_weak", " ".join(error.messages), field="password") from error


def user_invite(*, user: User, actor: Viewer, at: datetime) -> None:
    """Ask somebody who has never signed in to set a password: publishes what the invitation follows from.

    Raises `StaleState` once the person has a password of their own.
    """
    area_code = user.organisation.area_code if user.organisation else ""
    require(actor, Capability.GIVE_GRANT, Scope(area_code))
    if user.has_usable_password():
        raise StaleState("user_has_password", _("这个人已经设好密码了"))
    with transaction.atomic():
        publish(events.USER_INVITED, subject=ref_of(user), actor=actor, area_code=area_code, at=at)


def user_password_set(*, user: User, password: str, at: datetime) -> User:
    """Set the first password of somebody who was invited. Raises `StaleState` where there is one already,
    `DomainError` on "password" for one that the validators refuse."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if locked.has_usable_password() or not locked.is_active:
            raise StaleState("user_has_password", _("这个人已经设好密码了"))
        check_password(password, locked)
        locked.set_password(password)
        locked.save(update_fields=["password"])
        own = Viewer(kind="staff", user=locked, at=at)
        publish(events.PASSWORD_SET, subject=ref_of(locked), actor=own, at=at)
    return locked


def grant_create(
    *,
    user: User,
    role: Role,
    area_code: str,
    organisation: Organisation | None,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    submission_key: UUID | None = None,
) -> Grant:
    """Give a person a role for an area or an organisation and a period.

    With an organisation, the grant covers the records that name it, and `area_code` is taken from it.
    Raises `Forbidden` when the actor may not give grants there, or gives one to themselves; `DomainError` with the
    field for an unknown area, a closed account or organisation, a period in the wrong order or an overlapping grant.
    """
    code = organisation.area_code if organisation is not None else area_code
    if not code:
        raise DomainError("area_required", _("请选一个区域或单位"), field="area_code")
    require(actor, Capability.GIVE_GRANT, Scope(code))
    check_given(user=user, role=role, organisation=organisation, actor=actor)
    if organisation is None and not _area_known(code):
        raise DomainError("area_unknown", _("没有这个区域，请从列表里选"), field="area_code")
    check_period(starts_at, ends_at, at)
    if not reason.strip():
        raise DomainError("reason_required", _("请写明授权的理由，以后查起来才清楚"), field="reason")
    with constraint_errors(), transaction.atomic():
        require_apart(user=user, role=role, at=at)
        # one at a time for a person: two that meet in the exclusion constraint may wait for each other
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        return grant_write(
            user=user,
            role=role,
            area_code=code,
            organisation=organisation,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip(),
            actor=actor,
            at=at,
            submission_key=submission_key,
        )


def check_given(*, user: User, role: Role, organisation: Organisation | None, actor: Viewer) -> None:
    """Raise `Forbidden` for oneself, `DomainError` with the field for whom or what nobody can be given."""
    if actor.user_id == user.pk:
        raise Forbidden("grant_to_self", _("不能给自己授权，请由另一位管理员办理"), field="user")
    if role.retired_at is not None:
        raise DomainError("role_retired", _("这个角色已经停用"), field="role")
    if user.kind == UserKind.EMERGENCY:
        raise DomainError("user_is_emergency", _("应急账号不能给角色，由两位管理员打开它"), field="user")
    if user.kind == UserKind.RESIDENT:
        raise DomainError("user_is_resident", _("居民账号不能担任角色，请先开一个工作人员账号"), field="user")
    if not user.is_active:
        raise DomainError("user_inactive", _("这个人的账号已经停用"), field="user")
    if organisation is not None and not organisation.is_active:
        raise DomainError("organisation_inactive", _("这个单位已经停用"), field="organisation")


def check_period(starts_at: datetime, ends_at: datetime | None, at: datetime) -> None:
    """Raise `DomainError` on "ends_at" for an end before the start, or in the past."""
    if ends_at is not None and ends_at <= starts_at:
        raise DomainError("ends_before_start", _("结束时间要晚于开始时间"), field="ends_at")
    if ends_at is not None and ends_at <= at:
        raise DomainError("ends_in_past", _("结束时间已经过去了"), field="ends_at")


def grant_write(
    *,
    user: User,
    role: Role,
    area_code: str,
    organisation: Organisation | None,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    submission_key: UUID | None = None,
    stands_in_for: Grant | None = None,
    source: str = "",
) -> Grant:
    """Write a grant and its event, for services that have asked who may: nothing is checked here."""
    grant = Grant(
        user=user,
        role=role,
        area_code=area_code,
        organisation=organisation,
        starts_at=starts_at,
        ends_at=ends_at,
        granted_by=actor.user,
        reason=reason,
        created_at=at,
        submission_key=submission_key,
        stands_in_for=stands_in_for,
        source=source,
    )
    grants_write([grant], actor=actor, at=at)
    return grant


def grants_write(grants: Sequence[Grant], *, actor: Viewer, at: datetime) -> None:
    """Write many grants and their events as `grant_write` does one. 2 SQL for up to 10,000."""
    Grant.objects.bulk_create(grants)
    publish_many(_given(one, actor, at) for one in grants)


def _given(grant: Grant, actor: Viewer, at: datetime) -> NewEvent:
    payload = {
        "user_id": grant.user_id,
        "role": grant.role.key,
        "organisation_id": grant.organisation_id,
        "starts_at": grant.starts_at,
        "ends_at": grant.ends_at,
        "stands_in_for_id": grant.stands_in_for.user_id if grant.stands_in_for else None,
    }
    return NewEvent(
        event_type=events.GRANT_GIVEN,
        subject=ref_of(grant),
        actor=actor,
        area_code=grant.area_code,
        payload=payload,
        at=at,
    )


def grant_end(*, grant: Grant, actor: Viewer, at: datetime) -> Grant:
    """End a grant now, as `grants_end` does many; return it as it is then."""
    return grants_end([grant], actor=actor, at=at)[0]


def grants_end(grants: Sequence[Grant], *, actor: Viewer, at: datetime, source: str = "") -> list[Grant]:
    """End grants now, with those of colleagues who stand in for them; one that has not begun ends at its beginning.

    `source` is what they follow from: whoever ends that has asked who may. Returns them as they are then; ended ones
    stay as they were. All or none, about 8 SQL for any number. Raises `Forbidden` out of reach, `DomainError`
    ("last_guardian") where nobody would be left who gives grants or changes roles.
    """
    with transaction.atomic():
        guarding = guarding_of(grants)
        if guarding:
            guardians_lock()  # before the rows, as everywhere
        rows = Grant.objects.select_for_update(of=("self",), no_key=True).select_related("role").order_by("pk")
        locked = list(rows.filter(pk__in=[grant.pk for grant in grants]))
        for grant in locked:
            require_over(grant, actor, source)
        ending = [grant for grant in locked if grant.life(at) is not GrantLife.ENDED]
        if not ending:
            return locked
        was_guarding = any(grant.pk in guarding and grant.life(at) is GrantLife.LIVE for grant in ending)
        known = {grant.pk for grant in ending}
        ending += rows.standing_in(at).filter(stands_in_for__in=known).exclude(pk__in=known)
        for grant in ending:
            grant.ends_at = max(at, grant.starts_at)
        Grant.objects.bulk_update(ending, ["ends_at"], batch_size=500)
        if was_guarding:
            require_guardians(at)
        publish_many(_ended(grant, actor, at) for grant in ending)
    return locked


def require_over(grant: Grant, actor: Viewer, source: str = "") -> None:
    """Raise `Forbidden` unless the actor gives grants there, or acts over what this very grant follows from."""
    if not source or grant.source != source:
        require(actor, Capability.GIVE_GRANT, Scope(grant.area_code))


def _ended(grant: Grant, actor: Viewer, at: datetime) -> NewEvent:
    payload = {
        "user_id": grant.user_id,
        "role": grant.role.key,
        "organisation_id": grant.organisation_id,
        "ends_at": grant.ends_at,
    }
    return NewEvent(
        event_type=events.GRANT_ENDED,
        subject=ref_of(grant),
        actor=actor,
        area_code=grant.area_code,
        payload=payload,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its secret, which exists only here and at the organisation."""

    token: ApiToken
    secret: str


def token_issue(
    *,
    name: str,
    organisation: Organisation,
    role: Role,
    area_code: str,
    expires_at: datetime,
    reason: str,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> IssuedToken:
    """Let an organisation's system act through the interface; return the secret, which is kept nowhere.

    It gets an account of its own (never one that signs in) with one grant: the role in the area, or without an area in
    the organisation. Raises `Forbidden` and `DomainError` as `grant_create` does, and with the field for an empty name,
    an end that is past or over a year away, or a role that itself gives rights.
    """
    title = name.strip()
    if not title:
        raise DomainError("name_required", _("请给令牌起个名字，例如：市热线工单系统"), field="name")
    if expires_at <= at:
        raise DomainError("ends_in_past", _("结束时间已经过去了"), field="expires_at")
    if expires_at > at + TOKEN_LIFE_MAX:
        raise DomainError("ends_too_late", _("令牌最长一年，到期前再发一个新的"), field="expires_at")
    if role.group.permissions.filter(codename__in=[name.partition(".")[2] for name in GIVING]).exists():
        raise DomainError("role_too_strong", _("能给别人授权的角色，不能给程序"), field="role")
    place = area_code or organisation.area_code
    require(actor, Capability.ISSUE_TOKEN, Scope(place))
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with constraint_errors(), transaction.atomic():
        user = User(kind=UserKind.PROGRAM, display_name=title[:40], organisation=organisation, created_at=at)
        user.set_unusable_password()
        user.save(force_insert=True)
        token = ApiToken.objects.create(
            user=user,
            organisation=organisation,
            area_code=place,
            digest=token_digest(secret),
            tail=secret[-4:],
            issued_at=at,
            issued_by=actor.user,
            reason=reason.strip(),
            expires_at=expires_at,
            submission_key=submission_key,
        )
        grant_create(
            user=user,
            role=role,
            area_code=area_code,
            organisation=None if area_code else organisation,
            starts_at=at,
            ends_at=expires_at,
            reason=reason,
            actor=actor,
            at=at,
        )
        publish(
            events.TOKEN_ISSUED,
            subject=ref_of(token),
            actor=actor,
            area_code=place,
            payload={
                "user_id": user.pk,
                "organisation_id": organisation.pk,
                "role": role.key,
                "expires_at": expires_at.isoformat(),
            },
            at=at,
        )
    return IssuedToken(token, secret)


def token_revoke(*, token: ApiToken, reason: str, actor: Viewer, at: datetime) -> ApiToken:
    """End a token now: the next call with it is refused. Revoking again changes nothing.

    Raises `DomainError` on "reason" when there is none.
    """
    why = reason.strip()[:200]
    if not why:
        raise DomainError("reason_required", _("请写明为什么收回"), field="reason")
    with transaction.atomic():
        locked = ApiToken.objects.select_for_update(of=("self",), no_key=True).get(pk=token.pk)
        require(actor, Capability.ISSUE_TOKEN, locked)
        if locked.revoked_at is not None:
            return locked
        locked.revoked_at, locked.revoked_by, locked.revoke_reason = at, actor.user, why
        locked.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
        User.objects.filter(pk=locked.user_id).update(is_active=False)
        publish(
            events.TOKEN_REVOKED,
            subject=ref_of(locked),
            actor=actor,
            area_code=locked.area_code,
            payload={"user_id": locked.user_id, "organisation_id": locked.organisation_id},
            at=at,
        )
    return locked


def token_used(*, token: ApiToken, day: date) -> None:
    """Note the day on which a token was last used: 1 SQL a day, none after that."""
    if token.last_used_date != day:
        ApiToken.objects.filter(pk=token.pk).update(last_used_date=day)


def token_digest(secret: str) -> str:
    """Digest under which a token is stored. The secret is 256 random bits: a plain hash cannot be turned back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in_allowed(*, email: str, address: str, at: datetime) -> bool:
    """Whether another attempt may be made: counted by account *with* address, so that nobody can lock others out.

    The count lives in the database and holds while the cache is down.
    """
    since = at - FAILURE_WINDOW
    recent = SignInFailure.objects.filter(address_index=_index(address), at__gt=since)
    mine = recent.filter(account_index=_index(email))
    return (
        mine.count() < FAILURES_PER_ACCOUNT_AND_ADDRESS and recent[:FAILURES_PER_ADDRESS].count() < FAILURES_PER_ADDRESS
    )


def has_failed_lately(*, address: str, at: datetime) -> bool:
    """Whether anybody failed from this address within the window. 1 SQL."""
    return SignInFailure.objects.filter(address_index=_index(address), at__gt=at - FAILURE_WINDOW).exists()


def sign_in_failed(*, email: str, address: str, at: datetime) -> None:
    """Record a failed attempt, in the trail too, and drop what is older than a day.

    The trail names the account if there is one, never what was typed; addresses by a digest, so that one source of
    many attempts is recognised. The attempt that closes the door is told once: those after it write nothing.
    """
    mine = {"account_index": _index(email), "address_index": _index(address)}
    with transaction.atomic():
        SignInFailure.objects.filter(at__lt=at - timedelta(days=1)).delete()
        SignInFailure.objects.create(**mine, at=at)
        known = User.objects.filter(email=email.strip().lower()).values_list("pk", flat=True).first()
        subject = f"{User._meta.label_lower}:{known}" if known is not None else events.DOOR
        said = {"source_index": address_digest(address)}
        publish(events.SIGN_IN_FAILED, subject=subject, actor=ANONYMOUS, payload=said, at=at)
        tried = SignInFailure.objects.filter(**mine, at__gt=at - FAILURE_WINDOW).count()
        if tried == FAILURES_PER_ACCOUNT_AND_ADDRESS:
            publish(events.SIGN_IN_LOCKED, subject=subject, actor=ANONYMOUS, payload=said, at=at)


def sign_in_succeeded(*, actor: Viewer, address: str, at: datetime) -> None:
    """Record a sign-in in the trail and forget this person's failures from this address."""
    with transaction.atomic():
        SignInFailure.objects.filter(account_index=_index(actor.user.email), address_index=_index(address)).delete()
        publish(events.SIGNED_IN, subject=ref_of(actor.user), actor=actor, at=at)


def signed_out(*, actor: Viewer, at: datetime) -> None:
    """Record a sign-out in the trail."""
    with transaction.atomic():
        publish(events.SIGNED_OUT, subject=ref_of(actor.user), actor=actor, at=at)


def address_digest(address: str) -> str:
    """What the trail keeps of a network address: one source of many attempts is recognised, nobody is found by it."""
    return _index(address)[:16]


def _area_known(code: str) -> bool:
    """Before a territory is loaded every code of a level goes: the first administrator comes before the map."""
    return areas.exists(code) or (bool(areas.level(code)) and not areas.children(""))


def _index(value: str) -> str:
    return blind_index(value.strip().lower(), purpose="access.sign_in")
