"""Tables of each step: what is wrong stands on its row, nothing is written before it is looked over, twice is once."""

import io

import pytest
from openpyxl import load_workbook

from governance.access.models import Grant, User
from governance.errors import DomainError, StaleState
from governance.files.checked_tables import Verdict, pasted, read_table
from governance.notifications.models import Message
from governance.organisations.models import Organisation
from governance.outbox import relay
from grid.models import Area, DutyItem
from population.models import StandardAddress
from requests_intake.models import Category, CommunityProfile, ProfileArea
from setup_wizard.kinds.registry import KINDS
from setup_wizard.models import HandedTable
from setup_wizard.services.tables import table_hand_in, table_write, tables_forget
from tests.factories.world import DISTRICT, EAST, MORNING, STREET, WEST
from tests.setup_wizard.conftest import FIRST, excel
from tests.sql import assert_sql

AREAS = [
    ("编码", "名称", "英文名称"),
    (STREET, "柳塘街道", "Liutang Sub-district"),
    (EAST, "槐安社区", "Huai'an Community"),
    (WEST, "青禾社区", "Qinghe Community"),
]
OFFICES = [
    ("类别", "名称", "简称", "管哪里", "上级单位", "电话"),
    ("区级机构", "区城市运行管理中心", "区中心", "澄湾区", "", "8812 0001"),
    ("街道办事处", "柳塘街道办事处", "", "柳塘街道", "区城市运行管理中心", ""),
    ("社区", "槐安社区居委会", "", EAST, "柳塘街道办事处", ""),
]
PEOPLE = [
    ("姓名", "邮箱", "单位", "角色", "管哪里"),
    ("卢映川", "Lu@office.example", "区中心", "派单员、承办人", ""),
    ("沈槐", "shen@office.example", "槐安社区居委会", "社区负责人", ""),
    ("周督", "zhou@office.example", "区中心", "街道督办、回访员", "柳塘街道"),
]
ITEMS = [
    ("大类", "大类英文", "小类", "小类英文", "事项", "事项英文", "办理时限", "履职", "默认可以公开", "关键词"),
    ("城市管理", "City", "市政设施", "Fixtures", "路灯", "Lamps", "一般诉求：7 天", "街道主责", "是", "路灯 灯不亮"),
    ("城市管理", "", "市政设施", "", "井盖", "Manhole covers", "", "", "", ""),
]  # fmt: skip


def judged(step, file, viewer):
    kind = KINDS[step]
    return kind.lines(read_table(kind, file).rows, viewer, MORNING)


def enter(step, rows, viewer, *, only_clean=False):
    """Hand in, look over, write."""
    kind = KINDS[step]
    table_hand_in(kind=kind, table=read_table(kind, excel(*rows)), file_name="表.xlsx", actor=viewer, at=MORNING)
    return table_write(kind=kind, handed_at=MORNING, only_clean=only_clean, actor=viewer, at=MORNING)


@pytest.fixture
def areas(viewer):
    enter("areas", AREAS, viewer)


@pytest.fixture
def offices(viewer, areas):
    enter("offices", OFFICES, viewer)


def told(lines):
    return {line.number: line.problems for line in lines if line.problems}


def test_areas_by_code_and_name_without_any_outline(viewer, areas):
    assert list(Area.objects.values_list("code", "kind", "geometry").order_by("code")) == [
        (DISTRICT, "", None),
        (STREET, "street", None),
        (EAST, "committee", None),
        (WEST, "committee", None),
    ]
    again = judged("areas", excel(*AREAS, ("990105001002", "青禾新村")), viewer)
    assert [line.verdict for line in again[:3]] == [Verdict.SAME] * 3
    assert told(again) == {5: ["编码：和第 4 行重复"]}
    with pytest.raises(DomainError, match="没有可以写入"):
        enter("areas", AREAS, viewer)


def test_communities_come_with_their_kind(viewer, areas):
    CommunityProfile.objects.get_or_create(key="village", defaults={"name": "村", "name_en": "Village"})
    head = ("编码", "名称", "社区类型")
    rows = [head, (EAST, "槐安社区", "Village"), (WEST, "青禾社区", "城堡"), (STREET, "柳塘街道", "村")]
    lines = judged("areas", excel(*rows), viewer)
    assert told(lines) == {3: ["社区类型：没有“城堡”这一类"], 4: ["社区类型：只给社区和村"]}
    enter("areas", rows[:2], viewer)
    assert list(ProfileArea.objects.values_list("area_code", "profile__key")) == [(EAST, "village")]
    assert judged("areas", excel(*rows[:2]), viewer)[0].verdict is Verdict.SAME


