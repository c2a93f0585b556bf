"""Cells as thirty offices write them: read, or refused with what to write instead."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import DomainError
from governance.text.check_digits import id_check_character
from population import value_reading as reading

NEW_YEAR = date(2026, 1, 5)


def refused(reader, text, **more) -> DomainError:
    with pytest.raises(DomainError) as error:
        reader(text, field="cell", **more)
    assert error.value.field == "cell"
    assert str(error.value)
    return error.value


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05", "2026-1-5", "2026/01/05", "2026/1/5", "2026.1.5", "2026年1月5日", "2026年01月05日",
        "2026年1月5号", "２０２６年１月５日", "2026 年 1 月 5 日", "20260105", "20260105.0",
        "46027", "46027.0", "46027.75",
        "2026-01-05 00:00:00", "2026-01-05T08:30:00", "2026/1/5 0:00", " 2026-01-05\u3000", "\ufeff2026-01-05",
    ],
)  # fmt: skip
def test_days(text):
    assert reading.day_read(text) == NEW_YEAR


def test_days_of_spreadsheets():
    assert reading.day_read("44197") == date(2021, 1, 1)
    assert reading.day_read("42735", is_1904=True) == date(2021, 1, 1), "the same day, four years and a day less"
    assert reading.day_read("9862") == date(1926, 12, 31)
    assert reading.day_read("") is reading.day_read(" \u3000") is None


@given(st.dates(date(1927, 6, 1), date(2100, 1, 1)))
def test_a_day_is_the_same_in_every_spelling(day):
    serial = (day - date(1899, 12, 30)).days
    spellings = [day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", str(serial), f"{serial}.0"]
    spellings.append(f"{day.year}.{day.month}.{day.day}")
    assert {reading.day_read(one) for one in spellings} == {day}
    assert reading.day_read(str(serial - 1462), is_1904=True) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("26-1-5", "day_ambiguous"), ("05/01/2026", "day_ambiguous"), ("1/5/26", "day_ambiguous"),
        ("26年1月5日", "day_ambiguous"), ("26.1.5", "day_ambiguous"),
        ("2026-02-30", "no_such_day"), ("2026年13月5日", "no_such_day"), ("20261301", "no_such_day"),
        ("0206-01-05", "year_unlikely"), ("2206-01-05", "year_unlikely"),
        ("1961", "day_incomplete"), ("1961年", "day_incomplete"), ("1961年3月", "day_incomplete"),
        ("2026-01", "day_incomplete"), ("1961.0", "day_incomplete"),
        ("不详", "day_unreadable"), ("2026-01-05号楼", "day_unreadable"), ("-44197", "day_unreadable"),
        ("1" * 5000, "day_unreadable"),
    ],
)  # fmt: skip
def test_days_that_nobody_can_read(text, code):
    error = refused(reading.day_read, text)
    assert error.code == code
    assert text[:30] in str(error), "the sentence shows what stands in the cell"


def test_numbers_that_a_spreadsheet_cut_short_are_refused():
    for text in ("1.10105E+17", "1.10105194912310e+17", "110105194912310000", "３.２E＋17", "110105194912310000.0"):
        error = refused(reading.number_read, text)
        assert error.code == "digits_lost"
        assert "文本" in str(error), "and how to mend it is said"
    for text in ("11010519491231002X", " '110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"):
        assert reading.number_read(text) == "11010519491231002X"
    assert reading.number_read("110105491231002.0") == "110105491231002"
    assert reading.number_read("E12345678") == "E12345678"
    assert reading.number_read("") == ""


def test_a_right_number_that_ends_in_three_zeros_is_right():
    bodies = (f"110105{1949 + n}1231100" for n in range(70))
    number = next(f"{body}0" for body in bodies if id_check_character(body) == "0")
    assert reading.number_read(number) == number


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("13912342046.0", "13912342046"), ("139 1234 2046", "13912342046"), ("139-1234-2046", "13912342046"),
        ("１３９１２３４２０４６", "13912342046"), ("'13912342046", "13912342046"),
        ("+86 13912342046", "+8613912342046"),
        ("0512-65201234", "051265201234"), ("（0512）65201234", "051265201234"), ("65201234", "65201234"), ("", ""),
    ],
)  # fmt: skip
def test_telephones(text, digits):
    assert reading.phone_read(text) == digits


def test_what_is_no_telephone():
    assert refused(reading.phone_read, "1.39123E+10").code == "digits_lost"
    for text in ("13912342046、13912342047", "13912342046/65201234", "13912342046 13912342047"):
        assert refused(reading.phone_read, text).code == "phone_several"
    for text in ("没有", "12345", "1" * 16, "13912342046（儿子）"):
        assert refused(reading.phone_read, text).code == "phone_unreadable"


@pytest.mark.parametrize(
    ("reader", "words", "code"),
    [
        (reading.sex_read, "男 男性 1 1.0 １ M male Male 01", "1"),
        (reading.sex_read, "女 女性 2 F female FEMALE 02", "2"),
        (reading.sex_read, "0 未知", "0"),
        (reading.sex_read, "9 未说明", "9"),
        (reading.document_kind_read, "111 111.0 居民身份证 身份证 二代身份证", "111"),
        (reading.document_kind_read, "113 户口簿 户口本", "113"),
        (reading.document_kind_read, "414 普通护照 护照 passport", "414"),
        (reading.document_kind_read, "516 港澳居民来往内地通行证 回乡证", "516"),
        (reading.document_kind_read, "511 台湾居民来往大陆通行证 台胞证", "511"),
        (reading.document_kind_read, "553 554 外国人永久居留身份证 外国人永久居留证", "553"),
        (reading.document_kind_read, "810 港澳台居民居住证 台湾居民居住证", "810"),
        (reading.relation_read, "0 户主 本人 02 01", "0"),
        (reading.relation_read, "1 配偶 夫 妻 丈夫 妻子 11 12 10", "1"),
        (reading.relation_read, "2 子 儿子 长子 20 22 2.0", "2"),
        (reading.relation_read, "3 女 女儿 次女 30 33", "3"),
        (reading.relation_read, "4 孙子 孙女 外孙女 41 44", "4"),
        (reading.relation_read, "5 父 母 父亲 岳母 51 56", "5"),
        (reading.relation_read, "6 祖父 外婆 61", "6"),
        (reading.relation_read, "7 兄 妹 哥哥 71 77", "7"),
        (reading.relation_read, "8 其他 侄子 80 93 97 99", "8"),
        (reading.yes_no_read, "是 有 Y yes TRUE 1 1.0 √", True),
        (reading.yes_no_read, "否 无 N no FALSE 0 0.0 ×", False),
    ],
)
def test_words_and_codes(reader, words, code):
    for word in words.split():
        if not word.endswith("_"):
            assert reader(word) == code, word
            assert reader(f"\u3000{word} ") == code, word


def test_empty_cells_and_words_that_nobody_knows():
    assert reading.sex_read("") == "0"
    assert (reading.document_kind_read(""), reading.relation_read(" "), reading.yes_no_read("")) == ("", "", None)
    for reader, text in (
        (reading.sex_read, "雄"), (reading.sex_read, "3"), (reading.document_kind_read, "会员卡"),
        (reading.document_kind_read, "999"), (reading.relation_read, "邻居"), (reading.relation_read, "00"),
        (reading.yes_no_read, "也许"),
    ):  # fmt: skip
        assert text in str(refused(reader, text))


def test_a_two_digit_code_that_lost_its_zero_is_the_head_and_no_son():
    assert reading.has_two_digit_codes(["户主", "2", "11"])
    assert not reading.has_two_digit_codes(["0", "1", "2", "子", "", "100"])
    assert reading.relation_read("2", two_digits=True) == "0"
    assert reading.relation_read("2.0", two_digits=True) == "0"
    assert reading.relation_read("2") == "2"
    assert reading.relation_read("11", two_digits=True) == "1"


@given(st.text(max_size=30))
def test_nothing_in_a_cell_breaks_a_reader(text):
    for reader in (
        reading.day_read, reading.number_read, reading.phone_read, reading.sex_read, reading.document_kind_read,
        reading.relation_read, reading.yes_no_read,
    ):  # fmt: skip
        with contextlib.suppress(DomainError):
            reader(text, field="cell")
