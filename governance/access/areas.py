"""Names of areas, supplied by the app that knows the territory (`grid`); access itself knows only codes."""

from collections.abc import Iterable, Sequence
from typing import Protocol

LEVELS = {6: "district", 9: "subdistrict", 12: "community", 15: "grid", 17: "micro_grid"}


class AreaDirectory(Protocol):
    """What access, dashboards and forms may ask about areas."""

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        """Name of each known code in the language of the page."""
        ...

    def children(self, code: str) -> list[tuple[str, str]]:
        """(code, name) of the areas directly below; "" gives the districts."""
        ...

    def below(self, code: str) -> list[tuple[str, str]]:
        """(code, name) of all areas below, however deep, in the order of their codes; "" gives every area."""
        ...

    def exists(self, code: str) -> bool:
        """Whether an area valid today has this code."""
        ...

    def search(self, q: str) -> list[tuple[str, str]]:
        """(code, name) of at most 20 areas whose name or code contains the words."""
        ...

    def located(self, length: int, points: Sequence[tuple[float, float]]) -> list[str]:
        """For each point (degrees WGS-84) the code, of so many characters at most, of the area it lies in; or ""."""
        ...


class _NoDirectory:
    """Stands in until an app registers: codes are their own names."""

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        return {code: code for code in codes}

    def children(self, code: str) -> list[tuple[str, str]]:
        return []

    def below(self, code: str) -> list[tuple[str, str]]:
        return []

    def exists(self, code: str) -> bool:
        return len(code) in LEVELS

    def search(self, q: str) -> list[tuple[str, str]]:
        return []

    def located(self, length: int, points: Sequence[tuple[float, float]]) -> list[str]:
        return [""] * len(points)


_directory: AreaDirectory = _NoDirectory()


def register(directory: AreaDirectory) -> None:
    """Make `directory` the source of area names (once, when the apps start)."""
    global _directory
    _directory = directory


def names(codes: Iterable[str]) -> dict[str, str]:
    """Name of each known code in the language of the page."""
    return _directory.names(codes)


def children(code: str) -> list[tuple[str, str]]:
    """(code, name) of the areas directly below; "" gives the districts."""
    return _directory.children(code)


def below(code: str) -> list[tuple[str, str]]:
    """(code, name) of all areas below, however deep, in the order of their codes; "" gives every area."""
    return _directory.below(code)


def exists(code: str) -> bool:
    """Whether an area valid today has this code."""
    return _directory.exists(code)


def search(q: str) -> list[tuple[str, str]]:
    """(code, name) of at most 20 areas whose name or code contains the words."""
    return _directory.search(q)


def located(length: int, points: Sequence[tuple[float, float]]) -> list[str]:
    """For each point (degrees WGS-84) the code, of so many characters at most, of the area it lies in today; or ""."""
    return _directory.located(length, points)


def level(code: str) -> str:
    """Level of a code by its length (GB/T 2260 county 6, then 3 + 3 + 3, micro-grid 2); "" if no level."""
    return LEVELS.get(len(code), "")
