"""What the tables of the registry hold: columns, what other systems call them, how large a file may be."""

import hashlib
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.files.checked_tables import Column
from governance.files.mapped_tables import TableShape
from governance.files.tables import Limits
from population.models import ResidencyKind, Sex
from population.models.imports import ImportKind
from population.value_reading import coded_words

LIMITS = Limits(size=160 << 20, unpacked=1600 << 20, texts=160 << 20)
ROWS_MAX = 1_200_000

PEOPLE = TableShape(
    columns=(
        Column("name", gettext_lazy("姓名"), gettext_lazy("证件上的姓名"), True, 60),
        Column("sex", gettext_lazy("性别"), gettext_lazy("男、女，不知道的空着"), most=10),
        Column("birth_date", gettext_lazy("出生日期"), gettext_lazy("例如 1961-03-05"), most=30),
        Column("document_kind", gettext_lazy("证件类型"), gettext_lazy("空着的按号码认：居民身份证等"), most=30),
        Column("document_number", gettext_lazy("证件号码"), gettext_lazy("整列设成文本再填；没有的空着"), most=40),
        Column("phone", gettext_lazy("电话"), gettext_lazy("11 位手机号；座机写上区号"), most=30),
        Column("address", gettext_lazy("住址"), gettext_lazy("如：槐安里3幢2单元501室；也可以分几列写"), most=120),
        Column("estate", gettext_lazy("小区或道路"), gettext_lazy("住址分开写的，从这一列写起"), most=60),
        Column("building", gettext_lazy("楼栋或门牌"), gettext_lazy("例如：3幢、18号"), most=30),
        Column("entrance", gettext_lazy("单元"), gettext_lazy("只有一个门的楼空着"), most=20),
        Column("door", gettext_lazy("室号"), gettext_lazy("门上写的，例如 501"), most=20),
        Column("kind", gettext_lazy("居住类型"), gettext_lazy("户籍、常住、流动人口、境外人员"), most=30),
        Column("relation", gettext_lazy("与户主的关系"), gettext_lazy("户主、配偶、子、女、孙辈、父母……"), most=20),
        Column("household", gettext_lazy("户号"), gettext_lazy("户口簿的户号；一个户室有几户的必须写"), most=30),
        Column("since", gettext_lazy("从哪天起住"), gettext_lazy("例如 2018-05-01；空着算导入的那天"), most=30),
        Column("lives", gettext_lazy("人住在这里"), gettext_lazy("是或否；只有户口在这里的写否，空着算是"), most=10),
    ),
    limits=LIMITS,
    aliases={
        "name": "人员姓名 居民姓名 名字 xm full_name",
        "sex": "xb gender",
        "birth_date": "出生年月日 出生年月 生日 csrq birthday born",
        "document_kind": "证件种类 证件名称 zjlx",
        "document_number": "身份证号 身份证号码 公民身份号码 身份号码 证件号 sfzh gmsfhm zjhm id_number",
        "phone": "联系电话 手机 手机号 手机号码 联系方式 电话号码 lxdh mobile",
        "address": "地址 现住址 现住地址 居住地址 详细地址 现住门(楼)详址 xzz",
        "estate": "小区 小区名称 道路 路名",
        "building": "楼栋 楼号 栋 幢 幢号 门牌 门牌号",
        "entrance": "单元号",
        "door": "房号 门号 室 房间号 户室 room",
        "kind": "人员类别 人口类型 居住类别",
        "relation": "与户主关系 和户主的关系 关系 yhzgx",
        "household": "户编号 家庭编号 hh",
        "since": "入住日期 迁入日期 居住开始日期 rzrq",
        "lives": "是否居住 人户一致 在住",
    },
)  # fmt: skip
PEOPLE_EXAMPLE = {
    "name": "示例（请删掉这一行）",
    "sex": "女",
    "birth_date": "1961-03-05",
    "phone": "13900000000",
    "address": "示例小区3幢2单元501室",
    "kind": "户口在这里",
    "relation": "户主",
    "since": "2018-05-01",
    "lives": "是",
}
SHAPES: Mapping[str, TableShape] = {ImportKind.PEOPLE: PEOPLE}
EXAMPLES: Mapping[str, Mapping[str, str]] = {ImportKind.PEOPLE: PEOPLE_EXAMPLE}

_KINDS = {
    ResidencyKind.REGISTERED: "户籍 户籍人口 户籍人员 常住户口 本地户籍",
    ResidencyKind.USUAL: "常住 常住人口 人户分离",
    ResidencyKind.MOBILE: "流动 流动人员 暂住 租住 租户",
    ResidencyKind.ABROAD: "境外 外籍 港澳台",
}
_SEXES = {Sex.MALE: "男性 m", Sex.FEMALE: "女性 f", Sex.UNKNOWN: "不详 不明"}
_YES = {"是": True, "y": True, "yes": True, "1": True, "true": True, "在": True, "一致": True, "√": True}
_NO = {"否": False, "n": False, "no": False, "0": False, "false": False, "不在": False, "不一致": False, "×": False}
YES_NO: Mapping[str, bool] = _YES | _NO


SEXES = coded_words(dict(Sex.choices), _SEXES)
KINDS = coded_words(dict(ResidencyKind.choices), _KINDS)


def template(kind: str) -> bytes:
    """The empty table of a kind with an example, in the language of the page."""
    return SHAPES[kind].template(_("填写"), EXAMPLES[kind])


def signature(titles: Sequence[str]) -> str:
    """What files with the same columns have in common, in whatever order."""
    return hashlib.sha256("\n".join(sorted(titles)).encode()).hexdigest()
