"""One spelling for the many ways people write an address, so that 七号楼, 7栋 and ７幢 find each other.

A building is written "N幢" with digits, parts are separated by one space (GB-style standard addresses; the variants
are the ones that residents type).
"""

import re
import unicodedata

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL = "零〇一二两三四五六七八九十百"
_UNIT = "号楼|号院|单元|栋|幢|座|层|楼|室|号|弄"
_COUNTED = re.compile(rf"([{_NUMERAL}]+)(?={_UNIT})")
_BUILDING = re.compile(r"([0-9]+[a-z]?|\b[a-z]|(?<=[^0-9a-z])[a-z])\s*(?:号楼|栋|座|幢|#楼?|号幢)")
_PART = re.compile(r"([0-9]+[a-z]?|(?<![0-9a-z])[a-z])\s*(幢|单元|层|室|号|弄)")
_DASHED = re.compile(r"(?<![0-9-])([0-9]{1,3}[a-z]?)-(?:([0-9]{1,2})-)?([0-9]{3,4})室?(?![0-9-])")  # 7-2-301, 7-301
_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff#]+")


def normalise(text: str) -> str:
    """Normalised address: NFKC, lower case, digits, 幢 for any word for building, one space between parts."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _COUNTED.sub(lambda match: str(number_of(match[1])), plain)
    plain = _DASHED.sub(_spelled_out, plain)
    plain = _NOISE.sub(" ", plain)
    plain = _BUILDING.sub(r"\1幢", plain)
    plain = plain.replace("#", " ")
    plain = _PART.sub(r" \1\2 ", plain)
    return " ".join(plain.split())


def place_part(normalised: str) -> str:
    """The part that names a building or a house number; what follows (unit, room, "the path beside it") is cut off.

    The whole text where no number is named.
    """
    words = normalised.split()
    for ending in ("幢", "号", "弄"):
        for position in range(len(words) - 1, -1, -1):
            if words[position][-1] == ending and words[position][0].isascii():
                return " ".join(words[: position + 1])
    return normalised


def _spelled_out(match: re.Match[str]) -> str:
    building, entrance, room = match[1], match[2], match[3]
    return f"{building}幢{entrance}单元{room}室" if entrance else f"{building}幢{room}室"


def number_of(numeral: str) -> int:
    """Number below 1,000 of a Chinese numeral: 十二 = 12, 二十 = 20, 一百零三 = 103, 三〇一 = 301."""
    if not set(numeral) & {"十", "百"}:
        return int("".join(str(_DIGITS[sign]) for sign in numeral))
    total = digit = 0
    for sign in numeral:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            continue
        total += (digit or 1) * (100 if sign == "百" else 10)
        digit = 0
    return total + digit
