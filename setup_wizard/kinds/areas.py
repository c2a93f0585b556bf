"""Sub-districts, communities and, where there are any, grids: code and name, outlines come later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.area_book import short_code
from governance.access.checks import can
from governance.access.viewer import Scope, Viewer
from governance.files.checked_tables import Column, Line, TableKind, Verdict, choice_words, mark_twice, said
from grid.features import AreaDraft
from grid.models import Area, AreaKind
from grid.models.area import CODE_LENGTH, KINDS_OF_LEVEL, parent_code
from grid.permissions import Capability
from grid.services import areas_enter
from requests_intake.models import CommunityProfile, ProfileArea
from requests_intake.permissions import Capability as Intake
from requests_intake.services.office import may_in_office
from requests_intake.services.profiles import communities_assign

CODE, NAME = gettext_lazy("编码"), gettext_lazy("名称")
KIND = gettext_lazy("类别")
PROFILE = gettext_lazy("社区类型")
LENGTHS = {length: level for level, length in CODE_LENGTH.items()}

CODE_HINT = gettext_lazy("街道、乡镇 9 位，社区、村 12 位，网格 15 位。统计局补了零的 12 位街道编码也认。")

COLUMNS = (
    Column("code", CODE, CODE_HINT, True, 17),
    Column("name", NAME, gettext_lazy("居民平时怎么叫就怎么写，例如：柳塘街道、槐安社区"), True, 60),
    Column("name_en", gettext_lazy("英文名称"), gettext_lazy("可以空着，英文页面上就写中文名"), most=100),
    Column("kind", KIND, gettext_lazy("街道、乡镇、居委会社区、村；空着按街道、居委会社区"), most=20),
    Column("profile", PROFILE, gettext_lazy("商品房小区、老旧小区、村；只给社区和村，空着按全区默认"), most=40),
)  # fmt: skip


def check(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Judge the rows: shape of the code, duplicates, parents, what is there already. 1 SQL, 3 where kinds are named."""
    profiles = _Profiles.read(viewer) if any(line["profile"] for line in lines) else _Profiles({}, {}, False)
    kinds = choice_words(dict(AreaKind.choices))
    known = {area.code: area for area in Area.objects.all().defer("geometry")}
    for line in lines:
        line.values["code"] = short_code(line["code"])
        _shape(line, kinds)
        profiles.check(line)
    mark_twice(lines, lambda line: line["code"], CODE)
    there = {code for code, area in known.items() if area.valid_to is None}
    for line in sorted(lines, key=lambda one: (len(one["code"]), one.number)):
        code = line["code"]
        if line.problems:
            continue
        above = parent_code(code)
        if not can(viewer, Capability.CHANGE_AREA, Scope(code)):
            line.problems.append(said(CODE, _("不在您管的区里")))
        elif above and above not in there:
            line.problems.append(said(CODE, _("上级 %(code)s 还没有，或者那一行有问题") % {"code": above}))
        elif code in known and known[code].valid_to is not None:
            line.problems.append(said(CODE, _("这个编码已经停用，不能再用")))
        else:
            there.add(code)
            _compare(line, known.get(code))
            profiles.compare(line)


def write(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Enter the areas, then say of which kind the communities are."""
    areas_enter(drafts=[line.draft for line in lines], actor=viewer, at=at)
    named = [line for line in lines if line["profile"]]
    keys = _Profiles.read(viewer).keys if named else {}
    codes: dict[str, list[str]] = {}
    for line in named:
        codes.setdefault(keys[line["profile"].casefold()], []).append(line["code"])
    for row in CommunityProfile.objects.filter(key__in=codes):
        communities_assign(codes=codes[row.key], profile=row, actor=viewer, at=at)


@dataclass(frozen=True, slots=True)
class _Profiles:
    """The kinds of communities by the words that name them, which community has which, and who may say so."""

    keys: dict[str, str]
    own: dict[str, str]
    may_assign: bool

    @classmethod
    def read(cls, viewer: Viewer) -> "_Profiles":
        """2 SQL."""
        keys: dict[str, str] = {}
        for row in CommunityProfile.objects.all():
            keys |= dict.fromkeys((row.key, row.name.casefold(), row.name_en.casefold()), row.key)
        own = dict(ProfileArea.objects.values_list("area_code", "profile__key"))
        return cls(keys, own, may_in_office(viewer, Intake.EDIT_CATALOGUE))

    def check(self, line: Line) -> None:
        word = line["profile"]
        if not word:
            return
        if word.casefold() not in self.keys:
            line.problems.append(said(PROFILE, _("没有“%(word)s”这一类") % {"word": word}))
        elif len(line["code"]) != CODE_LENGTH["community"]:
            line.problems.append(said(PROFILE, _("只给社区和村")))
        elif not self.may_assign:
            line.problems.append(said(PROFILE, _("您的角色不能定社区类型，请空着")))

    def compare(self, line: Line) -> None:
        key = self.keys.get(line["profile"].casefold())
        if key and line.verdict is Verdict.SAME and self.own.get(line["code"]) != key:
            line.verdict = Verdict.CHANGED


def _shape(line: Line, kinds: dict[str, str]) -> None:
    code, word = line["code"], line["kind"].casefold()
    if code and (not (code.isascii() and code.isdigit()) or len(code) not in LENGTHS):
        line.problems.append(said(CODE, _("应为 9、12、15 或 17 位数字")))
    elif word and word not in kinds:
        line.problems.append(said(KIND, _("没有“%(word)s”这一类") % {"word": line["kind"]}))
    elif code and word and kinds[word] not in KINDS_OF_LEVEL[LENGTHS[len(code)]]:
        line.problems.append(said(KIND, _("和编码的层级不符")))


def _compare(line: Line, known: Area | None) -> None:
    kinds = choice_words(dict(AreaKind.choices))
    usual = usual_kind(line["code"], line["name"])
    kind = kinds.get(line["kind"].casefold(), "") or (known.kind if known else usual)
    name_en = line["name_en"] or (known.name_en if known else "")
    line.draft = AreaDraft(code=line["code"], name=line["name"], name_en=name_en, kind=kind)
    if known is None:
        return
    same = (known.name, known.name_en, known.kind) == (line["name"], name_en, kind)
    line.verdict = Verdict.SAME if same else Verdict.CHANGED
    if known.name != line["name"]:
        line.notes.append(said(NAME, _("现在叫“%(name)s”") % {"name": known.name}))


def usual_kind(code: str, name: str) -> str:
    """The kind that a name tells: towns and townships, villages; else street, committee, basic grid."""
    if len(code) == CODE_LENGTH["subdistrict"] and name.endswith(("镇", "乡", "苏木")):
        return str(AreaKind.TOWN)
    if len(code) == CODE_LENGTH["community"] and name.endswith(("村", "村委会", "村民委员会", "嘎查")):
        return str(AreaKind.VILLAGE)
    return str(KINDS_OF_LEVEL[LENGTHS[len(code)]][0])


AREAS = TableKind("areas", COLUMNS, check, write)
