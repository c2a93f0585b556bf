"""What every way in for staff ends with: a session that knows how its owner came, listed among their devices."""

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from governance.access.models import User, UserKind
from governance.access.second_step import mark_taken
from governance.access.services import sign_in_succeeded
from governance.access.viewer import viewer_for
from governance.web.addresses import is_ours
from governance.web.device import source_of

BACKEND = "governance.access.backends.GrantBackend"
CODE_WITHIN = timedelta(minutes=10)
_FIRST_STEP = "first_step"


def enter(request: HttpRequest, user: User, *, at: datetime, second_step: bool = False) -> None:
    """Sign somebody in who has shown who they are, with or without a second step."""
    login(request, user, backend=BACKEND)
    if second_step:
        mark_taken(request.session)
    UserSession.objects.create_from_request(request)
    source, _is_known = source_of(request, user.email or "")
    sign_in_succeeded(actor=viewer_for(user, at), address=source, at=at)


def first_step_keep(request: HttpRequest, user: User, *, target: str, at: datetime) -> None:
    """Remember who gave the right password, until their code comes; they are not signed in."""
    request.session.cycle_key()
    request.session[_FIRST_STEP] = {"user": user.pk, "at": at.isoformat(), "next": target}


def first_step_of(request: HttpRequest, at: datetime) -> tuple[User, str] | None:
    """Return who gave the right password within the last ten minutes, and where they want to go. 1 SQL at most."""
    kept: dict[str, Any] = request.session.get(_FIRST_STEP) or {}
    began = parse_datetime(kept.get("at", ""))
    if began is None or not timedelta() <= at - began <= CODE_WITHIN:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, kind=UserKind.STAFF).first()
    return (user, str(kept["next"])) if user is not None else None


def target_of(request: HttpRequest, wanted: str = "") -> str:
    """Where to go afterwards, as asked for: never to another host, never back to the entrance."""
    wanted = wanted or request.POST.get("next") or request.GET.get("next", "")
    onward = is_ours(request, wanted) and not wanted.startswith(reverse("access:sign-in"))
    return wanted if onward else reverse("web:work")
