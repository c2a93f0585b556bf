"""Links that open one door once: to begin a portal, and to set the first password. Signed, with an end."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils.crypto import salted_hmac

from governance.access.models import User, UserKind

BEGIN_LIFE = timedelta(days=1)
INVITATION_LIFE = timedelta(days=14)
_BEGIN, _INVITATION = "liren.begin", "liren.invitation"


def begin_token() -> str:
    """Return what opens the set-up of a portal that has nobody yet."""
    return signing.dumps("begin", salt=_BEGIN)


def opens_beginning(token: str) -> bool:
    """Whether the token is ours and younger than a day; whether anybody has begun since is another question."""
    return _read(token, _BEGIN, BEGIN_LIFE) == "begin"


def invitation_token(user: User) -> str:
    """Return what lets this person set a first password; it ends when they have, or with the account."""
    return signing.dumps([str(user.public_id), _state(user)], salt=_INVITATION)


def invited(token: str) -> User | None:
    """Return the person whom the token invites, while they have no password yet. At most 1 SQL."""
    found = _read(token, _INVITATION, INVITATION_LIFE)
    if not isinstance(found, list):
        return None
    public_id, state = found
    user = User.objects.filter(public_id=public_id, kind=UserKind.STAFF, is_active=True).first()
    if user is None or user.has_usable_password() or state != _state(user):
        return None
    return user


def _state(user: User) -> str:
    return salted_hmac(_INVITATION, user.password).hexdigest()[:16]


def _read(token: str, salt: str, life: timedelta) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=life)
    except signing.BadSignature:
        return None
