"""The staff rail: apps say in `<app>/navigation.py` where they live, who may go there, and what to count.

    from governance.web.navigation import NavItem, Count, register

    register(NavItem("orders", _("工单"), "intake:order-queue", Capability.VIEW_ORDER, "list", 10, count=my_count))

Counts are never made while a page renders: the page shows what the cache knows, and a small fragment
(`web:rail`) asks for fresh numbers afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from governance.access.viewer import Viewer

KEEP_SECONDS = 30  # a count is at most so old when the fragment is asked for
SHOW_SECONDS = 600  # and is shown by pages for so long


@dataclass(frozen=True, slots=True)
class Count:
    """What waits behind an entry: all of it, and how much of that is overdue."""

    total: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the rail, shown to whoever holds `capability` or `also` somewhere. Lower `order` stands higher."""

    key: str
    label: str | Promise
    url_name: str
    capability: str
    icon: str
    order: int = 50
    count: Callable[[Viewer], Count] | None = None
    group: str | Promise = ""
    # Whether this viewer's day may begin here; the map is for looking something up.
    begins: Callable[[Viewer], bool] = lambda _viewer: True
    also: str = ""


@dataclass(frozen=True, slots=True)
class NavLink:
    """A `NavItem` as one viewer sees it on one page."""

    item: NavItem
    url: str
    is_current: bool
    count: Count | None


_items: dict[str, NavItem] = {}
_inbox: list[Callable[[Viewer], int]] = []
_search: list[tuple[str, str | Promise]] = []
_on_duty: list[Callable[[Viewer], list[tuple[str, str]]]] = []


def register(*items: NavItem) -> None:
    """Add entries; a key that is registered again replaces the entry."""
    _items.update({item.key: item for item in items})


def register_inbox(unread: Callable[[Viewer], int]) -> None:
    """Name the function that counts unread messages, shown at the bell."""
    _inbox[:] = [unread]


def register_duty(on_duty: Callable[[Viewer], list[tuple[str, str]]]) -> None:
    """Name the function that says who is on duty for a viewer: (name, telephone), shown at the foot of the rail."""
    _on_duty[:] = [on_duty]


def register_search(url_name: str, placeholder: str | Promise) -> None:
    """Name the page that answers the command bar (GET, parameter `q`)."""
    _search[:] = [(url_name, placeholder)]


def items_for(viewer: Viewer) -> list[NavItem]:
    """Return the entries this viewer may open, in order. No SQL beyond the viewer's own grants."""
    allowed = (item for item in _items.values() if viewer.can(item.capability) or (item.also and viewer.can(item.also)))
    return sorted(allowed, key=lambda item: (item.order, item.key))


def links_for(viewer: Viewer, path: str, counts: dict[str, Any]) -> list[NavLink]:
    """Return the rail of a page: the entry whose address is the longest prefix of `path` is the current one."""
    reachable = [(item, url) for item in items_for(viewer) if (url := resolve(item.url_name))]
    current = max((url for _item, url in reachable if path.startswith(url)), key=len, default="")
    return [NavLink(item, url, url == current, counts.get(item.key)) for item, url in reachable]


def resolve(url_name: str, *args: str) -> str:
    """Return the address, or "" where the app that owns it is not installed."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def search_target() -> tuple[str, str | Promise]:
    """Return (address, placeholder) of the command bar, or ("", "")."""
    if not _search:
        return "", ""
    url_name, placeholder = _search[0]
    return resolve(url_name), placeholder


def _cache_key(viewer: Viewer) -> str:
    return f"rail:{viewer.user_id}"


def known_counts(viewer: Viewer) -> dict[str, Any]:
    """Return the counts the cache knows, by entry key, with the unread messages under "inbox". One cache read."""
    found: dict[str, Any] = cache.get(_cache_key(viewer)) or {}
    return found


def fresh_counts(viewer: Viewer) -> dict[str, Any]:
    """Count what this viewer's entries hold, at most every 30 seconds, and remember it for pages."""
    guard = f"{_cache_key(viewer)}:fresh"
    if cache.get(guard):
        return known_counts(viewer)
    counts: dict[str, Any] = {item.key: item.count(viewer) for item in items_for(viewer) if item.count is not None}
    for unread in _inbox:
        counts["inbox"] = unread(viewer)
    for on_duty in _on_duty:
        counts["duty"] = on_duty(viewer)
    cache.set(_cache_key(viewer), counts, timeout=SHOW_SECONDS)
    cache.set(guard, 1, timeout=KEEP_SECONDS)
    return counts


def forget_counts(viewer: Viewer) -> None:
    """Have the counts made anew as soon as the fragment is asked for: this viewer has just changed one of them."""
    cache.delete(f"{_cache_key(viewer)}:fresh")
