"""What becomes of codes when the territory changes: "old>new" by prefix, and which areas are asked again by point.

Whatever begins with an old code begins with the new one afterwards; of several that fit the longest counts. An old code
that stands more than once was split: the first is where rows without a point go, all of them are its successors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Succession:
    """Old codes with their successors, and the present areas whose rows are asked again by their point."""

    code_map: tuple[str, ...] = ()
    relocated: tuple[str, ...] = ()


NOTHING_MOVES = Succession()


def pairs(moves: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Moves (old, new) as they are kept and published."""
    return tuple(f"{old}>{new}" for old, new in moves)


def successors(code: str, code_map: Sequence[str]) -> list[str]:
    """Codes that follow on this one, the usual one first; [] for a code that stays."""
    moves = [tuple(line.split(">")) for line in code_map]
    fitting = [(old, new) for old, new in moves if code.startswith(old)]
    if not fitting:
        return []
    longest = max(len(old) for old, _ in fitting)
    return [new + code[longest:] for old, new in fitting if len(old) == longest]
