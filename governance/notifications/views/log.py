"""The delivery log: what was sent to whom, what failed, and sending it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.jobs.services import job_start
from governance.notifications.job_kinds import RETRY_FAILED
from governance.notifications.models import Channel, Message, State
from governance.notifications.permissions import Capability
from governance.notifications.selectors import failed_count, log_item, log_page, unread_label
from governance.notifications.services import message_text_read, messages_retry
from governance.web.pages import render_page

MOST_AT_ONCE = 200  # more are a job


@requires(Capability.VIEW_LOG)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Messages about matters inside the viewer's areas, newest first; state and channel in the URL."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    state = _one_of(request.GET.get("state", ""), State.values)
    channel = _one_of(request.GET.get("channel", ""), Channel.values)
    page = log_page(viewer=viewer, state=state, channel=channel, cursor=request.GET.get("cursor", ""))
    may_retry = viewer.can(Capability.RETRY)
    failed = unread_label(failed_count(viewer)) if may_retry else ""
    context = {
        "page": page,
        "state": state,
        "channel": channel,
        "tabs": _links("state", state, State.choices, {"channel": channel}, {State.FAILED: failed}),
        "chips": _links("channel", channel, Channel.choices, {"state": state}),
        "failed": failed,
        "may_retry": may_retry,
        "may_robots": viewer.can(Capability.EDIT_ROBOT),
        "may_block": viewer.can(Capability.BLOCK),
        "may_templates": viewer.can(Capability.EDIT_TEMPLATE),
    }
    return render_page(request, "notifications/log.html", "notifications/_log.html", context)


@requires(Capability.VIEW_LOG)
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One message with the text that was sent; reading the text is itself recorded."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    message = get_object_or_404(Message.objects.visible_to(viewer), pk=pk)
    text = message_text_read(message=message, actor=viewer, at=timezone.now())
    context = {
        "item": log_item(message, viewer),
        "text": text,
        "may_retry": message.state == State.FAILED and viewer.can(Capability.RETRY),
    }
    return render_page(request, "notifications/message.html", "notifications/_message.html", context)


@requires(Capability.RETRY)
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Send one or several failed messages again."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    wanted = [int(value) for value in request.POST.getlist("message") if value.isascii() and value.isdigit()]
    visible = Message.objects.visible_to(viewer).filter(pk__in=wanted[:MOST_AT_ONCE])
    count = messages_retry(message_ids=list(visible.values_list("pk", flat=True)), actor=viewer, at=timezone.now())
    if count:
        words = ngettext("%(count)d 条消息重新排队", "%(count)d 条消息重新排队", count)
        when = _("马上就发；收件人在安静时间里的，到点再发。")
        flashes.success(request, f"{words % {'count': count}}{_('，')}{when}")
    else:
        flashes.info(request, _("没有重发：请先选中失败的消息，也可能已经有人重发了"))
    return redirect(f"{reverse('notifications:log')}?state={State.FAILED}")


@requires(Capability.RETRY)
@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Start a job that sends all failed messages again, and show how far it is."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    job = job_start(kind=RETRY_FAILED, params={}, actor=viewer, at=timezone.now())
    return redirect("jobs:show", job.public_id)


@dataclass(frozen=True, slots=True)
class FilterLink:
    """One choice of a filter; the URL keeps the other filters and begins at the first page."""

    label: str | Promise
    url: str
    is_current: bool
    count: str = ""


def _links(
    name: str,
    chosen: str,
    choices: Sequence[tuple[str, str | Promise]],
    others: dict[str, str],
    counts: dict[str, str] | None = None,
) -> list[FilterLink]:
    links = []
    for value, label in [("", _("全部")), *choices]:
        query = urlencode({key: kept for key, kept in {**others, name: value}.items() if kept})
        url = reverse("notifications:log") + (f"?{query}" if query else "")
        links.append(FilterLink(label, url, value == chosen, (counts or {}).get(value, "")))
    return links


def _one_of(value: str, known: list[str]) -> str:
    return value if value in known else ""
