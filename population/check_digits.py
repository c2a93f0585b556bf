"""Numbers of people and of legal entities that carry their own proof: what is wrong with one, and what it suggests.

Identity numbers: GB 11643, 18 characters, ISO 7064 MOD 11-2. Residence permits of people from Hong Kong (810000), Macau
(820000) and Taiwan (830000) and the permanent residence cards of foreigners since December 2023 (first digit 9) follow
the same scheme; that of the cards is taken by analogy and not confirmed. Credit codes: GB 32100, 18 characters, modulus
31, without I, O, S, V, Z. Birth date and sex are proposals for a form, never facts: people may say otherwise.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.text import clean_text
from governance.text.check_digits import id_check_character, is_date

# 11 Beijing to 65 Xinjiang (GB/T 2260), 71 Taiwan, 81 Hong Kong, 82 Macau, 83 of permits of people from Taiwan
_FIRST_TO_LAST = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = frozenset(str(code) for first, last in _FIRST_TO_LAST for code in range(first, last + 1))
PERMIT_REGIONS = frozenset({"810000", "820000", "830000"})
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_LOOKALIKES = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U"}  # letters that codes never have: what is meant
_NARROW: dict[int, int | None] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms
_NARROW |= {ord(sign): None for sign in "-‐‑‒–—―−－·'"}  # the quote: how Excel keeps digits as text


class IdentityKind(StrEnum):
    """Whose number it is."""

    RESIDENT = "resident"  # of the mainland
    PERMIT = "permit"  # residence permit of somebody from Hong Kong, Macau or Taiwan
    FOREIGNER = "foreigner"  # permanent residence card


class Sex(StrEnum):
    """As GB/T 2261.1 writes it."""

    MALE = "1"
    FEMALE = "2"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a number turned out to be. `fault`: why it cannot be right; `doubt`: what somebody should look at again.

    `number` is as it is kept: capitals, no blanks; one of the old 15 digits is written with 18.
    """

    number: str
    fault: str | Promise = ""
    doubt: str | Promise = ""
    kind: IdentityKind | None = None
    birth_date: date | None = None
    sex: Sex | None = None

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with it; a doubt is no fault."""
        return not self.fault


def plain(text: str) -> str:
    """Return a number as it is compared: capitals, no blanks, dashes and invisible marks, full-width narrowed."""
    return "".join(clean_text(text, multiline=False).translate(_NARROW).upper().split())


def identity_judged(text: str, *, today: date, old_too: bool = False) -> Judgement:
    """Judge an identity number that somebody typed. An unknown region is a doubt: regions were abolished, too.

    `old_too`: also numbers of 15 digits, as tables from before 1999 still have them. They prove nothing: converted,
    with a doubt.
    """
    number = plain(text)
    is_old = len(number) == 15 and number.isascii() and number.isdigit()
    if is_old and not old_too:
        return Judgement(number, _("这是 15 位的旧号码，请写现在的 18 位号码"))
    if is_old:
        number = from_fifteen(number)
    if len(number) != 18:
        return Judgement(number, _("身份号码是 18 位，请数一数"))
    if not (number.isascii() and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")):
        return Judgement(number, _("身份号码只有数字，最后一位可以是 X"))
    if not is_date(number[6:14]):
        return Judgement(number, _("第 7 到 14 位是出生日期，这一天不存在"))
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if birth > today:
        return Judgement(number, _("第 7 到 14 位是出生日期，这一天还没有到"))
    if number[17] != id_check_character(number[:17]):
        return Judgement(number, _("最后一位和前面对不上，有一位写错了"))
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    doubt = _("由 15 位的旧号码换算而来，请对着证件看一眼") if is_old else _doubt(number)
    return Judgement(number, "", doubt, _kind(number), birth, sex)


def from_fifteen(number: str) -> str:
    """Return the 18 characters of an old number of 15 digits: the century of 1900, and the check character."""
    body = f"{number[:6]}19{number[6:]}"
    return body + id_check_character(body)


def credit_code_judged(text: str) -> Judgement:
    """Judge a unified social credit code. The inner organisation code that does not add up is a doubt, not a fault."""
    code = plain(text)
    if len(code) != 18:
        return Judgement(code, _("统一社会信用代码是 18 位，请数一数"))
    strange = next((place for place, sign in enumerate(code) if sign not in CREDIT_ALPHABET), None)
    if strange is not None:
        return Judgement(code, _never_there(code, strange))
    if code[17] != credit_check_character(code[:17]):
        return Judgement(code, _("最后一位和前面对不上，有一位写错了"))
    inner_fits = code[16] == organisation_check_character(code[8:16])
    return Judgement(code, "", "" if inner_fits else _("第 9 到 17 位的组织机构代码和校验位对不上，请再看一眼"))


def _never_there(code: str, place: int) -> str:
    """What to say of a sign that no code has: which is meant, and the whole code where it then adds up."""
    meant = _LOOKALIKES.get(code[place], "")
    said = {"place": place + 1, "letter": code[place], "likely": meant}
    if not meant:
        return _("第 %(place)s 位：代码里没有 %(letter)s 这样的字符") % said
    likely = "".join(_LOOKALIKES.get(sign, sign) for sign in code)
    if not set(likely) - set(CREDIT_ALPHABET) and likely[17] == credit_check_character(likely[:17]):
        return _("第 %(place)s 位：没有字母 %(letter)s，整个代码是不是 %(code)s？") % {**said, "code": likely}
    if meant.isdigit():
        return _("第 %(place)s 位：没有字母 %(letter)s，是不是数字 %(likely)s？") % said
    return _("第 %(place)s 位：没有字母 %(letter)s，是不是字母 %(likely)s？") % said


def credit_check_character(body: str) -> str:
    """Return the last character of a credit code from its first 17."""
    total = sum(CREDIT_ALPHABET.index(one) * weight for one, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[-total % 31]


def organisation_check_character(body: str) -> str:
    """Return the check character of an organisation code (GB 11714) from its first 8: X stands for ten."""
    total = sum(int(one, 36) * weight for one, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def _kind(number: str) -> IdentityKind:
    if number[0] == "9":
        return IdentityKind.FOREIGNER
    return IdentityKind.PERMIT if number[:2] in ("81", "82", "83") else IdentityKind.RESIDENT


def _doubt(number: str) -> str | Promise:
    kind = _kind(number)
    if kind is IdentityKind.FOREIGNER:
        return "" if number[1:3] in PROVINCES else _("前几位不是哪个省的代码，请对着证件再看一眼")
    if kind is IdentityKind.PERMIT:
        return "" if number[:6] in PERMIT_REGIONS else _("港澳台居民居住证以 810000、820000 或 830000 开头，请再看一眼")
    return "" if number[:2] in PROVINCES else _("前两位不是哪个省的代码，请对着证件再看一眼")
