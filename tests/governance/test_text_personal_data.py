"""The personal-data finder: a table written by hand, what it must leave alone, and real messages."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.text import Span, find_personal_data, mask_personal_data
from governance.text.check_digits import id_number_is_valid, luhn_is_valid

# (text, kinds with the stretch they cover). Numbers are made up; check digits are right where they must be.
FOUND = [
    ("我的电话13912342046，请回电", [("mobile", "13912342046")]),
    ("电话:139 1234 2046。", [("mobile", "139 1234 2046")]),
    ("手机 139-1234-2046", [("mobile", "139-1234-2046")]),
    ("+86 13912342046", [("mobile", "+86 13912342046")]),
    ("008613912342046", [("mobile", "008613912342046")]),
    ("8613912342046", [("mobile", "8613912342046")]),
    ("１３９１２３４２０４６", [("mobile", "１３９１２３４２０４６")]),
    ("1 3 9 1 2 3 4 2 0 4 6", [("mobile", "1 3 9 1 2 3 4 2 0 4 6")]),
    ("tel13912342046", [("mobile", "13912342046")]),
    ("张三13912342046李四18688881234", [("mobile", "13912342046"), ("mobile", "18688881234")]),
    ("13912342046/18688881234", [("mobile", "13912342046"), ("mobile", "18688881234")]),
    ("找我13912342046.", [("mobile", "13912342046")]),
    ("0755-84622222", [("landline", "0755-84622222")]),
    ("0755—84622222", [("landline", "0755—84622222")]),
    ("（0755）84622222", [("landline", "（0755）84622222")]),
    ("075584622222", [("landline", "075584622222")]),
    ("010-6512 3456", [("landline", "010-6512 3456")]),
    ("02165123456转8001", [("landline", "02165123456")]),
    ("0755-84622222-801", [("landline", "0755-84622222-801")]),
    ("0736-7817369", [("landline", "0736-7817369")]),
    ("0755 84622222", [("landline", "0755 84622222")]),
    ("联系电话：84622222", [("landline", "84622222")]),
    ("座机8462222", [("landline", "8462222")]),
    ("身份证11010519491231002X", [("id_card", "11010519491231002X")]),
    ("11010519491231002x", [("id_card", "11010519491231002x")]),
    ("110105 19491231 002X", [("id_card", "110105 19491231 002X")]),
    ("身份证号440524188001010014", [("id_card", "440524188001010014")]),
    ("旧证号 110105491231002", [("id_card", "110105491231002")]),
    ("卡号6222021234567890128", [("bank_card", "6222021234567890128")]),
    ("6222 0212 3456 7890 128", [("bank_card", "6222 0212 3456 7890 128")]),
    ("4111-1111-1111-1111", [("bank_card", "4111-1111-1111-1111")]),
    ("邮箱 zhang.san@example.com.cn，谢谢", [("email", "zhang.san@example.com.cn")]),
    ("13912342046@139.com", [("email", "13912342046@139.com")]),
    ("zhang＠example．com", [("email", "zhang＠example．com")]),
    ("车牌粤B12345乱停", [("plate", "粤B12345")]),
    ("粤B·D12345", [("plate", "粤B·D12345")]),
    ("京A 8888警", [("plate", "京A 8888警")]),
    ("粤Z1234港", [("plate", "粤Z1234港")]),
    ("沪AD12345挡住消防通道", [("plate", "沪AD12345")]),
    ("加QQ 123456789", [("account", "123456789")]),
    ("微信号：zhang_san88", [("account", "zhang_san88")]),
    ("VX:zhangsan88", [("account", "zhangsan88")]),
    ("电话13912342046，邮箱a@b.cn", [("mobile", "13912342046"), ("email", "a@b.cn")]),
]
LEFT_ALONE = [
    "",
    "3栋2单元1301房漏水",
    "2026年11月12日20:41报修",
    "2026-11-12 20:41:00",
    "拨打12345、110、119、95598都没用",
    "客服400-810-1234",
    "受理编号202611210001234",
    "编号20261121000123 4",
    "订单号139123420461",
    "合同号A13912342046789",
    "总价13912342046元",
    "余额13912342046.50",
    "面积12345678平方米",
    "罚款84622222元",
    "18个月没人管，10年了",
    "经度113.912342046",
    "身份证110105194912310021",  # check digit wrong
    "110105194913310027",  # no such month
    "6222021234567890123",  # Luhn wrong
    "1234567890123456",
    "统一社会信用代码91110000600037341L",
    "123456789012345",
    "价格 0755 元",
    "0123-4567",
    "@全体业主",
    "a@b",
    "G15沈海高速粤B段",
    "粤BABCDE",  # no digit
    "QQ群 123456789",
    "微信群里说",
    "微信公众号",
    "版本1.3.9.1.2.3.4.2.0.4.6",
    "IP 192.168.100.200",
    "2019-2020学年第1学期",
    "国药准字Z20190001",
    "门牌1-2-301、1-2-302、1-2-303",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_finds(text, expected):
    assert [(span.kind, text[span.start : span.end]) for span in find_personal_data(text)] == expected


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_leaves_alone(text):
    assert find_personal_data(text) == []
    assert mask_personal_data(text) == text


def test_the_table_is_long_enough_to_mean_something():
    assert len(FOUND) >= 40
    assert len(LEFT_ALONE) >= 30


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话139-1234-2046，张三", "电话***-****-****，张三"),
        ("zhang@example.com", "*****@*******.***"),
        ("车牌粤B12345", "车牌*******"),
        ("没有什么要藏", "没有什么要藏"),
    ],
)
def test_mask_keeps_everything_else(text, masked):
    assert mask_personal_data(text) == masked


@given(st.text(max_size=60), st.text(max_size=60))
def test_mask_never_changes_length_and_settles(before, after):
    text = f"{before} 13912342046 {after}"
    masked = mask_personal_data(text)
    assert len(masked) == len(text)
    assert "13912342046" not in masked
    assert find_personal_data(masked) == [] or mask_personal_data(masked) != masked


@given(st.integers(100000, 999999), st.dates(), st.integers(0, 999))
def test_every_id_number_has_exactly_one_check_character(region, birth, sequence):
    stem = f"{region}{birth.isoformat().replace('-', '')}{sequence:03d}"
    valid = [character for character in "0123456789X" if id_number_is_valid(stem + character)]
    assert len(valid) == (1 if birth.year >= 1850 else 0)


def test_luhn():
    assert luhn_is_valid("4111111111111111")
    assert not luhn_is_valid("4111111111111112")
    assert not luhn_is_valid("4111111111111171")


@pytest.fixture(scope="module")
def messages(data_dir):
    """Real messages to a local government, whose telephone numbers the collectors turned into zeros."""
    texts = []
    for name in ("messages.csv", "labelled_messages.csv"):
        with (data_dir / "requests_zh" / name).open(encoding="utf-8", newline="") as file:
            texts += [f"{row['title'] or ''}\n{row['detail'] or ''}" for row in csv.DictReader(file)]
    return list(dict.fromkeys(texts))


def test_real_messages_are_hardly_touched(messages):
    """With the numbers zeroed almost nothing personal is left: whatever is found beyond that is a false alarm."""
    touched = [text for text in messages if find_personal_data(text)]
    assert len(messages) > 7_000
    assert 5 <= len(touched) <= 20


def test_numbers_put_back_into_real_messages_are_found(messages):
    """Where the collectors zeroed a telephone number, a made-up one must be found, whatever people wrote around it.

    They zeroed sums of money and parts of numbers too; those places are left out.
    """
    slot = re.compile(r"(?<![0-9=.—-])0000-00000000(?![0-9.]|\s?元|/[0-9])")
    slots = found = 0
    for text in messages:
        for match in slot.finditer(text):
            for kind, number in (("landline", "0731-84622222"), ("mobile", "13912342046")):
                filled = text[: match.start()] + number + text[match.end() :]
                slots += 1
                found += Span(kind, match.start(), match.start() + len(number)) in find_personal_data(filled)
    assert slots > 400
    assert found / slots > 0.98
