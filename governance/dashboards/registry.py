"""Panels of the overview page. Apps register theirs in `<app>/panels.py`; the page knows none of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from governance.access.viewer import Viewer
from governance.dashboards.periods import Period

# Titles of the columns, and rows of text and numbers.
Sheet = tuple[Sequence[Any], Iterable[Sequence[Any]]]
SPANS = (3, 4, 5, 6, 7, 8, 12)  # the widths that staff.css knows, of 12 columns


class Panel(Protocol):
    """One card of the overview. Derive from it to inherit the defaults.

    `order` places it (ascending), `span` is its width of 12 columns (one column on phones). `template` draws the
    inside of the card; its context is what `data` returns, and `panel`, `area` and `period`. `flush` leaves out the
    card's padding, for tables and maps. `frame` False leaves out the card with its heading: the template then brings
    boxes of its own for the grid, as the row of figures does (`{% include "dashboards/_figures.html" %}`). A `lazy` one
    is fetched when it is scrolled to, and is a link until then. `wall` says that it names no person and no door: it may
    hang in the hall. `sheet` turns the context into (titles, rows) of the export, without words of residents.
    """

    key: str
    title: str | Promise
    capability: str
    order: int
    template: str
    span: int = 6
    public: bool = False
    frame: bool = True
    flush: bool = False
    lazy: bool = False
    wall: bool = False
    sheet: Callable[[Mapping[str, Any]], Sheet] | None = None

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the template's context: rows the viewer may see, in the area (code prefix), in the period.

        `area` is "" for somebody whose grants are in organisations only. Windows are `[start, end)`. Numbers come
        from the app's selectors, never from a second definition here. At most a few SQL statements.
        """
        ...


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to the overview. Two panels with one key, or a width off the grid, are faults of the program."""
    if panel.span not in SPANS:
        raise ImproperlyConfigured(f"The panel {panel.key!r} is {panel.span} columns wide; possible are {SPANS}.")
    if _panels.setdefault(panel.key, panel) is not panel:
        raise ImproperlyConfigured(f"The panel {panel.key!r} is registered twice.")


def unregister(key: str) -> None:
    """Take a panel away (tests register their own)."""
    _panels.pop(key, None)


def panels_for(viewer: Viewer) -> list[Panel]:
    """Return the panels whose capability the viewer holds somewhere, in page order."""
    mine = [panel for panel in _panels.values() if viewer.can(panel.capability)]
    return sorted(mine, key=lambda panel: (panel.order, panel.key))


def panel_for(key: str, viewer: Viewer) -> Panel | None:
    """Return one panel if the viewer holds its capability, else None."""
    panel = _panels.get(key)
    return panel if panel is not None and viewer.can(panel.capability) else None
