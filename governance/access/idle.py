"""How long a session of staff lasts: ended when nothing came from it for as many minutes as the office allows.

Only staff: they sit at counters, on shared machines, with other people's data on the screen (GB/T 22239, identity).
What a page asks for by itself is no sign of somebody; the script says of such requests that they are (`BACKGROUND`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY
from django.utils.dateparse import parse_datetime

from governance.access.models import AccessPolicy

BACKGROUND = "X-Liren-Background"
STAFF_BACKEND = "governance.access.backends.GrantBackend"
WRITE_EVERY = timedelta(minutes=1)  # a session is written at most so often, and the page tells of typing so often:
SLACK = 2 * WRITE_EVERY  # so the server waits that much longer than the page, which then gets to keep what was typed
AT_MOST = timedelta(hours=20)  # after signing in, however busy: a screen on a wall is signed in once a day
_SEEN, _ENTERED = "seen_at", "entered_at"


def idle_minutes() -> int:
    """After how many minutes without any sign a session ends, as the office has set it. 1 SQL."""
    found = AccessPolicy.objects.filter(pk=AccessPolicy.ROW).values_list("idle_minutes", flat=True).first()
    return found if found is not None else AccessPolicy.IDLE


def mark_entered(session: Any, at: datetime) -> None:
    """Somebody has just signed in."""
    session[_ENTERED] = session[_SEEN] = at.isoformat()


def is_staff(session: Any) -> bool:
    """Whether a colleague is signed in, told by the session alone. No SQL of its own."""
    return bool(session.get(BACKEND_SESSION_KEY) == STAFF_BACKEND)


def is_over(session: Any, at: datetime) -> bool:
    """Whether this session of staff has to end. 1 SQL, and only where it was quiet for the shortest time there is."""
    seen, entered = (parse_datetime(session.get(key, "")) for key in (_SEEN, _ENTERED))
    if seen is None or entered is None:  # from before this was kept: it counts from now on
        mark_entered(session, at)
        return False
    if at - entered > AT_MOST:
        return True
    quiet = at - seen - SLACK
    return quiet > timedelta(minutes=AccessPolicy.IDLE_LEAST) and quiet > timedelta(minutes=idle_minutes())


def mark_seen(session: Any, at: datetime) -> None:
    """Something came from whoever sits there; written at most once a minute."""
    seen = parse_datetime(session.get(_SEEN, ""))
    if seen is None or at - seen >= WRITE_EVERY:
        session[_SEEN] = at.isoformat()
