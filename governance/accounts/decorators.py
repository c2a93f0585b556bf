"""Views for people with an account, whatever they may do beside."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from governance.access.decorators import ACCESS_MARK


def resident(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in residents who are signed in; signed out: their sign-in page; anybody else: 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.viewer.kind != "resident":  # type: ignore[attr-defined]
            raise PermissionDenied
        return view(request, *args, **kwargs)

    setattr(guarded, ACCESS_MARK, "residents with an account")
    return guarded


def staff_member(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in whoever is signed in as staff, also before the second step: these pages are about that."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.viewer.kind != "staff":  # type: ignore[attr-defined]
            raise PermissionDenied
        return view(request, *args, **kwargs)

    setattr(guarded, ACCESS_MARK, "staff, each about their own account")
    return guarded
