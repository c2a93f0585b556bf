"""The second step of signing in, as requests see it: a session knows whether it was taken.

Who needs one follows from the roles they hold (`Role.second_step_since`) and from when (`AccessPolicy.grace_days`).
Until it is taken, after the grace, the viewer holds no grant: nothing opens and nothing is counted for them.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator

from governance.access.viewer import Viewer

_TAKEN = "second_step"


def has_device(user: Any) -> bool:
    """Whether the person has an app on a telephone that makes codes. 1 SQL."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def mark_taken(session: Any) -> None:
    """Remember that this session came in with the second step. It ends when the device is taken off."""
    session[_TAKEN] = True


def is_taken(session: Any) -> bool:
    """Whether this session came in with the second step."""
    return bool(session.get(_TAKEN))


def held_back(viewer: Viewer, session: Any, at: datetime) -> Viewer:
    """Return the viewer, without any grant where the second step is due and was not taken. No SQL."""
    due = viewer.second_step_due
    if viewer.kind != "staff" or due is None or due > at or is_taken(session):
        return viewer
    return replace(viewer, grants=(), waits_for_second_step=True)
