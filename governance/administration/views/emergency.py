"""The emergency account: asking, agreeing, sealing it again, and what it did."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.models import EmergencyRelease
from governance.access.permissions import Capability
from governance.access.services.emergency import (
    ADDRESS,
    release_agree,
    release_ask,
    release_close,
    require_administrator,
)
from governance.access.viewer import Viewer
from governance.administration.decorators import for_administrators
from governance.administration.sign_in_forms import EmergencyForm
from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from governance.outbox.telling import words_of
from governance.web.forms import add_domain_error
from governance.web.idempotency import once
from governance.web.keyset import KeysetPage
from governance.web.proof import proved

PAGE_SIZE = 50


def _releases() -> Any:
    return EmergencyRelease.objects.select_related("asked_by", "agreed_by", "closed_by", "user")


@requires(Capability.WORK)
@for_administrators
@proved(on_opening=False)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest) -> HttpResponse:
    """Whether it is open, who asked before, and the form that asks."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if once(EmergencyRelease.objects.all(), data["key"]) is None:
                release_ask(hours=data["hours"], reason=data["reason"], submission_key=data["key"], actor=viewer, at=at)
            messages.success(request, _("已经申请，所有管理员都收到通知。另一位管理员同意后才打开。"))
            return redirect("access:emergency")
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
    page = KeysetPage(_releases(), order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    pending = _releases().pending(at).first()
    context = {
        "form": form,
        "page": page,
        "pending": pending,
        "is_open": pending is not None and pending.is_open(at),
        "may_act": _may_act(viewer, at),
        "may_agree": pending is not None and pending.waits(at) and pending.asked_by_id != viewer.user_id,
    }
    return render(request, "access/emergency.html", context, status=422 if form.errors else 200)


@requires(Capability.WORK)
@for_administrators
@proved()
@never_cache
@require_POST
def emergency_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, and show the password, this once."""
    release = get_object_or_404(_releases(), pk=pk)
    opened = release_agree(release=release, actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    return render(request, "access/emergency_opened.html", {"opened": opened, "address": ADDRESS})


@requires(Capability.WORK)
@for_administrators
@require_POST
def emergency_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Seal it again, or take the asking back."""
    release = get_object_or_404(_releases(), pk=pk)
    release_close(release=release, actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("应急账号封上了"))
    return redirect("access:emergency")


@requires(Capability.WORK)
@for_administrators
@require_safe
def emergency_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything the account did while it was open under this release, the newest first."""
    release = get_object_or_404(_releases().filter(opened_at__isnull=False), pk=pk)
    until = release.closed_at or release.ends_at
    did = DomainEvent.objects.filter(actor=release.user, at__gte=release.opened_at, at__lte=until)
    page = KeysetPage(did, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    rows = [(event, words_of(event.name).text) for event in page.rows]
    return render(request, "access/emergency_done.html", {"release": release, "page": page, "rows": rows})


def _may_act(viewer: Viewer, at: Any) -> bool:
    try:
        require_administrator(viewer, at)
    except Forbidden:
        return False
    return True
