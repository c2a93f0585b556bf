"""Rows of a table that name an area: by its code, or by a name that means one area only."""

from collections.abc import Sequence
from functools import cached_property

from django.utils import translation
from django.utils.translation import gettext as _

from governance.access import areas


class AreaBook:
    """All areas of the portal by code and by name, in both languages. 1 SQL a language."""

    def __init__(self) -> None:
        self.names: dict[str, str] = dict(areas.below(""))

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                for code, name in areas.below(""):
                    found.setdefault(name.casefold(), set()).add(code)
        return {name: sorted(codes) for name, codes in found.items()}

    def find(self, text: str, *, lengths: Sequence[int] = ()) -> tuple[str, str]:
        """Return (code, "") or ("", what is wrong)."""
        word = text.strip()
        if word.isdigit():
            code = short_code(word)
            if code not in self.names:
                return "", _("没有编码是 %(code)s 的区域") % {"code": word}
            found = [code]
        else:
            found = self._by_name.get(word.casefold(), [])
        fitting = [code for code in found if not lengths or len(code) in lengths]
        if not found:
            return "", _("没有叫“%(name)s”的区域") % {"name": word[:40]}
        if not fitting:
            return "", _("“%(name)s”的层级不对") % {"name": word[:40]}
        if len(fitting) > 1:
            return "", _("有 %(count)s 个区域叫“%(name)s”，请写编码") % {"count": len(fitting), "name": word[:40]}
        return fitting[0], ""


def short_code(code: str) -> str:
    """The portal's form of a code: statistics pad districts and sub-districts with zeros to twelve digits."""
    while len(code) in {9, 12} and code.endswith("000"):
        code = code[:-3]
    return code
