"""What other apps know of a thing shown on its page: hosts name a kind, guests register in `<app>/sections.py`.

    register(Section("requests", "grid.area", 20, build))

`build(host, viewer)` gets what the page is about and who looks, and returns what is to be shown, or None for nothing.
A page of the public passes ANONYMOUS, so that nobody's rights change what can be cached.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from governance.access.viewer import Viewer


@dataclass(frozen=True, slots=True)
class SectionPart:
    """One piece of a page: its heading, its template, and what the template reads as `part.context`."""

    title: str | Promise
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A guest on pages of one kind of host. Lower `order` stands higher."""

    key: str
    host: str
    order: int
    build: Callable[[Any, Viewer], SectionPart | None]


_sections: dict[tuple[str, str], Section] = {}


def register(*sections: Section) -> None:
    """Add guests; a key that is registered again for a host replaces the guest."""
    _sections.update({(section.host, section.key): section for section in sections})


@cache
def _discovered() -> bool:
    autodiscover_modules("sections")
    return True


def sections_of(host_kind: str, host: Any, viewer: Viewer) -> list[SectionPart]:
    """What the guests show of this host, in their order; those with nothing to show left out."""
    _discovered()
    guests = sorted((one for one in _sections.values() if one.host == host_kind), key=lambda one: (one.order, one.key))
    return [part for one in guests if (part := one.build(host, viewer)) is not None]
