"""The inbox: what the portal has to tell me."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.permissions import Capability as Access
from governance.access.viewer import Viewer
from governance.notifications.models import Message
from governance.notifications.selectors import inbox_link, inbox_page
from governance.notifications.services import message_mark_read, messages_mark_all_read
from governance.web.navigation import forget_counts
from governance.web.pages import render_page, wants_partial


@requires(Access.WORK)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Own messages, unread first. Looking at the list reads nothing: opening does."""
    return _page(request, request.GET.get("cursor", ""))


@requires(Access.WORK)
@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and go to what it is about; with `stay`, only mark it. 404 for anybody else's."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    try:
        message = message_mark_read(message_id=pk, actor=viewer, at=timezone.now())
    except Message.DoesNotExist as missing:
        raise Http404 from missing
    forget_counts(viewer)
    if "stay" in request.POST:
        return _page(request) if wants_partial(request) else redirect("notifications:inbox")
    return redirect(inbox_link(message, viewer) or "notifications:inbox")


@requires(Access.WORK)
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    messages_mark_all_read(actor=viewer, at=timezone.now())
    forget_counts(viewer)
    return _page(request) if wants_partial(request) else redirect("notifications:inbox")


def _page(request: HttpRequest, cursor: str = "") -> HttpResponse:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    page = inbox_page(user_id=viewer.user_id or 0, language=request.LANGUAGE_CODE, cursor=cursor)
    context = {"page": page, "is_first": not cursor}
    return render_page(request, "notifications/inbox.html", "notifications/_inbox.html", context)
