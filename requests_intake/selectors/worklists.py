"""Worklists with what is in them. Numbers are capped, kept for a while and shared by all who see the same rows."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from governance.access.viewer import Viewer
from requests_intake.filters import ORDER_COLUMNS, REQUEST_COLUMNS, areas_to_search, narrow
from requests_intake.models import SavedWorklist, WorklistPage
from requests_intake.permissions import Capability
from requests_intake.query import parse
from requests_intake.selectors.queue import ORDER_LISTS, WORKLISTS, orders_for, requests_in, worklists_for

CAP = 1_000
FRESH = timedelta(seconds=45)
SHOW_SECONDS = 600
A_TIME = 12  # counts made in one answer; the others come with the next
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Tab:
    """A worklist as the page shows it: `count` None while nobody has counted, above 1,000 it says "1,000+"."""

    title: str | Promise
    url: str
    page: str
    view: str
    query: str = ""
    saved_id: int | None = None
    is_current: bool = False
    count: int | None = None
    at: datetime | None = None

    @property
    def is_counted(self) -> bool:
        """The list of everything is not counted: nobody acts on that number."""
        return bool(self.query) or self.view not in ("all", "done")

    @property
    def is_many(self) -> bool:
        """Whether there are more than anybody counts."""
        return self.count is not None and self.count > CAP


def tabs_for(viewer: Viewer, *, page: str, view: str, query: str, at: datetime, count: bool = False) -> list[Tab]:
    """Return the worklists of a page for this viewer, the current one marked. 1 SQL; with `count` 1 more for each
    number that is older than 45 seconds, at most twelve.
    """
    tabs = [*_system(viewer, page), *_saved(viewer, page)]
    wanted = parse(query).text()
    tabs = [replace(tab, is_current=tab.view == view and parse(tab.query).text() == wanted) for tab in tabs]
    if not any(tab.is_current for tab in tabs):  # a query of the moment belongs to the list that it narrows
        tabs = [replace(tab, is_current=tab.view == view and not tab.query) for tab in tabs]
    keys = [_key(viewer, tab) if tab.is_counted else "" for tab in tabs]
    known: dict[str, Any] = cache.get_many([key for key in keys if key])
    if count:
        fresh: dict[str, Any] = {}
        for key, tab in zip(keys, tabs, strict=True):
            if key and len(fresh) < A_TIME and (key not in known or known[key][1] < at - FRESH):
                fresh[key] = (_count(viewer, tab, at), at)
        cache.set_many(fresh, timeout=SHOW_SECONDS)
        known |= fresh
    return [
        replace(tab, count=known[key][0], at=known[key][1]) if key in known else tab
        for key, tab in zip(keys, tabs, strict=True)
    ]


def saved_by(viewer: Viewer) -> Sequence[SavedWorklist]:
    """Return the person's own worklists in their order. 1 SQL."""
    own = SavedWorklist.objects.filter(owner_id=viewer.user_id or 0).select_related("organisation")
    return list(own.order_by("position", "pk"))


def address(page: str, view: str, query: str) -> str:
    """Address of a list that is narrowed to a query."""
    values = {name: value for name, value in (("view", view), ("q", query)) if value}
    url = reverse("intake:orders" if page == WorklistPage.ORDERS else "intake:queue")
    return f"{url}?{urlencode(values)}" if values else url


def _system(viewer: Viewer, page: str) -> Iterable[Tab]:
    if page == WorklistPage.ORDERS:
        lists = [(title, view, str(query)) for title, view, query in ORDER_LISTS]
        return [Tab(title, address(page, view, query), page, view, query) for title, view, query in lists]
    return [Tab(one.title, address(page, one.key, ""), page, one.key) for one in worklists_for(viewer)]


def _saved(viewer: Viewer, page: str) -> Iterable[Tab]:
    rows = SavedWorklist.objects.visible_to(viewer).filter(page=page).order_by("position", "pk")[: 2 * SHOWN]
    mine = sorted(rows, key=lambda row: row.owner_id != viewer.user_id)
    return [
        Tab(row.name, address(page, row.view, row.query), page, row.view, row.query, row.pk)
        for row in mine[: SHOWN * 2]
    ]


def _key(viewer: Viewer, tab: Tab) -> str:
    """Who sees the same rows shares the number; "my" lists are somebody's own."""
    personal = any(term.key == "handler" for term in parse(tab.query).terms)
    scope = (
        tab.page,
        tab.view,
        tab.query,
        viewer.areas(Capability.VIEW_REQUEST),
        viewer.organisations(Capability.VIEW_ORDER),
        viewer.user_id if personal else 0,
    )
    return f"intake:count:{hashlib.sha256(repr(scope).encode()).hexdigest()[:32]}"


def _count(viewer: Viewer, tab: Tab, at: datetime) -> int:
    areas: tuple[str, ...] = ()
    if tab.page == WorklistPage.ORDERS:
        queryset, columns = orders_for(viewer, done=tab.view == "done"), ORDER_COLUMNS
        order = "dispatched_at" if tab.view == "done" else "next_due_at"
    else:
        worklist = next((one for one in WORKLISTS if one.key == tab.view), WORKLISTS[-1])
        queryset, columns = requests_in(worklist, viewer, at=at), REQUEST_COLUMNS
        areas = areas_to_search(viewer)
        order = "submitted_at" if worklist.key == "all" else "next_due_at"
    narrowed = narrow(queryset, parse(tab.query), viewer=viewer, columns=columns, areas=areas, at=at).queryset
    rows = narrowed.select_related(None).order_by(order).values("pk")[: CAP + 1]
    return int(rows.count())
