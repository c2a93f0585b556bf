"""Passwords of residents. Staff have their own entrance and backend, and neither opens the other's door."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from governance.access.models import User, UserKind
from governance.web.queueing import turn


class ResidentBackend(AuthenticationBackend):
    """E-mail or phone with password, residents only; gives no permission to anybody."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Return the resident, or None; the staff entrance, which sends a `username`, is none of ours."""
        if "username" in credentials:
            return None
        with turn(is_known=False, may_wait=True) as is_theirs:
            if not is_theirs:
                raise get_adapter().validation_error("busy")
            found: Any = super().authenticate(request, **credentials)
        return found

    def user_can_authenticate(self, user: Any) -> bool:
        """Only active residents."""
        return bool(user.is_active) and user.kind == UserKind.RESIDENT

    def get_user(self, user_id: int) -> User | None:
        """Return the resident of a session while active. 1 SQL."""
        return User.objects.filter(pk=user_id, is_active=True, kind=UserKind.RESIDENT).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Never: what people may do comes from grants, and residents hold none. No SQL."""
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Never."""
        return False

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """None."""
        return set()
