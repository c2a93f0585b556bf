"""Values that behave as usual but do not appear when something prints them for developers.

Logs, error pages and consoles show `repr()`; that is where personal data leaks without anybody meaning it.
"""

from typing import Any

_HIDDEN = "‹private›"


class PrivateText(str):
    """Text whose repr() is hidden; str(), formatting and comparison are those of the text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _HIDDEN


class PrivateDict(dict[str, Any]):
    """A dict whose repr() is hidden."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__


class PrivateList(list[Any]):
    """A list whose repr() is hidden."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__


def private(value: Any) -> Any:
    """Wrap text, dicts and lists, at every level; leave numbers, booleans and None as they are."""
    if isinstance(value, str):
        return PrivateText(value)
    if isinstance(value, dict):
        return PrivateDict({key: private(item) for key, item in value.items()})
    if isinstance(value, list):
        return PrivateList(private(item) for item in value)
    return value
