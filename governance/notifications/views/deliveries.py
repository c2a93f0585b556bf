"""What could not be carried on after a step: failed deliveries of the outbox, and trying them again."""

from django.contrib import messages as flashes
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.notifications.models import without_area
from governance.notifications.permissions import Capability
from governance.outbox.models import Delivery
from governance.outbox.selectors import failed_deliveries
from governance.outbox.services import deliveries_retry
from governance.refs import describe_many
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page

ROWS = 50
MOST_AT_ONCE = 200


@requires(Capability.RETRY)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Failed deliveries about matters inside the viewer's areas, newest first; 1 SQL, one more a kind of thing."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    page = KeysetPage(_of(viewer), order=("-id",), size=ROWS, cursor=request.GET.get("cursor", ""))
    known = describe_many([row.event.subject_ref for row in page.rows], viewer)
    rows = [(row, known.get(row.event.subject_ref)) for row in page.rows]
    context = {"page": page, "rows": rows}
    return render_page(request, "notifications/deliveries.html", "notifications/_deliveries.html", context)


@requires(Capability.RETRY)
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Try one or several again; they are carried on within a minute."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    wanted = [int(value) for value in request.POST.getlist("delivery") if value.isascii() and value.isdigit()]
    found = list(_of(viewer).filter(pk__in=wanted[:MOST_AT_ONCE]).values_list("pk", flat=True))
    count = deliveries_retry(delivery_ids=found, actor=viewer, at=timezone.now())
    if count:
        words = ngettext("%(count)d 项重新排队，一分钟内再试", "%(count)d 项重新排队，一分钟内再试", count)
        flashes.success(request, words % {"count": count})
    else:
        flashes.info(request, _("没有重试：请先选中，也可能已经有人重试了"))
    return redirect("notifications:deliveries")


def _of(viewer: Viewer) -> QuerySet[Delivery]:
    """The failed ones that this person may try again: inside their areas; those of no area for a whole district."""
    inside = area_q(viewer.areas(Capability.RETRY), "event__area_code") or Q(pk__in=[])
    if without_area(viewer, Capability.RETRY) is not None:
        inside |= Q(event__area_code="")
    return failed_deliveries().filter(inside)
