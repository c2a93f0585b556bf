"""Estates and their buildings by name, in their community: enough to choose a place before anything is surveyed."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.area_book import AreaBook
from governance.access.checks import can
from governance.access.viewer import Scope, Viewer
from governance.files.checked_tables import Column, Line, TableKind, Verdict, said, several
from population.models import StandardAddress
from population.permissions import Capability
from population.services import AddressDraft, addresses_load

COMMUNITY, ESTATE, BUILDINGS = gettext_lazy("社区"), gettext_lazy("小区或道路"), gettext_lazy("楼栋或门牌")
BUILDINGS_MAX, BUILDING_MAX = 300, 30

COLUMNS = (
    Column("community", COMMUNITY, gettext_lazy("社区的名称；重名的写 12 位编码，有网格的可以写 15 位"), True, 60),
    Column("estate", ESTATE, gettext_lazy("例如：槐安里、柳塘街、岭下村一组"), True, 60),
    Column("buildings", BUILDINGS, gettext_lazy("几个写在一格里，用顿号隔开，例如：1 号楼、2 号楼、3 号楼"), most=4000),
    Column("aliases", gettext_lazy("别名"), gettext_lazy("居民还怎么叫它，用顿号隔开"), most=300),
)  # fmt: skip


def check(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Judge the rows: known community, same estate elsewhere, buildings too many or twice. 3 SQL."""
    book = AreaBook()
    estates = {line["estate"] for line in lines if line["estate"]}
    known = dict(StandardAddress.objects.filter(estate__in=estates).values_list("text", "area_code"))
    taken: dict[str, tuple[str, int]] = {}
    for line in lines:
        if line.problems:
            continue
        code, wrong = book.find(line["community"], lengths=(12, 15, 17))
        if not wrong and not can(viewer, Capability.CHANGE_ADDRESS, Scope(code)):
            wrong = _("不在您管的区里")
        if wrong:
            line.problems.append(said(COMMUNITY, wrong))
            continue
        _drafts(line, code, known, taken)


def _drafts(line: Line, code: str, known: dict[str, str], taken: dict[str, tuple[str, int]]) -> None:
    buildings = several(line["buildings"]) or [""]
    too_long = next((one for one in buildings if len(one) > BUILDING_MAX), "")
    if len(buildings) > BUILDINGS_MAX:
        line.problems.append(said(BUILDINGS, _("一格最多 %(most)s 个，请分几行") % {"most": BUILDINGS_MAX}))
    elif too_long:
        line.problems.append(said(BUILDINGS, _("“%(word)s…”太长了") % {"word": too_long[:12]}))
    drafts = [
        AddressDraft(estate=line["estate"], building=one, area_code=code, aliases=several(line["aliases"]))
        for one in buildings
    ]
    for draft in drafts:
        there = known.get(draft.full_text, "")
        other, number = taken.get(draft.full_text, ("", 0))
        if (there and not there.startswith(code[:12])) or (other and other[:12] != code[:12]):
            told = _("“%(text)s”已经在另一个社区里了，请在名称里写出社区") % {"text": draft.full_text}
            line.problems.append(said(ESTATE, told))
            return
        if other:
            told = _("“%(text)s”和第 %(line)s 行重复") % {"text": draft.full_text, "line": number}
            line.problems.append(said(BUILDINGS, told))
            return
    if not line.problems:
        taken |= {draft.full_text: (code, line.number) for draft in drafts}
        # what is there may have been surveyed since: only new ones are written
        line.draft = [draft for draft in drafts if draft.full_text not in known]
        if not line.draft:
            line.verdict = Verdict.SAME
        elif len(line.draft) < len(drafts):
            line.verdict = Verdict.CHANGED


def write(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Load the addresses that are new."""
    addresses_load(drafts=[draft for line in lines for draft in line.draft], actor=viewer, at=at)


ADDRESSES = TableKind("addresses", COLUMNS, check, write)