def test_what_is_wrong_with_an_area_stands_on_its_row(viewer):
    rows = [
        ("编码", "名称", "类别"),
        ("990105001000", "柳塘街道", ""),  # statistics pad a street with zeros
        ("9901050010019", "十三位", ""),
        ("990105002001", "没有上级的社区", ""),
        ("110101001", "别区的街道", ""),
        ("990105001001", "", ""),
        ("990105001003", "岭下村", ""),
        ("990105001004", "云社区", "网格员"),
        ("990105001005", "云社区", "乡镇"),
        ("九九零一零五", "中文编码", ""),
        ("990105001003", "又一个", ""),
    ]
    lines = judged("areas", excel(*rows), viewer)
    assert told(lines) == {
        3: ["编码：应为 9、12、15 或 17 位数字"],
        4: ["编码：上级 990105002 还没有，或者那一行有问题"],
        5: ["编码：不在您管的区里"],
        6: ["名称：空着"],
        8: ["类别：没有“网格员”这一类"],
        9: ["类别：和编码的层级不符"],
        10: ["编码：应为 9、12、15 或 17 位数字"],
        11: ["编码：和第 7 行重复"],
    }
    assert lines[0].draft.code == STREET
    assert lines[5].draft.kind == "village"


def test_nothing_is_written_while_a_row_is_broken_unless_the_clean_ones_are_chosen(viewer):
    rows = [*AREAS, ("990105009001", "没有上级")]
    kind = KINDS["areas"]
    table_hand_in(kind=kind, table=read_table(kind, excel(*rows)), file_name="", actor=viewer, at=MORNING)
    with pytest.raises(DomainError, match="什么都没有写"):
        table_write(kind=kind, handed_at=MORNING, only_clean=False, actor=viewer, at=MORNING)
    assert Area.objects.count() == 1
    written = table_write(kind=kind, handed_at=MORNING, only_clean=True, actor=viewer, at=MORNING)
    assert len(written) == 3
    assert not HandedTable.objects.exists()
    with pytest.raises(StaleState):
        table_write(kind=kind, handed_at=MORNING, only_clean=True, actor=viewer, at=MORNING)


def test_files_as_offices_send_them(viewer):
    text = "编码,名称\r\n990105001,柳塘街道\r\n"
    for data in (text.encode("gb18030"), text.encode("utf-8-sig"), text.replace(",", "\t").encode()):
        assert [line["name"] for line in judged("areas", io.BytesIO(data), viewer)] == ["柳塘街道"]
    merged = read_table(KINDS["areas"], excel(*AREAS, merge="B3:B4"))
    assert merged.has_merged
    headed = read_table(KINDS["areas"], excel(*AREAS, heading="澄湾区社区一览表"))
    assert len(headed.rows) == 3
    formula = judged("areas", excel(("编码", "名称"), (STREET, '=CONCAT("柳","塘")')), viewer)
    assert told(formula) == {2: ["名称：这一格是公式，请换成算好的值"]}
    english = judged("areas", excel(("Code *", "Name *"), (STREET, "柳塘街道")), viewer)
    assert not told(english)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (lambda: excel(("街道", "社区"), ("柳塘街道", "槐安社区")), "columns_missing"),
        (lambda: excel(("编码", "名称", "名称"), (STREET, "一", "二")), "columns_twice"),
        (lambda: excel(("编码", "名称")), "table_empty"),
        (lambda: pasted("编码\t名称\n" + "990105001\t柳塘街道\n" * 200_000), "table_too_long"),
        (lambda: io.BytesIO(b"%PDF-1.7 nothing"), "table_unknown"),
        (lambda: io.BytesIO(b"PK\x03\x04 broken"), "table_damaged"),
    ],
    ids=["columns", "twice", "empty", "200000", "pdf", "zip"],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(empty, file, code):
    with pytest.raises(DomainError) as refused:
        read_table(KINDS["areas"], file())
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_statements_do_not_grow_with_the_areas(viewer, areas):
    kind = KINDS["areas"]
    rows = [("编码", "名称"), *((f"{EAST}{n:03d}", f"第{n}网格") for n in range(1, 900))]
    read = read_table(kind, excel(*rows))
    with assert_sql(16, at_most=True):
        table_hand_in(kind=kind, table=read, file_name="", actor=viewer, at=MORNING)
        table_write(kind=kind, handed_at=MORNING, only_clean=False, actor=viewer, at=MORNING)
    assert Area.objects.filter(level="grid").count() == 899


