"""Which colleague signed in last in this browser: a signed cookie that opens nothing.

It says whose half-typed form is to be kept when the session has ended, and lets whoever comes back to their own browser
past the crowd at the entrance (`web/queueing.py`): their failures are counted for this browser, not for its address.
"""

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from governance.access.models import User, UserKind
from governance.web.throttle import client_address

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


def source_of(request: HttpRequest, email: str) -> tuple[str, bool]:
    """What failures with this address are counted by, and whether it is this very browser.

    It is, where its owner has signed in here before; else the network address. 1 SQL, none without the cookie.
    """
    kept = _read(request)
    if kept and User.objects.filter(public_id=UUID(kept[0]), email=email.strip().lower()).exists():
        return f"device:{kept[1]}", True
    return client_address(request), False


def is_known(request: HttpRequest) -> bool:
    """Whether any colleague has signed in in this browser. No SQL."""
    return _read(request) is not None


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
