"""Ending sessions: the device is signed out, and leaves the list of devices."""

from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings

from governance.access.models import User


def sessions_of(user: User) -> list[UserSession]:
    """All devices that somebody is signed in on. 1 SQL."""
    return list(UserSession.objects.filter(user=user).order_by("pk"))


def sessions_drop(sessions: list[UserSession]) -> int:
    """Sign these devices out; return how many. Whoever calls has the transaction and the permission. 1 SQL, 1 each."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for session in sessions:
        store.delete(session.session_key)
    UserSession.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    return len(sessions)
