"""The search box reads what people type, in both languages, and writes it back so that it reads the same again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_intake.moments import window
from requests_intake.pieces import highlighted, pieces, words_query
from requests_intake.query import KEYS, MAX_LENGTH, Query, Term, parse

TYPED = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from('状态网格路灯state:：,，、-－ "“”「」\u3000')), max_size=60
)
PART = st.text(min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("状态:超期 网格:3 路灯", [("state", "超期"), ("grid", "3"), ("", "路灯")]),
        ("状态：超期　网格：３　路灯", [("state", "超期"), ("grid", "3"), ("", "路灯")]),
        ("state:overdue GRID:3", [("state", "overdue"), ("grid", "3")]),
        ("“三号楼 北侧” 区域:「槐安 社区」", [("", "三号楼 北侧"), ("area", "槐安 社区")]),
        ("12:30 a:b:c", [("", "12:30"), ("a", "b:c")]),
        ("“状态:超期”", [("", "状态:超期")]),
        ("状态: 路灯", [("", "路灯")]),
        ("6号楼,北门", [("", "6号楼,北门")]),
        ("   ", []),
        ("\x00路灯\x00", [("", "路灯")]),
    ],
)  # fmt: skip
def test_what_people_type(typed, terms):
    assert [(term.key, *term.values) for term in parse(typed).terms] == terms


def test_lists_negation_and_repetition():
    query = parse("状态:超期,办理中、已受理 -类型:举报 －路灯 路灯 路灯")
    assert query.terms == (
        Term("state", ("超期", "办理中", "已受理")),
        Term("kind", ("举报",), negated=True),
        Term("", ("路灯",), negated=True),
        Term("", ("路灯",)),
    )
    assert query.text() == "状态:超期,办理中,已受理 -类型:举报 -路灯 路灯"
    assert query.text(english=True).startswith("state:超期")
    assert query.without(query.terms[1]).text() == "状态:超期,办理中,已受理 -路灯 路灯"


def test_an_unknown_key_is_kept_and_told():
    query = parse("时间:昨天 路灯")
    assert [term.key for term in query.unknown] == ["时间"]
    assert query.text() == "时间:昨天 路灯"


def test_what_is_too_long_is_cut_and_told():
    assert parse("长" * MAX_LENGTH).is_cut is False
    query = parse("长" * (MAX_LENGTH + 1))
    assert query.is_cut
    assert query.terms == (Term("", ("长" * MAX_LENGTH,)),)


@given(TYPED)
def test_written_back_it_reads_the_same(text):
    query = parse(text)
    for english in (False, True):
        assert parse(query.text(english=english)).terms == query.terms


@given(st.sampled_from(sorted(KEYS)), st.lists(PART, min_size=1, max_size=3), st.booleans())
def test_terms_survive_whatever_their_values_hold(key, values, negated):
    first = parse(Query((Term(key, tuple(values), negated),)).text()).terms
    assert parse(Query(first).text()).terms == first
    assert all(term.key == key and term.negated == negated for term in first[:1])


@given(TYPED, TYPED)
def test_any_two_characters_of_a_text_are_among_its_pieces(before, after):
    found = pieces(f"{before}路灯{after}")
    assert "路灯" in found
    assert not any("'" in piece or "\\" in piece for piece in found)


def test_index_queries():
    assert words_query(parse("路灯").words) == "(('路灯'))"
    assert words_query(parse("路灯杆 -灯").words) == "(('路灯' & '灯杆')) & !(('灯':*))"
    assert words_query(parse("LED602").words) == words_query(parse("ｌｅｄ６０２").words)
    assert words_query(parse("路灯").words, ("990105001001",)) == "(('路灯')) & ('@990105001001')"
    assert words_query(parse("路灯").words, ("990105",)) == "(('路灯'))"
    assert words_query(parse("？！").words) == ""


@pytest.mark.parametrize(
    ("title", "typed", "marked"),
    [
        ("北门路灯不亮", "路灯", "北门<mark>路灯</mark>不亮"),
        ("ＬＥＤ灯坏了", "led", "<mark>ＬＥＤ</mark>灯坏了"),
        ("<b>路灯</b>", "路灯", "&lt;b&gt;<mark>路灯</mark>&lt;/b&gt;"),
        ("路灯", "树", "路灯"),
        ("路灯", "-路灯", "路灯"),
    ],
)
def test_found_words_are_marked_in_titles(title, typed, marked):
    assert str(highlighted(title, parse(typed).words)) == marked


NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai


def local(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("今天", local(2026, 11, 17, 16), local(2026, 11, 18, 16)),
        ("本周", local(2026, 11, 15, 16), local(2026, 11, 22, 16)),
        ("2026-01", local(2025, 12, 31, 16), local(2026, 1, 31, 16)),
        ("2026-01..2026-02", local(2025, 12, 31, 16), local(2026, 2, 28, 16)),
        ("2026年3月5日", local(2026, 3, 4, 16), local(2026, 3, 5, 16)),
        ("11-5~11-6", local(2026, 11, 4, 16), local(2026, 11, 6, 16)),
        ("2026..", local(2025, 12, 31, 16), None),
        ("..2026-02", None, local(2026, 2, 28, 16)),
    ],
)  # fmt: skip
def test_dates_are_whole_local_days(text, start, end):
    assert window(text, NOON) == (start, end)


@pytest.mark.parametrize("text", ["", "..", "从前", "2026-13", "2026-02-31", "0000-01-01", "1-5..从前", "9999-12"])
def test_what_is_no_date(text):
    assert window(text, NOON) is None
