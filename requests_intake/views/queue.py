"""The staff lists."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.filters import RequestFilter
from requests_intake.permissions import Capability
from requests_intake.selectors.queue import orders_for, place_names, requests_in, worklists_for
from requests_intake.views.rows import order_rows, request_rows

PAGE_SIZE = 50


@requires(Capability.VIEW_REQUEST)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show one worklist, nearest deadline first ("all": newest first)."""
    at = timezone.now()
    viewer = request.viewer  # type: ignore[attr-defined]
    worklists = worklists_for(viewer)
    wanted = request.GET.get("view", "")
    worklist = next((one for one in worklists if one.key == wanted), worklists[0])
    filtered = RequestFilter(request.GET, queryset=requests_in(worklist, viewer, at=at))
    order = ("-submitted_at", "-id") if worklist.key == "all" else ("next_due_at", "id")
    page = KeysetPage(filtered.qs, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {
        "worklists": worklists,
        "worklist": worklist,
        "filter": filtered,
        "page": page,
        "rows": request_rows(page.rows, place_names(page.rows)),
        "area_choices": _area_choices(viewer),
        "now": at,
        "filtered": any(request.GET.get(name) for name in ("q", "state", "kind", "area", "overdue", "organisation")),
    }
    return render_page(request, "requests_intake/queue.html", "requests_intake/_queue.html", context)


@requires(Capability.VIEW_ORDER)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Show the orders of the viewer's organisations, nearest deadline first; done ones newest first."""
    done = request.GET.get("view") == "done"
    order = ("-dispatched_at", "-id") if done else ("next_due_at", "id")
    page = KeysetPage(
        orders_for(request.viewer, done=done),  # type: ignore[attr-defined]
        order=order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    context: dict[str, Any] = {
        "page": page,
        "rows": order_rows(page.rows, place_names(page.rows)),
        "done": done,
        "now": timezone.now(),
    }
    return render_page(request, "requests_intake/orders.html", "requests_intake/_orders.html", context)


def _area_choices(viewer: Any) -> list[tuple[str, str]]:
    """Areas to filter by: what the viewer's grants name, and one level below."""
    held = viewer.areas(Capability.VIEW_REQUEST)
    names = areas.names(held)
    choices: list[tuple[str, str]] = []
    for code in held:
        choices.append((code, names.get(code, code)))
        choices.extend(areas.children(code))
    return choices
