"""Words, likeness and suggestion."""

import csv
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.text import similarity, suggest, tokens

CATALOGUE = {
    "street_light": ["路灯", "路灯不亮", "照明"],
    "noise": ["噪音", "夜间施工", "扰民", "噪声"],
    "rubbish": ["垃圾", "垃圾清运", "垃圾桶", "臭味"],
    "parking": ["停车", "乱停车", "占道停车", "僵尸车"],
    "water": ["停水", "漏水", "水管爆裂", "水压"],
}


def test_tokens_are_words_without_stop_words():
    assert tokens("请问坪山街道的路灯为什么坏了？LED 灯") == ["坪", "山", "街道", "路灯", "坏", "led", "灯"]
    assert tokens("，。！ 的了") == []


def test_loading_the_package_does_not_load_the_dictionary():
    """The first request must not wait for it, and suggestion and masking never need it."""
    code = (
        "import sys; from governance.text import suggest, similarity, mask_personal_data as mask;"
        "suggest('路灯坏了', {1: ['路灯']}); similarity('a', 'b'); mask('x'); print('jieba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ("路灯坏了", "路灯坏了！", 1, 1),
        ("LED Lamp", "led lamp", 1, 1),
        ("小区门口的路灯坏了一个月", "小区门口路灯坏了一个多月没人修", 0.5, 0.95),
        ("小区门口的路灯坏了", "幼儿园招生什么时候开始", 0, 0.1),
        ("", "路灯", 0, 0),
        ("！？", "！？", 0, 0),
        ("灯", "灯", 1, 1),
    ],
)
def test_similarity(first, second, low, high):
    assert low <= similarity(first, second) <= high


@given(st.text(), st.text())
def test_similarity_is_symmetric_and_bounded(first, second):
    assert similarity(first, second) == similarity(second, first)
    assert 0 <= similarity(first, second) <= 1


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("小区门口的路灯坏了三天", "street_light"),
        ("楼下工地半夜还在施工，吵得睡不着，严重扰民", "noise"),
        ("垃圾没人清运，臭死了", "rubbish"),
        ("消防通道被占道停车堵住", "parking"),
        ("楼上漏水", "water"),
    ],
)
def test_suggests_by_keywords(text, best):
    assert suggest(text, CATALOGUE)[0][0] == best


def test_nothing_in_common_suggests_nothing():
    assert suggest("qwerty", CATALOGUE) == []
    assert suggest("", CATALOGUE) == []
    assert suggest("路灯", {}) == []
    assert suggest("路灯", {1: [], 2: [" "]}) == []


def test_longer_keywords_weigh_more_and_shared_ones_less():
    assert [key for key, _ in suggest("夜间施工", {"short": ["施工"], "long": ["夜间施工"]})] == ["long", "short"]
    scores = dict(suggest("路灯坏了", {"only": ["路灯"], "a": ["坏了"], "b": ["坏了"], "c": ["别的"]}))
    assert scores["only"] > scores["a"] == scores["b"]


def test_ties_keep_the_order_of_the_catalogue_and_repeats_do_not_help():
    assert [key for key, _ in suggest("路灯", {"b": ["路灯"], "a": ["路灯", "路灯"]})] == ["b", "a"]
    assert suggest("路灯坏了", CATALOGUE) == suggest("路灯坏了", CATALOGUE)


def test_is_quick_for_sixty_categories():
    catalogue = {number: [f"事项{number}关键词{word}" for word in range(10)] for number in range(60)}
    text = "小区门口的路灯坏了三天，晚上回家看不清路，老人摔倒过。" * 10
    suggest(text, catalogue)
    spent = []
    for _ in range(20):
        begun = time.process_time()
        suggest(text, catalogue)
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.002


def test_beats_chance_by_far_on_real_messages(data_dir):
    """With nothing but a real catalogue's names as keywords, the right class of 15 is first for most messages."""
    catalogue: dict[str, list[str]] = {}
    with (data_dir / "requests_zh" / "labels_3level.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = [row[level] for level in ("二级分类", "三级分类") if row[level] != "其他"]
            catalogue.setdefault(row["一级分类"], []).extend(names)
    with (data_dir / "requests_zh" / "labelled_messages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::3]
    ranks = [[key for key, _ in suggest(f"{row['title']} {row['detail']}", catalogue)[:3]] for row in rows]
    first = sum(rank[:1] == [row["label"]] for rank, row in zip(ranks, rows, strict=True)) / len(rows)
    among = sum(row["label"] in rank for rank, row in zip(ranks, rows, strict=True)) / len(rows)
    assert len(catalogue) == 15
    assert first > 0.60
    assert among > 0.80
