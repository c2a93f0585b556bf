"""Case standards that come with Liren: one city's published ones (STANDARDS 2.6), unconfirmed for any other. [GK]

Each: matter, when it is filed, when it is closed, the policy's key, its names, the answer, the stages before it.
"""

from dataclasses import dataclass

from governance.worktime import Duration, Unit

_HOURS, _DAYS = Unit.WORKING_HOUR, Unit.WORKING_DAY
SOURCE = "外地一个城市公布的标准，供参考"


@dataclass(frozen=True, slots=True)
class Default:
    """One of them. `stages`: (name, English name, limit)."""

    code: str
    filing: str
    closing: str
    key: str
    name: str
    name_en: str
    answer: Duration
    stages: tuple[tuple[str, str, Duration], ...] = ()


DEFAULTS = (
    Default(
        "06001", "正在搭建或已经建成的违法建筑", "拆除完毕，材料清走", "case_building", "私搭乱建", "Illegal building",
        Duration(20, _DAYS),
        (
            ("责令停建", "Order to stop", Duration(4, _HOURS)),
            ("查处", "Decision and penalty", Duration(7, _DAYS)),
            ("拆除", "Demolition", Duration(20, _DAYS)),
        ),
    ),
    Default(
        "06010", "公共场所有散落、堆放的垃圾", "垃圾清走，地面干净", "case_rubbish", "暴露垃圾", "Exposed rubbish",
        Duration(4, _HOURS),
    ),
    Default(
        "06011", "公共场所堆放建筑垃圾、渣土", "清运完毕，地面干净", "case_debris", "积存垃圾渣土", "Building debris",
        Duration(2, _DAYS),
    ),
    Default(
        "06012", "道路上有成片的污物、积尘", "清扫干净", "case_road", "道路不洁", "Dirty road", Duration(2, _HOURS)
    ),
    Default(
        "06017", "绿地里有垃圾、杂物", "清理干净", "case_green", "绿地脏乱", "Littered green space", Duration(4, _HOURS)
    ),
    Default(
        "06025", "水面有成片的漂浮物", "打捞干净", "case_water", "水域不洁", "Dirty water", Duration(15, _DAYS)
    ),
)  # fmt: skip