def test_estates_and_buildings_in_their_community(viewer, areas):
    rows = [
        ("社区", "小区或道路", "楼栋或门牌", "别名"),
        ("槐安社区", "槐安里", "1 号楼、2 号楼，3 号楼", "老槐安"),
        (WEST, "柳塘街", "", ""),
        ("青禾社区", "槐安里", "2 号楼", ""),
        ("没有的社区", "某小区", "", ""),
        ("柳塘街道", "某小区", "", ""),
        ("槐安社区", "槐安里", "3 号楼、4 号楼", ""),
    ]
    lines = judged("addresses", excel(*rows), viewer)
    assert told(lines) == {
        4: ["小区或道路：“槐安里 2 号楼”已经在另一个社区里了，请在名称里写出社区"],
        5: ["社区：没有叫“没有的社区”的区域"],
        6: ["社区：“柳塘街道”的层级不对"],
        7: ["楼栋或门牌：“槐安里 3 号楼”和第 2 行重复"],
    }
    enter("addresses", rows[:3], viewer)
    assert list(StandardAddress.objects.order_by("pk").values_list("text", "area_code", "lng")) == [
        ("槐安里 1 号楼", EAST, None),
        ("槐安里 2 号楼", EAST, None),
        ("槐安里 3 号楼", EAST, None),
        ("柳塘街", WEST, None),
    ]
    more = judged("addresses", excel(rows[0], ("槐安社区", "槐安里", "3 号楼、4 号楼", "")), viewer)
    assert (more[0].verdict, [draft.building for draft in more[0].draft]) == (Verdict.CHANGED, ["4 号楼"])


def test_organisations_with_parents_in_the_same_table(viewer, offices):
    street = Organisation.objects.get(name="柳塘街道办事处")
    assert (street.parent.short_name, street.area_code, street.short_name) == ("区中心", STREET, "柳塘街道办事处")
    changed = [OFFICES[0], ("街道办事处", "柳塘街道办事处", "", "柳塘街道", "", "8812 0316")]
    enter("offices", changed, viewer)
    street.refresh_from_db()
    assert (street.phone, street.parent.short_name) == ("8812 0316", "区中心")  # an empty cell changes nothing
    bad = [
        OFFICES[0],
        ("俱乐部", "棋社", "", "澄湾区", "", ""),
        ("社区", "青禾社区居委会", "", "青禾", "", ""),
        ("社区", "某居委会", "", WEST, "没有的街道", ""),
        ("社区", "柳塘街道办事处", "", WEST, "", ""),
    ]
    assert told(judged("offices", excel(*bad), viewer)) == {
        2: ["类别：没有“俱乐部”这一类"],
        3: ["管哪里：没有叫“青禾”的区域"],
        4: ["上级单位：没有“没有的街道”，或者它那一行有问题"],
        5: ["名称：已经有同名的单位，类别或范围不同；这两样定了就不改"],
    }


def test_people_get_an_account_their_roles_and_one_invitation(viewer, offices):
    enter("people", PEOPLE, viewer)
    lu = User.objects.get(email="lu@office.example")
    assert not lu.has_usable_password()
    centre = lu.organisation
    assert set(lu.grants.values_list("role__key", "area_code", "organisation")) == {
        ("dispatcher", DISTRICT, None),
        ("handler", DISTRICT, centre.pk),
    }
    assert User.objects.get(email="zhou@office.example").grants.filter(area_code=STREET).count() == 2
    relay.drain(MORNING)
    assert Message.objects.filter(kind="setup_wizard.invited", channel="email").count() == 3
    # the same table again changes nothing, a longer one adds what is missing
    again = judged("people", excel(*PEOPLE), viewer)
    assert {line.verdict for line in again} == {Verdict.SAME}
    more = [PEOPLE[0], ("卢映川", "lu@office.example", "区中心", "派单员、区级查看", "")]
    enter("people", more, viewer)
    assert set(lu.grants.values_list("role__key", flat=True)) == {"dispatcher", "handler", "district_viewer"}
    relay.drain(MORNING)
    assert Message.objects.filter(kind="setup_wizard.invited").count() == 3


