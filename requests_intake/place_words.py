"""The words that differ from one kind of community to the next: what each is for, and what the portal says itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

WORD_MAX = 60


@dataclass(frozen=True, slots=True)
class PlaceWord:
    """One word: what it is called where it is edited, and the usual one."""

    label: str | Promise
    usual: str | Promise


WORDS: dict[str, PlaceWord] = {
    "estate": PlaceWord(gettext_lazy("第一级地名"), gettext_lazy("小区或道路")),
    "building": PlaceWord(gettext_lazy("第二级地名"), gettext_lazy("楼栋或门牌")),
    "doors": PlaceWord(gettext_lazy("公开时不写的"), gettext_lazy("楼号和门牌")),
    "example": PlaceWord(gettext_lazy("地址的例子"), gettext_lazy("槐安里 7 号楼北侧")),
    "keeper": PlaceWord(gettext_lazy("管这个地方的"), gettext_lazy("物业公司")),
}


def word_of(key: str, own: Mapping[str, Mapping[str, str]]) -> str:
    """Return a word in the language of the page: the profile's own, else the usual one."""
    said = own.get(key, {}).get("en" if get_language() == "en" else "zh", "")
    return said or str(WORDS[key].usual)
