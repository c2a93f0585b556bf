"""One dwelling, written in many ways."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from population.dwelling_words import Written, address_text, estate_key, floor_of_door, written

HUAI = ("槐安里", "3幢", "2单元", 5, "501")


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("3栋2单元501", ("", "3幢", "2单元", 5, "501")),
        ("三号楼二门501室", ("", "3幢", "2单元", 5, "501")),
        ("槐安里3-2-501", HUAI),
        ("槐安里3-2-501室", HUAI),
        ("槐安里3-2-5-501", HUAI),
        ("槐安里 3 2 501", HUAI),
        ("槐安里3/2/501", HUAI),
        ("槐安里3.2.501", HUAI),
        ("槐安里3—2—501", HUAI),
        ("槐安里3#2-501", HUAI),
        ("槐安里３＃２－５０１", HUAI),
        ("槐安里 3 栋 2 单元 501 室", HUAI),
        ("槐安里\u30003幢\u30002单元\u3000501室", HUAI),
        ("槐安里三幢二单元五零一", HUAI),
        ("槐安里三号楼二单元五〇一室", HUAI),
        ("槐安里第三幢第二单元501室", HUAI),
        ("槐安里03幢02单元0501", HUAI),
        ("槐安里3号楼2门5层501", HUAI),
        ("槐安里3幢2号门501号", HUAI),
        ("槐安里3楼2门501", HUAI),
        ("槐安里3幢2单元501室（租）", HUAI),
        ("槐安里3幢2单元501，对面是车棚", HUAI),
        ("槐安路26号槐安里3幢2单元501", HUAI),
        ("柳塘街道柳塘社区槐安里3幢2单元501", HUAI),
        ("江苏省苏州市澄湾区柳塘街道柳塘社区槐安里3幢2单元501", HUAI),
        ("槐安里三幢501", ("槐安里", "3幢", "", 5, "501")),
        ("槐安里3-501", ("槐安里", "3幢", "", 5, "501")),
        ("槐安里3楼501", ("槐安里", "3幢", "", 5, "501")),  # the fifth floor is told by the door
        ("槐安大厦5楼501", ("槐安大厦", "", "", 5, "501")),
        ("槐安大厦1203", ("槐安大厦", "", "", 12, "1203")),
        ("A座1203", ("", "A幢", "", 12, "1203")),
        ("槐安里a座1203", ("槐安里", "A幢", "", 12, "1203")),
        ("soho现代城3号楼A单元2501", ("SOHO现代城", "3幢", "A单元", 25, "2501")),
        ("槐安里3A栋501", ("槐安里", "3A幢", "", 5, "501")),
        ("七栋二单元五零一", ("", "7幢", "2单元", 5, "501")),
        ("槐安里十二栋一百零一室", ("槐安里", "12幢", "", 1, "101")),
        ("槐安里3幢501-1", ("槐安里", "3幢", "", 5, "501-1")),
        ("槐安里3幢501A室", ("槐安里", "3幢", "", 5, "501A")),
        ("槐安里3幢12A03", ("槐安里", "3幢", "", None, "12A03")),
        ("槐安里3幢2单元5层东户", ("槐安里", "3幢", "2单元", 5, "5层东户")),
        ("槐安里3幢2单元五楼东", ("槐安里", "3幢", "2单元", 5, "5层东户")),
        ("槐安里3幢6层501", ("槐安里", "3幢", "", 6, "501")),  # floors that are skipped: as it is written
        ("槐安里3幢地下一层", ("槐安里", "3幢", "", -1, "")),
        ("槐安里3幢地下室", ("槐安里", "3幢", "", -1, "")),
        ("槐安里3幢负二楼12室", ("槐安里", "3幢", "", -2, "12")),
        ("槐安里3幢地下101", ("槐安里", "3幢", "", -1, "B101")),
        ("槐安里3幢B101", ("槐安里", "3幢", "", -1, "B101")),
        ("地下一层", ("", "", "", -1, "")),
        ("河西路12号院3号楼501", ("河西路12号院", "3幢", "", 5, "501")),
        ("河西路12号院3-2-501", ("河西路12号院", "3幢", "2单元", 5, "501")),
        ("柳塘街18号3幢", ("柳塘街18号", "3幢", "", None, "")),
        ("12弄5号301室", ("12弄", "5号", "", 3, "301")),
        ("渡口街15弄7号301室", ("渡口街15弄", "7号", "", 3, "301")),
        ("上河村二组15号", ("上河村2组", "15号", "", None, "")),
        ("梧桐巷18号", ("梧桐巷", "18号", "", None, "")),
        ("梧桐巷18-2号", ("梧桐巷", "18-2号", "", None, "")),
        ("梧桐巷18号附2号三楼", ("梧桐巷", "18号附2号", "", 3, "")),
        ("三门路18号2楼", ("三门路", "18号", "", 2, "")),
        ("三里屯十号", ("三里屯", "10号", "", None, "")),
        ("莲花五区3号楼501", ("莲花五区", "3幢", "", 5, "501")),
        ("槐安小区3号楼", ("槐安小区", "3幢", "", None, "")),
        ("和平社区3号楼", ("和平社区", "3幢", "", None, "")),
        ("八号公馆501室", ("8号公馆", "", "", 5, "501")),
        ("2单元501", ("", "", "2单元", 5, "501")),
        ("东门501", ("东门", "", "", 5, "501")),  # a gate is no entrance where there is no building
        ("二门501", ("二门", "", "", 5, "501")),
        ("501", ("", "", "", 5, "501")),
        ("槐安里7号楼北侧小路", ("槐安里", "7幢", "", None, "")),
        ("槐安里3幢50米外", ("槐安里", "3幢", "", None, "")),
        ("槐安小学", ("槐安小学", "", "", None, "")),
        ("2026-11-20", ("2026-11-20", "", "", None, "")),
        ("", ("", "", "", None, "")),
        ("，。！", ("", "", "", None, "")),
    ],
)
def test_writings(typed: str, parts: tuple[str, str, str, int | None, str]) -> None:
    assert written(typed) == Written(*parts)


@pytest.mark.parametrize(
    ("door", "floor"),
    [
        ("501", 5), ("501室", 5), ("５０１", 5), ("1203", 12), ("0501", 5), ("501A", 5), ("501-1", 5), ("A1203", 12),
        ("B101", -1), ("b203", -2), ("B1203", 12), ("5层东户", 5), ("地下1层东户", -1),
        ("12", None), ("", None), ("001", None), ("10501", None), ("12A03", None), ("东户", None),
    ],
)  # fmt: skip
def test_the_floor_that_a_door_proposes(door: str, floor: int | None) -> None:
    assert floor_of_door(door) == floor


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (HUAI, "槐安里 3幢 2单元 501室"),
        (("槐安里", "3幢", "", 6, "501"), "槐安里 3幢 6层 501室"),
        (("槐安里", "3幢", "", -1, "B101"), "槐安里 3幢 B101室"),
        (("槐安里", "3幢", "2单元", 5, "5层东户"), "槐安里 3幢 2单元 5层东户"),
        (("槐安里", "3幢", "", -2, ""), "槐安里 3幢 地下2层"),
        (("12弄", "5号", "", 3, "301"), "12弄 5号 301室"),
    ],
)
def test_printed_as_the_standard_wants_it(parts: tuple[str, str, str, int | None, str], text: str) -> None:
    assert address_text(Written(*parts)) == text


ESTATES = st.sampled_from(["槐安里", "三里屯", "河西路12号院", "渡口街15弄", "上河村2组", "SOHO现代城", "八一小区", ""])
NUMBERS = st.integers(1, 199)


@st.composite
def dwellings(draw: st.DrawFn) -> Written:
    """Dwellings as a registry has them."""
    floor = draw(st.integers(1, 40) | st.integers(-3, -1))
    if draw(st.booleans()):
        door = f"B{-floor}{draw(st.integers(1, 30)):02d}" if floor < 0 else f"{floor}{draw(st.integers(1, 30)):02d}"
        door += draw(st.sampled_from(["", "", "A", "-1"]))
    else:
        door = draw(st.sampled_from(["", "5", "12", "101", "1203"]))
    building = draw(st.sampled_from([f"{draw(NUMBERS)}幢", f"{draw(NUMBERS)}号", "A幢", "3A幢"]))
    return Written(draw(ESTATES), building, draw(st.sampled_from(["", "1单元", "12单元", "B单元"])), floor, door)


@given(dwellings())
def test_what_is_printed_is_read_again(one: Written) -> None:
    assert written(address_text(one)) == one
    assert written(address_text(one).replace(" ", "")) == one
    assert estate_key(one.estate) == one.estate


@given(
    st.text("槐安里路村一二三十百零0123456789AB栋幢座楼号院弄门单元层室房户东组#-—/ ，(第地下负附", max_size=20)
    | st.text(max_size=30)
)
@example("3-2-501-1-1")
@example("一百号")
def test_nothing_anybody_types_breaks_it(text: str) -> None:
    one = written(text)
    assert one.floor != 0
    assert one == written(f" {text} "), "blanks around mean nothing"
    assert "\n" not in address_text(one)


@pytest.mark.parametrize(("typed", "number"), [("槐安里3号501", "3"), ("槐安里3号楼501", "3"), ("槐安里", "")])
def test_3_and_building_3_may_be_one_house(typed: str, number: str) -> None:
    assert written(typed).building_number == number
