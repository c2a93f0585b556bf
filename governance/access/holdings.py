"""Work that lies with a person, told by the apps that know: shown before somebody leaves.

Each app registers in `<app>/holdings.py`, found when the first is asked for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of open work: how many pieces a person (primary key) has, and where they are handed on (or "")."""

    key: str
    label: str | Promise
    count: Callable[[int], int]
    url: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Held:
    """Open work of one kind that a person has."""

    label: str | Promise
    count: int
    url: str


_holdings: dict[str, Holding] = {}


def register(*holdings: Holding) -> None:
    """Make kinds of open work known."""
    for holding in holdings:
        _holdings[holding.key] = holding


@cache
def _discovered() -> bool:
    autodiscover_modules("holdings")
    return True


def held_by(user: Any) -> list[Held]:
    """Return the open work of a person, kinds without any left out. 1 SQL a kind."""
    _discovered()
    counts: Iterable[tuple[Holding, int]] = ((one, one.count(user.pk)) for one in _holdings.values())
    return [Held(one.label, count, one.url(user)) for one, count in counts if count]
