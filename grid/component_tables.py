"""Tables of components: their columns by the standard's attributes (STANDARDS 2.3), reading files of three kinds."""

import io
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import DomainError
from governance.files.checked_tables import Column, StoredRow
from governance.files.mapped_tables import Opened, TableShape
from governance.files.tables import Limits, TableRow
from grid.models import ComponentImport

LIMITS = Limits(size=60 << 20, unpacked=800 << 20, texts=96 << 20)
ROWS_MAX = 300_000
GEOJSON = "geojson"
LNG, LAT = "lng", "lat"

COLUMNS = (
    Column("code", gettext_lazy("种类代码"), gettext_lazy("5 位；也可以写种类的名称，或旧标准的 4 位代码"), True, 30),
    Column("identity", gettext_lazy("标识码"), gettext_lazy("17 位。已经有的，就是改它；空着的自动编"), most=17),
    Column("name", gettext_lazy("名称"), gettext_lazy("空着就用种类的名称"), most=30),
    Column(LNG, gettext_lazy("经度"), gettext_lazy("单位是度，例如 114.30125")),
    Column(LAT, gettext_lazy("纬度"), gettext_lazy("单位是度，例如 22.70345")),
    Column("place", gettext_lazy("位置"), gettext_lazy("没有经纬度的必须写，例如：槐安里 7 号楼北侧")),
    Column("area_code", gettext_lazy("所在网格"), gettext_lazy("15 位。有经纬度的按位置算，可以空着"), most=17),
    Column("state", gettext_lazy("状态"), gettext_lazy("完好、破损、丢失、废弃、移除；空着算完好"), most=20),
    Column("manager_name", gettext_lazy("主管单位名称"), gettext_lazy("门户里的单位写全称，会自动对上"), True, 100),
    Column("manager_code", gettext_lazy("主管单位代码"), gettext_lazy("统一社会信用代码，18 位"), most=18),
    Column("owner_name", gettext_lazy("权属单位名称"), most=100),
    Column("maintainer_name", gettext_lazy("养护单位名称"), most=100),
    Column("started_on", gettext_lazy("初始日期"), gettext_lazy("例如 2026-01-05；空着算导入的那天"), most=20),
    Column("source", gettext_lazy("数据来源"), most=30),
    Column("note", gettext_lazy("备注"), most=1000),
    Column("inspect_every", gettext_lazy("几天检查一次"), gettext_lazy("1 到 3660；不用定期检查的空着"), most=5),
)
# What other systems call the same thing, beside the titles above and the keys.
_ALIASES = {
    "code": "小类代码 部件代码 部件类型代码 种类 类型 小类 objcode type kind",
    "identity": "部件标识码 标识编码 部件编码 objid id",
    "name": "部件名称 objname",
    LNG: "lng lon longitude x 坐标x 经度x",
    LAT: "lat latitude y 坐标y 纬度y",
    "place": "地址 位置描述 address",
    "area_code": "所在单元网格标识码 单元网格标识码 网格编码 网格 bgid gridcode",
    "state": "部件状态 objstate status",
    "manager_name": "主管单位 主管部门名称 主管部门 deptname1",
    "manager_code": "主管部门代码 deptcode1",
    "owner_name": "权属单位 deptname2",
    "maintainer_name": "养护单位 deptname3",
    "started_on": "登记日期 ordate",
    "source": "来源 datasource",
    "note": "说明 remark",
    "inspect_every": "检查周期",
}


def packed(upload: Any, form: str) -> bytes:
    """The file as it is kept."""
    upload.seek(0)
    data: bytes = upload.read()
    return data if form == "xlsx" else zlib.compress(data, 1)


def unpacked(component_import: ComponentImport) -> bytes:
    """The file as it came."""
    data = bytes(component_import.content)
    return data if component_import.format == "xlsx" else zlib.decompress(data)


def _other(upload: Any) -> Opened | None:
    """GeoJSON reads as a table whose first row are the properties' names."""
    upload.seek(0)
    start = upload.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    return (GEOJSON, _features(upload), False) if start.startswith(b"{") else None


def _features(upload: Any) -> Iterator[TableRow]:
    upload.seek(0)
    data = upload.read(LIMITS.size + 1)
    if len(data) > LIMITS.size:
        message = _("文件太大：最多 %(size)s MB，请分几次") % {"size": LIMITS.size >> 20}
        raise DomainError("table_too_big", message, field="file")
    try:
        read = json.loads(data.decode("utf-8-sig"))
        features = read["features"] if read.get("type") == "FeatureCollection" else None
    except (ValueError, RecursionError, KeyError, AttributeError) as error:
        message = _("这个文件不是 GeoJSON，或者没有写完整。请重新导出一次。")
        raise DomainError("not_geojson", message, field="file") from error
    if not isinstance(features, list):
        message = _("这不是 GeoJSON 的 FeatureCollection，请检查导出的格式")
        raise DomainError("not_a_collection", message, field="file")
    names: dict[str, None] = {}
    for feature in features[:1000]:
        names |= dict.fromkeys(map(str, _mapping(feature, "properties")))
    keys = [name for name in names if name.casefold() not in {LNG, LAT}]
    yield TableRow(1, [*keys, LNG, LAT])
    for number, feature in enumerate(features, start=1):
        properties, geometry = _mapping(feature, "properties"), _mapping(feature, "geometry")
        point = geometry.get("coordinates") if geometry.get("type") == "Point" else None
        place = [str(one) for one in point[:2]] if isinstance(point, list) and len(point) >= 2 else ["", ""]
        cells = ["" if (value := properties.get(key)) is None else str(value).strip() for key in keys]
        yield TableRow(number, [*cells, *place])


def _mapping(feature: Any, key: str) -> Mapping[str, Any]:
    found = feature.get(key) if isinstance(feature, Mapping) else None
    return found if isinstance(found, Mapping) else {}


SHAPE = TableShape(columns=COLUMNS, limits=LIMITS, aliases=_ALIASES, open_other=_other)


def template() -> bytes:
    """The empty table, in the language of the page."""
    return SHAPE.template(_("部件"))


def rows_of(component_import: ComponentImport) -> Iterator[StoredRow]:
    """The rows below the titles by the chosen mapping."""
    return SHAPE.rows_of(io.BytesIO(unpacked(component_import)), component_import.columns)
