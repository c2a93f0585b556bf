"""The only writers of residents' accounts and of lists of devices, beside allauth's own rows."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from governance.access.events import SIGNED_IN
from governance.access.models import User, UserKind, UserPhone
from governance.access.services.sessions import sessions_drop, sessions_of
from governance.access.viewer import Viewer
from governance.accounts import events
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.notifications.models import Message, NoticePreference
from governance.outbox.services import publish
from governance.privacy.blind_index import blind_index, blind_matches
from governance.refs import ref_of
from governance.text import clean_text, mobile_number

PHONE_PURPOSE = "access.phone"
NAME_MAX = 40
UNVERIFIED_LIFETIME = timedelta(days=1)


def phone_index(number: str) -> str:
    """Return the keyed digest under which a number is found again."""
    return blind_index(number, purpose=PHONE_PURPOSE)


def phone_indexes(number: str) -> list[str]:
    """Return the digests under which a number may be kept, one for each key: for searching."""
    return blind_matches(number, purpose=PHONE_PURPOSE)


def account_create(*, user: User, phone: str, language: str, at: datetime) -> User:
    """Save a resident who signs up, without a password and with an address or number that is not verified yet.

    Raises `DomainError` when address or number were taken a moment ago.
    """
    user.kind, user.language, user.created_at = UserKind.RESIDENT, language, at
    user.private_name = clean_text(user.private_name or "", multiline=False)[:NAME_MAX]
    user.set_unusable_password()
    with constraint_errors(), transaction.atomic():
        user.save(force_insert=True)
        if phone:
            _keep_phone(user, phone, verified_at=None)
    return user


def phone_keep(*, user: User, number: str, at: datetime | None) -> None:
    """Make this the person's number; `at` is when a code sent to it came back, None while that is still open.

    A number that somebody else claimed and never verified goes to whoever has verified it. Raises `DomainError` for
    something that is no mobile number and for one that another account has verified.
    """
    found = mobile_number(number)
    if not found:
        raise DomainError("phone_invalid", _("手机号没有看懂，请写成 13812345678"), field="phone")
    with transaction.atomic():
        others = UserPhone.objects.filter(number_index__in=phone_indexes(found)).exclude(user=user)
        if others.filter(verified_at__isnull=False).exists():
            raise DomainError("phone_taken", _("这个号码已经有账号了，请直接登录"), field="phone")
        others.delete()
        _keep_phone(user, found, verified_at=at)
        if at is not None:
            publish(events.PHONE_VERIFIED, subject=ref_of(user), actor=_as_viewer(user), at=at)


def _keep_phone(user: User, number: str, *, verified_at: datetime | None) -> None:
    UserPhone.objects.update_or_create(
        user=user,
        defaults={"number": number, "number_index": phone_index(number), "verified_at": verified_at},
    )


def name_change(*, actor: Viewer, name: str) -> None:
    """Change how the resident wants to be called; "" for not at all."""
    _require_resident(actor)
    cleaned = clean_text(name, multiline=False)
    if len(cleaned) > NAME_MAX:
        raise DomainError("name_too_long", _("称呼太长了，最多 40 个字"), field="name")
    User.objects.filter(pk=actor.user.pk).update(private_name=cleaned)
    actor.user.private_name = cleaned


def signed_in(*, user: User, is_first: bool, at: datetime) -> None:
    """Record a sign-in in the trail; the first one is the birth of the account, for only now is it verified."""
    with transaction.atomic():
        if is_first:
            publish(events.ACCOUNT_CREATED, subject=ref_of(user), actor=_as_viewer(user), at=at)
        publish(SIGNED_IN, subject=ref_of(user), actor=_as_viewer(user), at=at)


def sessions_end(*, actor: Viewer, keep: str, only: int | None = None, at: datetime) -> int:
    """Sign devices of this person out: all but the session with the key `keep`, or just the one listed as `only`.

    Returns how many; devices of others are left alone, whatever their number.
    """
    listed = UserSession.objects.filter(user_id=actor.user_id).exclude(session_key=keep)
    if only is not None:
        listed = listed.filter(pk=only)
    with transaction.atomic():
        found = list(listed.order_by("pk"))
        sessions_drop(found)
        publish(events.SESSIONS_ENDED, subject=ref_of(actor.user), actor=actor, payload={"count": len(found)}, at=at)
    return len(found)


def account_delete(*, actor: Viewer, at: datetime) -> None:
    """Take a resident's account away for good: name, number, address, password, second factor, devices, messages.

    The row stays as an empty place that the trail points at. Requests stay with the office: other apps hear
    `accounts.account_deleted` and drop what binds them to the person.
    """
    _require_resident(actor)
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.user.pk)
        sessions_drop(sessions_of(user))
        for rows in (
            UserPhone.objects.filter(user=user),
            EmailAddress.objects.filter(user=user),
            Authenticator.objects.filter(user=user),
            Message.objects.filter(user=user),
            NoticePreference.objects.filter(user=user),
        ):
            rows.delete()
        user.private_name, user.email, user.is_active = None, None, False
        user.set_unusable_password()
        user.save(update_fields=["private_name", "email", "is_active", "password"])
        publish(events.ACCOUNT_DELETED, subject=ref_of(user), actor=actor, at=at)


def accounts_sweep(*, at: datetime) -> int:
    """Take away accounts whose number or address nobody verified within a day, and devices whose session is over.

    Returns how many accounts. They have done nothing yet, and no row names them: signing in comes after verifying.
    """
    verified_phone = UserPhone.objects.filter(user=OuterRef("pk"), verified_at__isnull=False)
    verified_email = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    stale = User.objects.filter(
        ~Q(Exists(verified_phone)),
        ~Q(Exists(verified_email)),
        kind=UserKind.RESIDENT,
        is_active=True,
        last_login__isnull=True,
        created_at__lt=at - UNVERIFIED_LIFETIME,
    )
    with transaction.atomic():
        people = list(stale.order_by("pk").values_list("pk", flat=True)[:500])
        User.objects.filter(pk__in=people).delete()
    over = UserSession.objects.filter(created_at__lt=at - timedelta(seconds=settings.RESIDENT_SESSION_AGE))
    over.delete()
    return len(people)


def _require_resident(actor: Viewer) -> None:
    if actor.kind != "resident" or actor.user is None:
        raise Forbidden("residents_only", _("这里是居民的账号，工作人员的账号请找管理员"))


def _as_viewer(user: User) -> Viewer:
    return Viewer(kind="resident", user=user)
