"""Areas by the names that staff give them: 槐安, 3, 青禾3."""

import re

from governance.access import areas
from governance.access.viewer import Viewer
from requests_intake.permissions import Capability

_SHAPE = re.compile(r"\d[0-9A-Z]{5,16}")
_NUMBERED = re.compile(r"(.*?)\s*第?(\d{1,3})$")
_LENGTHS = {"area": (6, 9, 12, 15, 17), "community": (12,), "grid": (15, 17)}
_COMMUNITY = 12


def areas_named(viewer: Viewer, text: str, *, level: str) -> list[tuple[str, str]]:
    """Return (code, name) of the areas so called, among those that the viewer's grants reach. 1 or 2 SQL a grant.

    A code, a part of the name, the number of a grid or community inside its parent, or both: 青禾3.
    `level` is "area" (any), "community" or "grid".
    """
    if _SHAPE.fullmatch(text.upper()):
        code = text.upper()
        return list(areas.names([code]).items()) or [(code, code)]
    known = _within(viewer)
    names = dict(known)
    wanted = [(code, name) for code, name in known if len(code) in _LENGTHS[level]]
    value = text.casefold()
    found = [(code, name) for code, name in wanted if value in name.casefold()]
    numbered = _NUMBERED.fullmatch(text)
    if numbered is not None and (numbered[1] or level != "area"):
        above, number = numbered[1].casefold(), int(numbered[2])
        found += [
            (code, name)
            for code, name in wanted
            if (code, name) not in found
            and len(code) > 9  # sub-districts and districts are called by name only
            and int(re.sub(r"\D", "", code[-3:]) or -1) == number
            and above in names.get(code[:_COMMUNITY], "").casefold()
        ]
    return sorted(found)


def _within(viewer: Viewer) -> list[tuple[str, str]]:
    """All areas that the viewer's grants reach; for those who hold none (handlers of an office), all there are."""
    held = viewer.areas(Capability.VIEW_REQUEST)
    if not held:
        return areas.below("")
    return sorted({*areas.names(held).items(), *(pair for code in held for pair in areas.below(code))})
