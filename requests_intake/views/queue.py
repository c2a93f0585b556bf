"""The staff lists."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.filters import (
    ORDER_COLUMNS,
    REQUEST_COLUMNS,
    FigureFilter,
    Filtered,
    areas_to_search,
    narrow,
    query_of,
)
from requests_intake.models import RequestKind, WorklistPage
from requests_intake.numbers import parse_number
from requests_intake.permissions import Capability
from requests_intake.query import parse
from requests_intake.selectors.detail import request_for
from requests_intake.selectors.queue import Worklist, orders_for, place_names, requests_in, worklists_for
from requests_intake.selectors.sight import covered_all
from requests_intake.selectors.worklists import tabs_for
from requests_intake.services.bulk import actions_for
from requests_intake.views.rows import order_rows, request_rows
from requests_intake.workflow import OrderState, RequestState

PAGE_SIZE = 50


@requires(Capability.VIEW_REQUEST)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show one worklist, nearest deadline first ("all": newest first)."""
    at = timezone.now()
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    worklists = worklists_for(viewer)
    worklist = worklist_of(request, worklists)
    figures = FigureFilter(request.GET, queryset=requests_in(worklist, viewer, at=at))
    found = narrow_requests(figures.qs, request, viewer, at)
    order = ("-submitted_at", "-id") if worklist.key == "all" else ("next_due_at", "id")
    page = KeysetPage(found.queryset, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all(page.rows, viewer)
    context = {
        "worklist": worklist,
        "tabs": tabs_for(viewer, page=WorklistPage.REQUESTS, view=worklist.key, query=found.query.text(), at=at),
        "page_key": WorklistPage.REQUESTS,
        "view": worklist.key,
        "actions": actions_for(viewer, on_order=False, states=[row.state for row in page.rows]),
        "page": page,
        "rows": request_rows(page.rows, place_names(page.rows), found.query.words),
        "area_choices": _area_choices(viewer),
        "kind_choices": RequestKind.choices,
        "state_choices": RequestState.choices,
        "figures": {name: request.GET[name] for name in figures.filters if request.GET.get(name)},
        "now": at,
        **_of_query(found),
    }
    return render_page(request, "requests_intake/queue.html", "requests_intake/_queue.html", context)


@requires(Capability.VIEW_ORDER)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Show the orders of the viewer's organisations, nearest deadline first; done ones newest first."""
    at = timezone.now()
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    done = request.GET.get("view") == "done"
    found = narrow(
        orders_for(viewer, done=done),
        query_of(request.GET),
        viewer=viewer,
        columns=ORDER_COLUMNS,
        areas=(),
        at=at,
    )
    order = ("-dispatched_at", "-id") if done else ("next_due_at", "id")
    page = KeysetPage(found.queryset, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all((row.request for row in page.rows), viewer)
    view = "done" if done else ""
    context: dict[str, Any] = {
        "tabs": tabs_for(viewer, page=WorklistPage.ORDERS, view=view, query=found.query.text(), at=at),
        "page_key": WorklistPage.ORDERS,
        "view": view,
        "actions": [] if done else actions_for(viewer, on_order=True, states=[row.state for row in page.rows]),
        "page": page,
        "rows": order_rows(page.rows, place_names(page.rows), found.query.words),
        "kind_choices": RequestKind.choices,
        "state_choices": OrderState.choices,
        "done": done,
        "now": at,
        **_of_query(found),
    }
    return render_page(request, "requests_intake/orders.html", "requests_intake/_orders.html", context)


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Answer the command bar: a whole number opens its request, anything else the list that this person has."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    text = request.GET.get("q", "")
    number = parse_number(text)
    if number is not None and request_for(number, viewer) is not None:
        return redirect("intake:request", number=number)
    address = reverse("intake:queue" if viewer.can(Capability.VIEW_REQUEST) else "intake:orders")
    words = parse(text).text(english=get_language() == "en")
    return redirect(f"{address}?{urlencode({'q': words})}" if words else address)


def worklist_of(request: HttpRequest, worklists: list[Worklist]) -> Worklist:
    """Return the worklist that an address names; who searches without naming one searches everything."""
    wanted = request.GET.get("view") or ("all" if query_of(request.GET).terms else "")
    return next((one for one in worklists if one.key == wanted), worklists[0])


def narrow_requests(queryset: Any, request: HttpRequest, viewer: Viewer, at: datetime) -> Filtered:
    """Narrow a list of requests to the query of an address."""
    return narrow(
        queryset, query_of(request.GET), viewer=viewer, columns=REQUEST_COLUMNS, areas=areas_to_search(viewer), at=at
    )


def _of_query(found: Filtered) -> dict[str, Any]:
    return {
        "q": found.query.text(english=get_language() == "en"),
        "chips": found.chips,
        "problems": found.problems,
        "filtered": bool(found.query.terms),
    }


def _area_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """Areas to filter by: what the viewer's grants name, and one level below."""
    held = viewer.areas(Capability.VIEW_REQUEST)
    names = areas.names(held)
    choices: list[tuple[str, str]] = []
    for code in held:
        choices.append((code, names.get(code, code)))
        choices.extend(areas.children(code))
    return choices
