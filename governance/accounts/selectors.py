"""Reads of one's own account."""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.models import User, UserPhone
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_email, mask_phone

DEVICES_SHOWN = 50


def phone_of(user: User) -> str:
    """Return the verified number of a person, "" for none. 1 SQL."""
    phone = UserPhone.objects.filter(user=user, verified_at__isnull=False).first()
    return str(phone.number) if phone is not None else ""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the account page shows; number and address as their owner recognises them."""

    name: str
    phone: str
    email: str
    has_password: bool
    has_second_factor: bool


def account_facts(viewer: Viewer) -> AccountFacts:
    """Return the facts of the viewer's own account: 2 SQL."""
    user = viewer.user
    phone = phone_of(user)
    second = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return AccountFacts(
        name=user.called,
        phone=mask_phone(phone) if phone else "",
        email=mask_email(user.email) if user.email else "",
        has_password=user.has_usable_password(),
        has_second_factor=second,
    )


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes the person has not used. 1 SQL."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row is not None else 0


@dataclass(frozen=True, slots=True)
class Device:
    """A place where the account is signed in."""

    pk: int
    kind: str | Promise
    browser: str
    address: str
    since: datetime
    is_current: bool


_KINDS: tuple[tuple[str, str | Promise], ...] = (
    (r"iPad|Tablet", _("平板")),
    (r"iPhone|Android|Mobile|HarmonyOS", _("手机")),
    (r"Windows|Macintosh|Linux|CrOS", _("电脑")),
)
_BROWSERS = ("MicroMessenger", "Edg", "Firefox", "Chrome", "Safari")
_NAMES = {"MicroMessenger": "WeChat", "Edg": "Edge"}


def devices_of(viewer: Viewer, session_key: str) -> list[Device]:
    """Return where the viewer is signed in, this device first, then the latest: 2 SQL."""
    listed = list(UserSession.objects.filter(user_id=viewer.user_id).order_by("-created_at")[:DEVICES_SHOWN])
    alive = set(
        Session.objects.filter(
            session_key__in=[row.session_key for row in listed], expire_date__gt=viewer.at
        ).values_list("session_key", flat=True)
    )
    devices = [
        Device(
            pk=row.pk,
            kind=_kind(row.user_agent),
            browser=_browser(row.user_agent),
            address=row.ip,
            since=row.created_at,
            is_current=row.session_key == session_key,
        )
        for row in listed
        if row.session_key in alive
    ]
    return sorted(devices, key=lambda device: not device.is_current)


def _kind(agent: str) -> str | Promise:
    return next((name for pattern, name in _KINDS if re.search(pattern, agent)), _("设备"))


def _browser(agent: str) -> str:
    found = next((name for name in _BROWSERS if f"{name}/" in agent), "")
    return _NAMES.get(found, found)
