"""The long-term ledger (挂账): everything that cannot be solved for now, the oldest first, with plan and date."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.models import LedgerEntry, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.queue import worklists_for
from requests_intake.selectors.sight import covered_all, unshielded
from requests_intake.workflow import LEDGER_WAITS, RequestState

PAGE_SIZE = 50


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """What is on the ledger now, the longest first or the next to be looked at; the lists of what waits for them."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    now = timezone.now()
    mine = ServiceRequest.objects.visible_to(viewer).filter(unshielded(viewer), state=RequestState.LEDGERED)
    entries = LedgerEntry.objects.filter(is_approved=True, request__in=mine).select_related("request", "office")
    entries = entries.prefetch_related("steps")
    view = "soon" if request.GET.get("view") == "soon" else "age"
    order = ("milestone", "id") if view == "soon" else ("decided_at", "id")
    page = KeysetPage(entries, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all([row.request for row in page.rows], viewer)
    today = timezone.localtime(now).date()
    rows = [(row, (today - timezone.localtime(row.decided_at).date()).days) for row in page.rows]
    waiting = [worklist for worklist in worklists_for(viewer) if worklist.waiting_for in LEDGER_WAITS]
    context = {"page": page, "rows": rows, "view": view, "waiting": waiting}
    return render_page(request, "requests_intake/ledger.html", "requests_intake/_ledger.html", context)
