"""Residents with an account, as signing up makes them."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.test import Client

from governance.access.models import User, UserKind, UserPhone
from governance.access.viewer import Viewer
from governance.accounts.services import phone_index
from tests.factories.world import MORNING

BACKEND = "governance.accounts.backends.ResidentBackend"


def resident(name: str = "周梅", phone: str = "+8613812345678", email: str = "", at: datetime = MORNING) -> User:
    """Somebody with an account and a verified number or address."""
    user = User(kind=UserKind.RESIDENT, private_name=name, email=email or None, created_at=at)
    user.set_unusable_password()
    user.save()
    if phone:
        UserPhone.objects.create(user=user, number=phone, number_index=phone_index(phone), verified_at=at)
    if email:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def viewer_of(user: User) -> Viewer:
    return Viewer(kind="resident", user=user, at=MORNING)


def signed_in(user: User, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    client.cookies["liren_lang"] = language
    return client
