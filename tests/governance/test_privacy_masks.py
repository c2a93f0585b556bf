"""Masks: a golden table, and that none gives away what it hides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.privacy.masks import mask_email, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        (" 张三 ", "张*"),
        ("欧阳小明", "欧阳**"),
        ("司马光", "司马*"),
        ("欧阳", "**"),
        ("张", "*"),
        ("王女士", "王女士"),
        ("张三先生", "张*先生"),
        ("女士", "女*"),
        ("阿卜杜拉·买买提", "阿***"),
        ("John Smith", "J*** S***"),
        ("José", "J***"),
        ("", ""),
    ],
)
def test_name(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13912342046", "139****2046"),
        ("+86 139-1234-2046", "139****2046"),
        ("0755-84622222", "0755****2222"),
        ("010-12345678", "010****5678"),
        ("84622222", "****2222"),
        ("8462222", "****222"),
        ("+447911123456", "447****3456"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_phone(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("email", "masked"),
    [("zhang@example.com", "z***@example.com"), ("a@b.cn", "a***@b.cn"), ("nobody", "***"), ("@x", "***"), ("", "***")],
)
def test_email(email, masked):
    assert mask_email(email) == masked


def test_id_number():
    assert mask_id_number("11010519491231002X") == "1101**********002X"
    assert mask_id_number("12345678") == "********"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mobile_hides_its_middle(phone):
    assert mask_phone(phone) == f"{phone[:3]}****{phone[-4:]}"


@given(st.text(alphabet="王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", min_size=2, max_size=4))
def test_every_given_name_is_hidden(name):
    masked = mask_name(name)
    assert len(masked) == len(name)
    assert masked.endswith("*")
    assert set(masked[1:]) == {"*"}
