"""Who may call a view of the interface: the holder of a token with one of the named capabilities, nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.utils.decorators import method_decorator
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from governance.access.decorators import ACCESS_MARK

View = TypeVar("View", bound=type[Any])  # an APIView; its module reads this one while it loads


def by_token(*capabilities: str) -> Callable[[View], View]:
    """Mark a view of the interface: open to tokens that hold at least one of the capabilities somewhere.

    As `@requires` of pages this opens the door only; rows come from `visible_to`, services ask `require`.
    Without a token 401, without the capability 403.
    """
    if not capabilities:
        raise ValueError("Name at least one capability.")

    def mark(dispatch: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(dispatch)
        def marked(*args: Any, **kwargs: Any) -> HttpResponseBase:
            return dispatch(*args, **kwargs)

        setattr(marked, ACCESS_MARK, "by token: " + ", ".join(capabilities))
        return login_not_required(marked)  # the token is the sign-in

    def apply(view: View) -> View:
        view.capabilities = capabilities  # type: ignore[attr-defined]
        return method_decorator(mark, name="dispatch")(view)

    return apply


class HoldsCapability(BasePermission):
    """The default permission: closed unless the view names capabilities and the token holds one of them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether this token may call this view at all."""
        if request.auth is None:
            return False
        return any(request.viewer.can(capability) for capability in getattr(view, "capabilities", ()))
