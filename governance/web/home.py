"""What stands on the front page beside the entries: apps say it in `<app>/navigation.py`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.access.viewer import Viewer


@dataclass(frozen=True, slots=True)
class HomePanel:
    """A piece of the front page: its template, and the rows that it shows as `panel.rows`."""

    template: str
    rows: Sequence[Any]


Builder = Callable[[Viewer], HomePanel | None]
_builders: list[Builder] = []


def register_home(builder: Builder) -> None:
    """Add a piece; `builder` returns None where there is nothing to say to this resident."""
    if builder not in _builders:
        _builders.append(builder)


def panels_for(viewer: Viewer) -> list[HomePanel]:
    """Return the pieces for a resident; nobody else has any, and for strangers nothing is asked."""
    if viewer.kind != "resident":
        return []
    return [panel for builder in _builders if (panel := builder(viewer)) is not None]


# Returns the template of a page that stands in place of the front page, "" for none.
Front = Callable[[], str]
_fronts: list[Front] = []


def register_front(front: Front) -> None:
    """Let an app put its own page in place of the front page, while the portal is not ready for residents."""
    if front not in _fronts:
        _fronts.append(front)


def front_instead() -> str:
    """Return the template of the page to show in place of the front page, or ""."""
    return next((template for front in _fronts if (template := front())), "")
