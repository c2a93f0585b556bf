"""The area picker: only areas inside the viewer's own, one level at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.access import areas
from governance.access.viewer import Viewer
from governance.dashboards.permissions import Capability


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """One line of the picker; `depth` counts the levels below the viewer's own area."""

    code: str
    name: str
    depth: int

    @property
    def indented(self) -> str:
        """The name with its depth shown by spaces, as a select can."""
        return "\u3000" * self.depth + self.name


def chosen_area(wanted: str, viewer: Viewer) -> str | None:
    """Return the area to show: the wanted one, or the first of the viewer's own.

    None when the wanted one lies outside: whoever may not see an area does not learn what is there. "" for somebody
    whose grants are in organisations only.
    """
    own = viewer.areas(Capability.VIEW)
    if not wanted:
        return own[0] if own else ""
    return wanted if any(wanted.startswith(prefix) for prefix in own) and areas.exists(wanted) else None


def area_choices(chosen: str, viewer: Viewer) -> Sequence[AreaChoice]:
    """Return the lines of the picker: the viewer's areas, the way down to the chosen one, and what is below it."""
    own = viewer.areas(Capability.VIEW)
    below = areas.children(chosen) if chosen else []
    path = [code for code in _ancestors(chosen) if any(code.startswith(prefix) for prefix in own)]
    names = areas.names(dict.fromkeys([*own, *path]))
    choices: list[AreaChoice] = []
    for root in own:
        choices.append(AreaChoice(root, names.get(root, root), 0))
        if not chosen.startswith(root):
            continue
        inner = [code for code in path if code.startswith(root) and code != root]
        choices += [AreaChoice(code, names.get(code, code), depth) for depth, code in enumerate(inner, start=1)]
        choices += [AreaChoice(code, name, len(inner) + 1) for code, name in below]
    return choices


def _ancestors(code: str) -> list[str]:
    """Codes of the levels above and the area itself, from the widest."""
    return [code[:length] for length in areas.LEVELS if length <= len(code)]
