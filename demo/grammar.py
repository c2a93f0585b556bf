"""A small text grammar for the demo's letters.

    {a|b|c}        one of the alternatives; they nest; an empty one is allowed
    {name}         a value of the letter (place, person, date), looked up in the context
    {name:a|b|c}   one of the alternatives, the same one wherever the name returns in this letter

Names are ASCII. Nothing is escaped: the texts need no braces or bars of their own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class GrammarError(ValueError):
    """A template that cannot be read, or a name that the letter does not know."""


@dataclass(frozen=True, slots=True)
class Node:
    """A choice or a named value. `options` is empty for a plain name."""

    name: str
    options: tuple[tuple["str | Node", ...], ...]


@cache
def parse(template: str) -> tuple[str | Node, ...]:
    """Read a template; raises GrammarError for braces that do not match."""
    parts, end = _sequence(template, 0, top=True)
    if end != len(template):
        raise GrammarError(f"unbalanced brace in: {template}")
    return parts


def _sequence(text: str, at: int, *, top: bool = False) -> tuple[tuple[str | Node, ...], int]:
    parts: list[str | Node] = []
    start = at
    while at < len(text):
        char = text[at]
        if char == "{":
            if at > start:
                parts.append(text[start:at])
            node, at = _node(text, at + 1)
            parts.append(node)
            start = at
        elif not top and char in "|}":
            break
        else:
            at += 1
    if at > start:
        parts.append(text[start:at])
    return tuple(parts), at


def _node(text: str, at: int) -> tuple[Node, int]:
    name = ""
    match = _NAME.match(text, at)
    if match and match.end() < len(text) and text[match.end()] in ":}":
        name, at = match.group(), match.end()
        if text[at] == "}":
            return Node(name, ()), at + 1
        at += 1
    options = []
    while True:
        option, at = _sequence(text, at)
        options.append(option)
        if at >= len(text):
            raise GrammarError(f"unbalanced brace in: {text}")
        at += 1
        if text[at - 1] == "}":
            return Node(name, tuple(options)), at


class Letter:
    """What one letter knows: values by name, computed at first use and then kept."""

    def __init__(self, rng: Random, values: Mapping[str, str | Callable[[], str]]) -> None:
        self.rng = rng
        self._values = values
        self._kept: dict[str, str] = {}
        self.points: frozenset[str] = frozenset()
        """Which questions of its topic the letter asks; empty for all or while open."""

    def mark(self) -> dict[str, str]:
        """What is fixed so far; give it to `back_to` to undo a rejected sentence."""
        return dict(self._kept)

    def back_to(self, mark: dict[str, str]) -> None:
        """Forget what was fixed after `mark`."""
        self._kept = mark

    def keep(self, name: str, value: str) -> None:
        """Fix a value before it is first used."""
        self._kept[name] = value

    def write(self, template: str) -> str:
        """Fill a template."""
        return "".join(self._part(part) for part in parse(template))

    def _part(self, part: str | Node) -> str:
        if isinstance(part, str):
            return part
        if part.name and part.name in self._kept:
            return self._kept[part.name]
        if part.options:
            option = part.options[int(self.rng.random() * len(part.options))]
            text = "".join(self._part(p) for p in option)
        else:
            value = self._values.get(part.name)
            if value is None:
                raise GrammarError(f"unknown name {{{part.name}}}")
            text = value if isinstance(value, str) else value()
        if part.name:
            self._kept[part.name] = text
        return text
