"""Where the account is signed in, and signing out from afar."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import resident
from governance.accounts.selectors import devices_of
from governance.accounts.services import sessions_end


@resident
@never_cache
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """List the devices, this one first."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    context = {"devices": devices_of(viewer, request.session.session_key or ""), "tab": "account"}
    return render(request, "account/devices.html", context)


@resident
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign one device out (`device`), or all the others."""
    return signed_out_elsewhere(request, "account:devices")


def signed_out_elsewhere(request: HttpRequest, page: str) -> HttpResponse:
    """Sign out the device in the form, or all but this one; say how many, and go back to the page."""
    only = request.POST.get("device", "")
    count = sessions_end(
        actor=request.viewer,  # type: ignore[attr-defined]
        keep=request.session.session_key or "",
        only=int(only) if only.isascii() and only.isdecimal() and len(only) < 18 else None,
        at=timezone.now(),
    )
    if count:
        words = ngettext("%(count)d 台设备退出了", "%(count)d 台设备退出了", count) % {"count": count}
        messages.success(request, words)
    else:
        messages.info(request, _("没有别的设备要退出"))
    return redirect(page)
