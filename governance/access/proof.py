"""When a session last showed who sits before it: at sign-in, and whenever the password is asked for again."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from governance.access.idle import mark_entered
from governance.access.models import AccessPolicy, UserKind
from governance.access.services.kept import has_kept

_AT = "proved_at"


def mark_proved(session: Any, at: datetime) -> None:
    """Remember that the password was right at `at`."""
    session[_AT] = at.isoformat()


def proved_at(session: Any) -> datetime | None:
    """When the password was last right in this session; None for a session from before this was kept."""
    return parse_datetime(session.get(_AT, ""))


def fresh_minutes() -> int:
    """For how many minutes that counts, as the office has set it. 1 SQL."""
    found = AccessPolicy.objects.filter(pk=AccessPolicy.ROW).values_list("fresh_minutes", flat=True).first()
    return found if found is not None else AccessPolicy().fresh_minutes


def remember_sign_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Receiver of Django's `user_logged_in`: through whichever door, somebody has just shown who they are."""
    at = timezone.now()
    mark_proved(request.session, at)
    if user.kind != UserKind.RESIDENT:
        mark_entered(request.session, at)
        request.session["kept"] = has_kept(user, at)  # so that only their pages look for it
        request.entered = user  # the answer notes it in the browser
