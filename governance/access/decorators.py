"""Every view says who may call it: `@requires(capability)` or `@public("why")`. A test walks all URLs.

Both go on functions and on class-based views alike. `ViewerMiddleware` refuses at run time what carries no mark.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator

from governance.access.viewer import Viewer

View = Callable[..., HttpResponseBase]

ACCESS_MARK = "liren_access"


def public(why: str) -> Callable[[Any], Any]:
    """Mark a view that anybody may call; `why` is the reason a reviewer reads."""
    if not why.strip():
        raise ValueError("A public view states its reason.")

    def mark(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        setattr(opened, ACCESS_MARK, f"public: {why}")
        return login_not_required(opened)

    return _for_function_or_class(mark)


def requires(*capabilities: str) -> Callable[[Any], Any]:
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

    return _for_function_or_class(mark)


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who looks: what the middleware put on the request."""
    return request.viewer  # type: ignore[attr-defined,no-any-return]


def _for_function_or_class(mark: Callable[[View], View]) -> Callable[[Any], Any]:
    """A class-based view carries the mark on `dispatch`, whose attributes `as_view()` copies to the view function."""

    def apply(view: Any) -> Any:
        if isinstance(view, type):
            return method_decorator(mark, name="dispatch")(view)
        return mark(view)

    return apply
