"""Finds personal data in what people write, so that it is not published by mistake.

Tuned on precision: a text full of stars that hide house numbers and dates would teach people to ignore the preview.
It proposes; the resident sees the result before sending, and staff before release.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from governance.text.check_digits import id_number_is_valid, is_date, luhn_is_valid


class Span(NamedTuple):
    """A stretch of the text, end not included. Kinds: the keys of `_FINDERS`."""

    kind: str
    start: int
    end: int


# Full-width characters and the many dashes, one to one, so that positions stay those of the original.
_PLAIN = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009", " "),
    }
)
_NOT_IN_NUMBER = r"(?<![0-9])(?<![0-9][.\-])"
_NUMBER_ENDS = r"(?![0-9])(?!\.[0-9])(?!-[0-9]{5})"
_NOT_AN_AMOUNT = r"(?!\s?(?:元|块|万|亿|股|平方|平米|㎡|吨|公里|米))"
_PROVINCES = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])"
_PLATE_TAIL = r"(?:[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF])"

_EMAIL = r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
_ID_CARD = r"(?<![0-9A-Za-z])[1-9][0-9]{5} ?(?:18|19|20)[0-9]{6} ?[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
_OLD_ID_CARD = rf"(?<![0-9A-Za-z])({_PROVINCES}[0-9]{{4}})([0-9]{{6}})[0-9]{{3}}(?![0-9A-Za-z])"
_BANK_CARD = r"(?<![0-9])(?:62|4[0-9]|5[1-5])[0-9]{2}(?:[ -]?[0-9]{4}){2}(?:[ -]?[0-9]{1,4}){1,2}(?![0-9])"
_MOBILE = (
    _NOT_IN_NUMBER + r"(?:(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}" + _NUMBER_ENDS + _NOT_AN_AMOUNT
    + "|" + _NOT_IN_NUMBER + r"1[ -][3-9](?:[ -][0-9]){9}" + _NUMBER_ENDS
)  # fmt: skip
_AREA_CODE_3 = r"(?:\(0(?:10|2[0-57-9])\)|0(?:10|2[0-57-9]))"
_AREA_CODE_4 = r"(?:\(0[3-9][0-9]{2}\)|0[3-9][0-9]{2})"
_LANDLINE = (
    rf"{_NOT_IN_NUMBER}(?:\+86[ -]?)?(?:{_AREA_CODE_3}[ -]{{0,3}}[2-8][0-9]{{3}} ?[0-9]{{4}}"
    rf"|{_AREA_CODE_4}[ -]{{0,3}}[2-8][0-9]{{6,7}})(?:-[0-9]{{1,5}})?(?![0-9])(?!\.[0-9]){_NOT_AN_AMOUNT}"
)
_LOCAL_LINE = (
    r"(?:电话|座机|固话|致电|拨打|来电|联系方式|[Tt][Ee][Ll])(?:号码|号)?\s?[是为:.(]?\s?"
    r"([2-8][0-9]{6,7})(?![0-9])(?!\.[0-9])" + _NOT_AN_AMOUNT
)
_PLATE = (
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•. -]?{_PLATE_TAIL}(?![A-Za-z0-9])"
)
_ACCOUNT = (
    r"(?:QQ|qq|扣扣)(?:号码|号)?\s?[是为:]?\s?([1-9][0-9]{4,10})(?![0-9])"
    r"|(?:微信|[Vv][Xx]|[Ww]e[Cc]hat)(?:号码|号)?\s?[是为:]?\s?([A-Za-z][A-Za-z0-9_\-]{5,19})(?![A-Za-z0-9_\-])"
)

_Finder = tuple[str, "re.Pattern[str]", Callable[["re.Match[str]"], bool]]


def _digits(match: "re.Match[str]") -> str:
    return re.sub(r"[ \-]", "", match.group())


def _always(_match: "re.Match[str]") -> bool:
    return True


def _is_card(match: "re.Match[str]") -> bool:
    return 16 <= len(_digits(match)) <= 19 and luhn_is_valid(_digits(match))


# In order of precedence: where two overlap, the earlier kind has it.
_FINDERS: tuple[_Finder, ...] = (
    ("email", re.compile(_EMAIL), _always),
    ("id_card", re.compile(_ID_CARD), lambda match: id_number_is_valid(_digits(match))),
    ("bank_card", re.compile(_BANK_CARD), _is_card),
    ("id_card", re.compile(_OLD_ID_CARD), lambda match: is_date(f"19{match[2]}")),
    ("mobile", re.compile(_MOBILE), _always),
    ("landline", re.compile(_LANDLINE), _always),
    ("landline", re.compile(_LOCAL_LINE), _always),
    ("plate", re.compile(_PLATE), lambda match: any(character.isdigit() for character in match.group()[2:])),
    ("account", re.compile(_ACCOUNT), _always),
)


def find_personal_data(text: str) -> list[Span]:
    """Return the stretches that hold telephone, identity, card and plate numbers, e-mail and chat addresses, in order.

    Kinds: mobile, landline, id_card, bank_card, email, plate, account. Identity and card numbers count only with the
    right check digit. Names and addresses are not looked for.
    """
    found: list[Span] = []
    for span in _candidates(text.translate(_PLAIN)):
        if not any(span.start < other.end and other.start < span.end for other in found):
            found.append(span)
    return sorted(found, key=lambda span: span.start)


def mask_personal_data(text: str) -> str:
    """Replace every letter and digit of personal data by a star; nothing of a number is left to recognise it by."""
    parts, position = [], 0
    for span in find_personal_data(text):
        hidden = "".join("*" if character.isalnum() else character for character in text[span.start : span.end])
        parts += [text[position : span.start], hidden]
        position = span.end
    return "".join([*parts, text[position:]])


def _candidates(plain: str) -> Iterator[Span]:
    for kind, pattern, holds in _FINDERS:
        for match in pattern.finditer(plain):
            if holds(match):
                # Where a word such as "QQ" led to the number, only the number is personal.
                group = match.lastindex or 0 if kind in {"landline", "account"} else 0
                yield Span(kind, *match.span(group))
