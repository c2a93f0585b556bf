"""Authentication: passwords for people, permissions from live grants alone."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils import timezone

from governance.access.models import User, UserKind
from governance.access.viewer import Viewer, remembered_viewer

STAFF_DOOR = (UserKind.STAFF, UserKind.EMERGENCY)


class GrantBackend(BaseBackend):
    """Signs staff in by e-mail and password; `has_perm` answers from the active grants, one SQL a request."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the active colleague with this e-mail and password, or None; unknown addresses cost the same time."""
        if username is None:
            return None  # the residents' entrance
        email = username.strip().lower()
        user = User.objects.filter(email=email, kind__in=STAFF_DOOR).first() if email else None
        if user is None:
            make_password(password)  # the same work as for a known address, so that timing tells nothing
            return None
        return user if user.check_password(password or "") and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session while active."""
        rows = User.objects.select_related("organisation").filter(pk=user_id, is_active=True, kind__in=STAFF_DOOR)
        # every page asks: `first()` would order the one row, which costs as much again
        return next(iter(rows[:1]), None)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether a live grant holds the permission somewhere, or for `obj` if it knows its scope.

        Without `obj` this opens pages; it is never enough for a write (see `access.checks.require`).
        """
        viewer = _viewer(user_obj)
        if obj is not None and hasattr(obj, "access_scope"):
            return viewer.holds(perm, obj.access_scope())
        return viewer.can(perm)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """All capabilities that live grants give somewhere."""
        return set(_viewer(user_obj).capabilities)


def _viewer(user: Any) -> Viewer:
    return remembered_viewer(user, timezone.now())
