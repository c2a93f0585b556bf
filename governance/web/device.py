"""Which colleague signed in last in this browser: a signed cookie that opens nothing.

It says whose half-typed form is to be kept when the session has ended.
"""

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from governance.access.models import User, UserKind

COOKIE = "liren_device"
DAYS = 180
_SALT = "liren.device"


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Note in this browser that this person has signed in, with everything they need for it."""
    kept = _read(request)
    device = kept[1] if kept and kept[0] == str(user.public_id) else secrets.token_hex(8)
    response.set_cookie(
        COOKIE,
        signing.dumps([str(user.public_id), device], salt=_SALT),
        max_age=DAYS * 86400,
        path=settings.STAFF_PREFIX,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def device_of(request: HttpRequest, user: User) -> str:
    """The name of this browser if this person was the last to sign in here, else ""."""
    kept = _read(request)
    return kept[1] if kept and kept[0] == str(user.public_id) else ""


def last_here(request: HttpRequest) -> User | None:
    """The active colleague who signed in last in this browser. 1 SQL, none without the cookie."""
    kept = _read(request)
    if kept is None:
        return None
    rows = User.objects.filter(public_id=UUID(kept[0]), is_active=True)
    return rows.exclude(kind=UserKind.RESIDENT).first()


def _read(request: HttpRequest) -> tuple[str, str] | None:
    try:
        found: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=DAYS * 86400)
    except signing.BadSignature:
        return None
    return str(found[0]), str(found[1])
