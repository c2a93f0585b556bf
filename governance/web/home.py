"""What stands first on the front page for a resident who is signed in: apps say it in `<app>/navigation.py`."""

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