def test_what_is_wrong_with_a_person_stands_on_the_row(viewer, offices):
    Organisation.objects.create(kind="department", name="区中心分部", short_name="区中心", area_code=DISTRICT)
    User.objects.create_user(email="resident@mail.example", private_name="居民", kind="resident")
    rows = [
        PEOPLE[0],
        ("甲", "不是邮箱", "槐安社区居委会", "承办人", ""),
        ("乙", "b@office.example", "没有的单位", "承办人", ""),
        ("丙", "c@office.example", "区中心", "承办人", ""),
        ("丁", "d@office.example", "槐安社区居委会", "局长、承办人", ""),
        ("戊", "e@office.example", "槐安社区居委会", "系统对接", ""),
        ("己", "resident@mail.example", "槐安社区居委会", "承办人", ""),
        ("庚", "g@office.example", "槐安社区居委会", "网格员", "没有的网格"),
        ("Gu Nanzhi", FIRST, "槐安社区居委会", "派单员", ""),
        ("辛", "d@office.example", "槐安社区居委会", "承办人", ""),
    ]
    assert told(judged("people", excel(*rows), viewer)) == {
        2: ["邮箱：没有看懂，请写成 name@example.cn"],
        3: ["单位：没有登记“没有的单位”这个单位"],
        4: ["单位：有几个单位叫“区中心”，请写全称"],
        5: ["角色：没有“局长”这个角色"],
        6: ["角色：没有“系统对接”这个角色"],
        7: ["邮箱：这个邮箱已经用在别的账号上"],
        8: ["管哪里：没有叫“没有的网格”的区域"],
        9: ["角色：不能给自己授权，请由另一位管理员办理"],
        10: ["邮箱：和第 5 行重复"],
    }
    assert Grant.objects.count() == 2


def test_the_catalogue_in_three_levels(viewer, limits):
    enter("catalogue", ITEMS, viewer)
    lamp = Category.objects.get(name="路灯")
    assert list(Category.objects.order_by("code").values_list("code", "name_en")) == [
        ("01", "City"),
        ("0101", "Fixtures"),
        ("010101", "Lamps"),
        ("010102", "Manhole covers"),
    ]
    assert (lamp.policy_key, lamp.is_public, lamp.needs_place, lamp.keywords, lamp.version) == (
        "general_7d",
        True,
        True,
        ["路灯", "灯不亮"],
        1,
    )
    assert lamp.duty_item.kind == "basic"
    assert {line.verdict for line in judged("catalogue", excel(*ITEMS), viewer)} == {Verdict.SAME}
    longer = [
        (*ITEMS[0], "办事提示"),
        ("城市管理", "", "市政设施", "", "路灯", "Lamps", "", "街道配合", "", "", "请写灯杆编号。"),
    ]
    enter("catalogue", longer, viewer)
    lamp.refresh_from_db()
    assert (lamp.guide, lamp.version, lamp.is_public, lamp.policy_key) == ("请写灯杆编号。", 2, True, "general_7d")
    assert lamp.duty_item.kind == "assist"
    assert DutyItem.objects.count() == 2


def test_what_is_wrong_with_an_item_stands_on_its_row(viewer, limits):
    rows = [
        (*ITEMS[0], "拦下时的提示", "拦下时请打", "紧急程度"),
        ("新类", "", "小类", "Group", "甲", "A", "", "", "", "", "", "", ""),
        ("城市", "City", "小类", "Group", "乙", "B", "没有的政策", "", "", "", "", "", ""),
        ("城市", "", "小类", "", "丙", "C", "", "别人管", "也许", "", "", "", "马上"),
        ("城市", "", "小类", "", "丁", "D", "", "", "", "", "请打 119", "", ""),
        ("城市", "", "小类", "", "戊", "", "", "", "", "长" * 21, "", "", ""),
        ("城市", "", "小类", "", "丙", "C2", "", "", "", "", "", "", ""),
    ]
    assert told(judged("catalogue", excel(*rows), viewer)) == {
        2: ["新类：请写英文名称"],
        3: ["办理时限：没有“没有的政策”这个时限政策，请先设时限"],
        4: ["紧急程度：没有“马上”这一类", "履职：没有“别人管”这一类", "默认可以公开：请写是或否"],
        5: ["拦下时的提示：中英文的提示和电话要一起填"],
        6: ["事项英文：空着"],
        7: ["事项：和第 4 行重复"],
    }
    assert not Category.objects.exists()


def test_templates_say_what_belongs_where(empty):
    for kind in KINDS.values():
        sheet = load_workbook(io.BytesIO(kind.template())).active
        titles = [cell.value for cell in sheet[1]]
        required = [column for column in kind.columns if column.required]
        assert sum(title.endswith(" *") for title in titles) == len(required)
        assert all(cell.comment for cell, column in zip(sheet[1], kind.columns, strict=True) if column.hint)
        assert sheet["A2"].number_format == "@"  # codes keep their zeros
        # what is filled in below these titles is read by them
        assert read_table(kind, excel(titles, ["x"] * len(titles))).rows[0][1].keys() == {c.key for c in kind.columns}


def test_a_table_that_nobody_wrote_is_forgotten(viewer):
    kind = KINDS["areas"]
    table_hand_in(kind=kind, table=read_table(kind, excel(*AREAS)), file_name="", actor=viewer, at=MORNING)
    assert tables_forget(at=MORNING.replace(day=MORNING.day + 6)) == 0
    assert tables_forget(at=MORNING.replace(day=MORNING.day + 8)) == 1
