"""Every view says who may call it: `@requires(capability)` or `@public("why")`. A test walks all URLs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]

ACCESS_MARK = "liren_access"


def public(why: str) -> Callable[[Any], Any]:
    """Mark a view that anybody may call; `why` is the reason a reviewer reads."""
    if not why.strip():
        raise ValueError("A public view states its reason.")

    def mark(view: Any) -> Any:
        setattr(view, ACCESS_MARK, f"public: {why}")
        return login_not_required(view)

    return mark


def requires(*capabilities: str) -> Callable[[View], View]:
    """Let in signed-in people who hold at least one of the capabilities somewhere.

    This opens the page only; which rows they see is `visible_to`, what they may do is `access.require`.
    Signed out: the sign-in page. Signed in without the capability: 403.
    """
    if not capabilities:
        raise ValueError("Name at least one capability; for any staff member use access.Capability.WORK.")

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.viewer.can(capability) for capability in capabilities):  # type: ignore[attr-defined]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        setattr(guarded, ACCESS_MARK, "requires: " + ", ".join(capabilities))
        return guarded

    return mark
