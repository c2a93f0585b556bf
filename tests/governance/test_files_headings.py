"""Where the titles stand: below headings, in one row or in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.files.headings import titles_found

KNOWN = ["姓名", "性别", "证件类型", "证件号码", "小区", "楼栋", "室号", "Phone"]


@pytest.mark.parametrize(
    ("rows", "at", "titles"),
    [
        ([["姓名", "性别"], ["张三", "男"]], 0, ["姓名", "性别"]),
        ([["姓名*", " 性别：", "phone"], ["张三"]], 0, ["姓名", "性别", "phone"]),
        ([["槐安里社区人员登记表"], ["制表：王五", "", "2026年1月"], ["姓名", "性别"]], 2, ["姓名", "性别"]),
        (  # merged: 姓名 downwards, 证件 and 住址 sideways
            [
                ["登记表"],
                ["姓名", "证件", "", "住址", "", ""],
                ["", "类型", "号码", "小区", "楼栋", "室号"],
                ["张三", "身份证", "1"],
            ],
            2,
            ["姓名", "证件类型", "证件号码", "小区", "楼栋", "室号"],
        ),
        ([["姓名", "证件"], ["", "类型", "号码"]], 1, ["姓名", "证件类型", "证件号码"]),
        ([["姓名", "性别", "备注"], ["张三", "", "姓名"]], 0, ["姓名", "性别", "备注"]),  # a row with a gap is no title
        ([["a", "b"], ["c"]], 0, ["a", "b"]),
        ([], 0, []),
    ],
)
def test_titles(rows, at, titles):
    assert titles_found(rows, KNOWN) == (at, titles)


@given(st.lists(st.lists(st.sampled_from(["", "证件", "类型", "号码", "姓名", "x"]), max_size=4), max_size=12))
def test_nothing_above_the_titles_breaks_it(rows):
    at, titles = titles_found(rows, KNOWN)
    assert not rows or at < min(len(rows), 10)
    assert len(titles) <= 4
