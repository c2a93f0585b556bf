"""Codes for new areas: the next free number under a parent. Codes that were ever used stay taken.

The number of a sub-district or community says its kind (STANDARDS 4.1), so a new one is looked for in the span of the
area it comes from: sub-districts 001-099, towns 100-199, ...; neighbourhood committees 001-199, villages 200-399.
"""

from governance.access.areas import LEVELS, level
from grid.models import Area, Level
from grid.models.area import parent_code

_SPANS: dict[str, tuple[tuple[int, int], ...]] = {
    Level.SUBDISTRICT: ((1, 99), (100, 199), (200, 399), (400, 599), (600, 999)),
    Level.COMMUNITY: ((1, 199), (200, 399), (400, 599), (600, 999)),
    Level.GRID: ((1, 999),),
    Level.MICRO_GRID: ((1, 99),),
}


def next_codes(*, like: str, count: int) -> list[str]:
    """Return up to `count` codes never used yet, beside the area `like` and after the highest there. 1 SQL.

    Fewer where the span is full, and none for a district: its code is the state's (GB/T 2260).
    """
    spans = _SPANS.get(level(like))
    parent = parent_code(like)
    width = len(like) - len(parent)
    own = _number(like[len(parent) :])
    if spans is None:
        return []
    first, last = next((span for span in spans if own is not None and span[0] <= own <= span[1]), spans[0])
    siblings = Area.objects.filter(level=LEVELS[len(like)], code__startswith=parent).values_list("code", flat=True)
    taken = {number for code in siblings if (number := _number(code[len(parent) :])) is not None}
    highest = max((number for number in taken if first <= number <= last), default=first - 1)
    free = [*range(highest + 1, last + 1), *(number for number in range(first, highest) if number not in taken)]
    return [f"{parent}{number:0{width}d}" for number in free[:count]]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
