"""Cleaning of typed text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.text import clean_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("  路灯坏了  ", "路灯坏了"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("a\tb", "a b"),
        ("a\x00b\x07c\x1bd\x9fe", "abcde"),
        ("a\ud800b", "ab"),
        ("坏\u202e了\u200b！\ufeff", "坏了！"),
        ("一  \n  二", "一\n  二"),
        ("一\n\n\n\n\n\n二", "一\n\n\n二"),
        ("一\n \n\t\n \n二", "一\n\n\n二"),
        ("一\n\n二", "一\n\n二"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("👨‍👩‍👧 😀", "👨‍👩‍👧 😀"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u3000\u3000全角缩进", "全角缩进"),
    ],
)
def test_multiline(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"), [("一\n 二\t三\u3000四", "一 二 三 四"), (" \n ", ""), ("坪山\x00街道", "坪山街道")]
)
def test_single_line(text, cleaned):
    assert clean_text(text, multiline=False) == cleaned


@given(st.text(st.characters(exclude_categories=[])), st.booleans())
def test_cleaning_settles_and_can_be_stored(text, multiline):
    cleaned = clean_text(text, multiline=multiline)
    assert clean_text(cleaned, multiline=multiline) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in cleaned.replace("\n", ""))
    cleaned.encode()


def test_ten_thousand_characters_keep_their_length():
    assert len(clean_text("路" * 10_000)) == 10_000
