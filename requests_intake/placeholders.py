"""Places in reply templates: `{编号}` or `{number}`. Chinese and English names mean the same."""

import re
from collections.abc import Mapping

NAMES: dict[str, tuple[str, str]] = {
    "number": ("编号", "number"),
    "category": ("事项", "category"),
    "place": ("地点", "place"),
    "office": ("承办单位", "office"),
    "handler": ("经办人", "handler"),
    "due": ("期限", "due"),
    "today": ("今天", "today"),
}
# what a preview puts into the places: nobody's data
SAMPLE: dict[str, str | tuple[str, str]] = {
    "number": "20261116-000417-3",
    "category": ("路灯", "Street lamps"),
    "place": ("槐安里 7 号楼", "7 Huai'an Li"),
    "office": ("市政设施所", "Public Works Station"),
    "handler": ("何立新", "He Lixin"),
    "due": ("11月23日 18:00", "18:00, 23 Nov"),
    "today": ("11月20日", "20 Nov"),
}
_KEYS = {name: key for key, names in NAMES.items() for name in names}
_PLACE = re.compile(r"[{｛]\s*([^{}｛｝]{0,40}?)\s*[}｝]")


def unknown(text: str) -> list[str]:
    """Return the names that no place has, in their order, each once; a brace that is left over is one, too."""
    names = [name for name in _PLACE.findall(text) if name not in _KEYS]
    rest = _PLACE.sub("", text)
    names += [brace for brace in "{}｛｝" if brace in rest]
    return list(dict.fromkeys(names))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its places filled; one without a value stays as it is, so that somebody sees it."""
    return _PLACE.sub(lambda found: values.get(_KEYS.get(found[1], ""), "") or found[0], text)


def names(*, english: bool) -> list[str]:
    """Return the names to offer, in braces."""
    return [f"{{{pair[1 if english else 0]}}}" for pair in NAMES.values()]


def unfilled(text: str) -> list[str]:
    """Return the places that still stand in a filled text: there was nothing to put there."""
    return list(dict.fromkeys(found[0] for found in _PLACE.finditer(text)))
