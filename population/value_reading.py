"""Cells of tables about people as values: days, numbers, telephones, sexes, documents, relations, yes and no.

Tables come from spreadsheets of thirty offices. Every reader takes the text of one cell (`governance.files.tables`) and
the field it belongs to, returns None or "" for an empty one, and raises `DomainError` with a sentence that says what to
write instead. Nothing is guessed: where two readings are possible, the cell is refused.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from governance.errors import DomainError
from governance.files.checked_tables import choice_words
from governance.text import clean_text
from governance.text.check_digits import id_number_is_valid
from population.check_digits import plain as number_plain
from population.models import DocumentKind, Relation, Sex

FIRST_YEAR, LAST_YEAR = 1850, 2100
_FIRST_OF_1900, _FIRST_OF_1904 = date(1899, 12, 30), date(1904, 1, 1)  # day 0 of Excel's two calendars
_TIME = r"(?:(?: +|T)\d{1,2}(?::\d{1,2}){1,2}(?:\.\d+)?)?"
_DAY = re.compile(rf"(\d{{4}}) *(?:年|[-/.]) *(\d{{1,2}}) *(?:月|[-/.]) *(\d{{1,2}}) *[日号]?{_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?")
_AMBIGUOUS = re.compile(rf"\d{{1,2}} *[-/.年] *\d{{1,2}} *[-/.月] *\d{{1,4}} *[日号]?{_TIME}")
_MONTH_ONLY = re.compile(r"\d{4}(?: *年| *[-/.] *\d{1,2}| *年 *\d{1,2} *月?)?")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,3}")
_WHOLE = re.compile(r"(\d+)\.0+")

# GB/T 4761 groups its two-digit codes by the first digit: 11 husband, 12 wife -> 1; 28 son-in-law -> 2 (STANDARDS 4.5).
_RELATIONS: Mapping[Relation, str] = {
    Relation.HEAD: "户主 本人 本人或户主 户主本人 head",
    Relation.SPOUSE: "配偶 夫 妻 丈夫 妻子 爱人 老公 老婆 husband wife spouse",
    Relation.SON: "子 儿子 独生子 长子 次子 三子 四子 五子 大儿子 二儿子 养子 继子 养子或继子 女婿 其他儿子 son",
    Relation.DAUGHTER: (
        "女 女儿 独生女 长女 次女 二女 三女 四女 五女 大女儿 二女儿 养女 继女 养女或继女 儿媳 其他女儿 daughter"
    ),
    Relation.GRANDCHILD: (
        "孙辈 孙子 孙女 孙 长孙 外孙 外孙子 外孙女 孙媳妇 孙女婿 曾孙子 曾孙女 重孙 grandson granddaughter"
    ),
    Relation.PARENT: "父母 父 母 父亲 母亲 爸爸 妈妈 公公 婆婆 岳父 岳母 继父 继母 养父 养母 father mother",
    Relation.GRANDPARENT: (
        "祖父母 祖父 祖母 爷爷 奶奶 外祖父 外祖母 外公 外婆 姥爷 姥姥 曾祖父 曾祖母 grandfather grandmother"
    ),
    Relation.SIBLING: "兄弟姐妹 兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 哥 嫂 嫂子 弟媳 姐夫 妹夫 brother sister",
    Relation.OTHER: (
        "其他 其他亲属 非亲属 伯父 叔父 舅父 姑母 姨母 侄子 侄女 外甥 外甥女 堂兄弟 表兄弟 保姆 寄住 other"
    ),
}
_DOCUMENTS: Mapping[DocumentKind, str] = {
    DocumentKind.IDENTITY: (
        "身份证 二代身份证 二代证 第二代身份证 居民身份证 中华人民共和国居民身份证 临时身份证 111 112"
    ),
    DocumentKind.REGISTER: "户口簿 户口本 户口 113",
    DocumentKind.RESIDENCE: "外国人永久居留身份证 外国人永久居留证 永久居留证 永居证 553 554",
    DocumentKind.PASSPORT: "护照 普通护照 外国护照 中国护照 因私护照 414 passport",
    DocumentKind.HOME_RETURN: "港澳居民来往内地通行证 港澳通行证 港澳居民通行证 回乡证 516",
    DocumentKind.TAIWAN: "台湾居民来往大陆通行证 台胞证 台湾通行证 511",
    DocumentKind.PERMIT: "港澳台居民居住证 港澳居民居住证 台湾居民居住证 810",
    DocumentKind.OTHER: "其他证件 其他 其它 990",
}
_SEXES: Mapping[Sex, str] = {
    Sex.MALE: "男 男性 m male man 1 01",
    Sex.FEMALE: "女 女性 f female woman 2 02",
    Sex.UNKNOWN: "未知 未知的性别 不详 不明 0 00 unknown",
    Sex.UNSTATED: "未说明 未说明的性别 9 09",
}
_YES = frozenset(["是", "有", "对", "在", "一致", "y", "yes", "true", "t", "1", "√", "✓", "✔", "01"])
_NO = frozenset(["否", "无", "没有", "不", "不是", "不在", "不一致", "n", "no", "false", "f", "0", "×", "✗", "x", "02"])


def coded_words(choices: Mapping[str, object], more: Mapping[Any, str]) -> dict[str, str]:
    """Word in small letters -> code: what others write, the code itself and its labels in both languages."""
    found = {word: str(code) for code, words in more.items() for word in words.split()}
    return choice_words(dict(choices)) | found  # type: ignore[arg-type]


SEXES = coded_words(dict(Sex.choices), _SEXES)
DOCUMENTS = coded_words(dict(DocumentKind.choices), _DOCUMENTS)
RELATIONS = coded_words(dict(Relation.choices), _RELATIONS)


def cell_text(text: str) -> str:
    """The text of a cell in one width, without blanks at its ends and invisible marks."""
    return unicodedata.normalize("NFKC", clean_text(text, multiline=False)).strip()


def day_read(text: str, *, field: str | None = None, is_1904: bool = False) -> date | None:
    """Read a day: 2026-01-05, 2026/1/5, 2026.1.5, 2026年1月5日, 20260105, with a time or without; or Excel's 44197.

    `is_1904`: the workbook counts from 1904 (`governance.files.tables.counts_from_1904`). Two digits for a year, or
    the day before the year, are refused: 26-1-5 is read differently in different offices.
    """
    plain = cell_text(text)
    if not plain:
        return None
    match = _DAY.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if match is not None:
        return _day(plain, int(match[1]), int(match[2]), int(match[3]), field)
    serial = _SERIAL.fullmatch(plain)
    if serial is not None and not FIRST_YEAR <= int(serial[1]) <= LAST_YEAR:
        return (_FIRST_OF_1904 if is_1904 else _FIRST_OF_1900) + timedelta(days=int(serial[1]))
    if _MONTH_ONLY.fullmatch(plain):
        raise _refused("day_incomplete", _("“%(value)s”没有写到日，请写全，例如 2026-01-05"), plain, field)
    if _AMBIGUOUS.fullmatch(plain):
        message = _("“%(value)s”分不清哪个是年、哪个是日，请把年份写成四位，例如 2026-01-05")
        raise _refused("day_ambiguous", message, plain, field)
    raise _refused("day_unreadable", _("“%(value)s”不是日期，请写成 2026-01-05 这样"), plain, field)


def number_read(text: str, *, field: str | None = None) -> str:
    """Read the number of a document as it is compared; "" for none. What Excel has cut short is refused."""
    plain = number_plain(unicodedata.normalize("NFKC", text))
    if whole := _WHOLE.fullmatch(plain):
        plain = whole[1]
    shortened = len(plain) == 18 and plain.endswith("000") and plain.isdigit() and not id_number_is_valid(plain)
    if _SCIENTIFIC.fullmatch(plain) or shortened:
        message = _(
            "“%(value)s”是 Excel 把号码当成了数字，最后几位已经丢了，补不回来："
            "请在原来的系统里重新导出，或者先把这一列设成“文本”，再重新填"
        )
        raise _refused("digits_lost", message, plain, field)
    return plain


def phone_read(text: str, *, field: str | None = None) -> str:
    """Read a telephone number as digits, with "+" where a country was written; "" for none. Several are refused."""
    plain = cell_text(text).replace("'", "")
    if whole := _WHOLE.fullmatch(plain):
        plain = whole[1]
    if _SCIENTIFIC.fullmatch(plain.upper()):
        message = _("“%(value)s”是 Excel 缩写的数字，看不全：请把这一列设成“文本”，再重新填")
        raise _refused("digits_lost", message, plain, field)
    if re.search(r"\d{7,}\s*[,、;/，；或 ]\s*\d{7,}", plain):
        raise _refused("phone_several", _("“%(value)s”像是几个号码，这一格请只写一个"), plain, field)
    digits = re.sub(r"[\s()\-‐‑‒–—―−.·]", "", plain)
    if digits and not re.fullmatch(r"\+?\d{7,15}", digits):
        message = _("“%(value)s”不像电话号码，请写 11 位手机号，座机写上区号")
        raise _refused("phone_unreadable", message, plain, field)
    return digits


def sex_read(text: str, *, field: str | None = None) -> str:
    """Read a sex as GB/T 2261.1 codes it; UNKNOWN for an empty cell."""
    return _word(SEXES, text, field, "sex_unknown", _("性别“%(value)s”没有看懂，请写男或女")) or Sex.UNKNOWN


def document_kind_read(text: str, *, field: str | None = None) -> str:
    """Read a kind of document, by its name or its code (GA/T 517); "" for an empty cell."""
    message = _("证件类型“%(value)s”没有看懂，请写居民身份证、护照等，或者三位代码")
    return _word(DOCUMENTS, text, field, "document_kind_unknown", message)


def relation_read(text: str, *, field: str | None = None, two_digits: bool = False) -> str:
    """Read the relation to the head of the household as a one-digit code; "" for an empty cell.

    `two_digits`: the column has the two-digit codes of GB/T 4761 (`has_two_digit_codes`), so "2" is an 02 whose zero
    Excel dropped, the head, and not a son.
    """
    plain = _WHOLE.sub(r"\1", cell_text(text))
    if two_digits and len(plain) == 1 and plain.isdigit():
        plain = f"0{plain}"
    if re.fullmatch(r"0[12]|[1-9][0-9]", plain):
        return str(Relation.OTHER if plain[0] == "9" else Relation(plain[0]))
    message = _("与户主的关系“%(value)s”没有看懂，请写户主、配偶、子、女、父母等")
    return _word(RELATIONS, plain, field, "relation_unknown", message)


def has_two_digit_codes(cells: Iterable[str]) -> bool:
    """Tell whether a column of relations is written in two-digit codes, from its cells."""
    return any(re.fullmatch(r"0[12]|[1-9][0-9](?:\.0)?", cell_text(cell)) for cell in cells)


def yes_no_read(text: str, *, field: str | None = None) -> bool | None:
    """Read yes or no; None for an empty cell."""
    plain = _WHOLE.sub(r"\1", cell_text(text)).casefold()
    if not plain:
        return None
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise _refused("yes_no_unknown", _("“%(value)s”没有看懂，请写是或否"), plain, field)


def _day(plain: str, year: int, month: int, day: int, field: str | None) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refused("year_unlikely", _("“%(value)s”的年份不对，请检查"), plain, field)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise _refused("no_such_day", _("没有“%(value)s”这一天，请检查月和日"), plain, field) from error


def _word(words: Mapping[str, str], text: str, field: str | None, code: str, message: str) -> str:
    plain = _WHOLE.sub(r"\1", cell_text(text)).casefold().replace(" ", "")
    if plain and plain not in words:
        raise _refused(code, message, plain, field)
    return words.get(plain, "")


def _refused(code: str, message: str, value: str, field: str | None) -> DomainError:
    return DomainError(code, message % {"value": value[:30]}, field=field)
