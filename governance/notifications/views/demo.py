"""A demo has no telephones: what would have reached them stands on this page, codes included."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.notifications.models import Channel
from governance.notifications.selectors import shown_messages
from governance.web.pages import render_page


@public("in a demo everybody may read the messages to its invented people; anywhere else there is no such page")
@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Show the last messages as they went out; 404 unless the demo shows its messages (LIREN_MESSAGE_PAGE)."""
    if not settings.LIREN_MESSAGE_PAGE:
        raise Http404
    channel = request.GET.get("channel", "")
    context = {
        "shown": shown_messages(channel),
        "channel": channel,
        "channels": [(value, label) for value, label in Channel.choices if value != Channel.IN_APP],
    }
    return render_page(request, "notifications/sent.html", "notifications/_sent.html", context)
