"""What the portal knows of an area, by key, so that nobody has to write it down again.

Apps register what they know in `<app>/facts.py`; whoever asks for a form names the key of a line, and whoever fills it
in finds the value, where it comes from and as of when, to confirm or to change.

    register(Fact("grid.households", _("户数"), "number", read))

`read(area_code, at)` returns a `Known`, or None where nothing is known. At most a few SQL.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True, slots=True)
class Known:
    """A value as a form holds it, its source in words, and the day it is true of."""

    value: str
    source: str | Promise
    as_of: date


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be known of an area; `kind` is "text" or "number"."""

    key: str
    title: str | Promise
    kind: str
    read: Callable[[str, datetime], Known | None]


_facts: dict[str, Fact] = {}


def register(*facts: Fact) -> None:
    """Make facts known. Two different registrations of one key are a fault of the program."""
    for fact in facts:
        if _facts.setdefault(fact.key, fact) != fact:
            raise ImproperlyConfigured(f"The fact {fact.key!r} is registered twice.")


@cache
def _discovered() -> bool:
    autodiscover_modules("facts")
    return True


def all_facts() -> list[Fact]:
    """Return all facts, ordered by key."""
    _discovered()
    return [_facts[key] for key in sorted(_facts)]


def get(key: str) -> Fact | None:
    """Return a fact by its key; None for a stored key that no code declares any more."""
    _discovered()
    return _facts.get(key)


def known(keys: Iterable[str], area_code: str, at: datetime) -> dict[str, Known]:
    """Return what is known of an area for these keys; what is not known is left out."""
    found = {}
    for key in dict.fromkeys(keys):
        fact = get(key)
        value = fact.read(area_code, at) if fact is not None else None
        if value is not None:
            found[key] = value
    return found
