"""The many spellings of one address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population.normalising import normalise, number_of, place_part


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("槐安里7幢", "槐安里 7幢"),
        ("槐安里 7 号楼", "槐安里 7幢"),
        ("槐安里７栋", "槐安里 7幢"),
        ("槐安里七号楼", "槐安里 7幢"),
        ("槐安里7#", "槐安里 7幢"),
        ("槐安里7#楼", "槐安里 7幢"),
        ("槐安里十二栋", "槐安里 12幢"),
        ("槐安里二十一号楼", "槐安里 21幢"),
        ("槐安里A座", "槐安里 a幢"),
        ("槐安里3A栋", "槐安里 3a幢"),
        ("槐安里7号楼2单元301室", "槐安里 7幢 2单元 301室"),
        ("槐安里七号楼二单元三〇一室", "槐安里 7幢 2单元 301室"),
        ("槐安里7-2-301", "槐安里 7幢 2单元 301室"),
        ("槐安里12-301室", "槐安里 12幢 301室"),
        ("2026-11-20", "2026 11 20"),
        ("柳塘街18号3幢", "柳塘街 18号 3幢"),
        ("柳塘街（老）18号，大门口", "柳塘街 老 18号 大门口"),
        ("三里屯十号", "三里屯 10号"),
        ("第三网格", "第三网格"),
        ("", ""),
        ("  ，。！ ", ""),
    ],
)
def test_spellings(written: str, normalised: str) -> None:
    assert normalise(written) == normalised


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "  " not in once


@pytest.mark.parametrize(
    ("normalised", "place"),
    [
        ("槐安里 7幢 北侧小路 靠近自行车棚", "槐安里 7幢"),
        ("槐安里 7幢 2单元 301室", "槐安里 7幢"),
        ("柳塘街 18号 3幢 门口", "柳塘街 18号 3幢"),
        ("柳塘街 18号 对面", "柳塘街 18号"),
        ("槐安小学门口", "槐安小学门口"),
        ("", ""),
    ],
)
def test_what_follows_the_building_is_cut_off(normalised: str, place: str) -> None:
    assert place_part(normalised) == place


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("九十九", 99),
        ("一百", 100),
        ("一百零三", 103),
        ("三〇一", 301),
    ],
)
def test_numerals(numeral: str, number: int) -> None:
    assert number_of(numeral) == number
