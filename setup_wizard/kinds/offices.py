"""Organisations that act in the portal."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.area_book import AreaBook
from governance.access.checks import can
from governance.access.viewer import Scope, Viewer
from governance.files.checked_tables import Column, Line, TableKind, Verdict, choice_words, mark_twice, said
from governance.organisations.models import Organisation, OrganisationKind
from governance.organisations.permissions import Capability
from governance.organisations.services import organisation_change, organisation_create

KIND, NAME, AREA, PARENT = (
    gettext_lazy("类别"),
    gettext_lazy("名称"),
    gettext_lazy("管哪里"),
    gettext_lazy("上级单位"),
)
OPTIONAL = ("phone", "hours", "hours_en", "name_en", "short_name_en")

KIND_HINT = gettext_lazy("区级机构、街道办事处、职能部门、社区、物业公司、社会组织")

COLUMNS = (
    Column("kind", KIND, KIND_HINT, True, 20),
    Column("name", NAME, gettext_lazy("全称，在本区只有一个"), True, 80),
    Column("short_name", gettext_lazy("简称"), gettext_lazy("地方小的时候写它；空着就用全称的前 20 个字"), most=20),
    Column("area", AREA, gettext_lazy("区、街道或社区的名称；重名的写编码"), True, 60),
    Column("parent", PARENT, gettext_lazy("全称；要写在它的上面或者已经登记"), most=80),
    Column("phone", gettext_lazy("电话"), gettext_lazy("居民打得通的号码"), most=30),
    Column("hours", gettext_lazy("办公时间"), gettext_lazy("例如：工作日 8:30–18:00"), most=60),
    Column("name_en", gettext_lazy("英文名称"), most=120),
    Column("short_name_en", gettext_lazy("英文简称"), most=60),
    Column("hours_en", gettext_lazy("英文：办公时间"), most=80),
)  # fmt: skip


def check(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Judge the rows: kind, area, duplicates, parents, what is there already. 3 SQL."""
    book, kinds = AreaBook(), choice_words(dict(OrganisationKind.choices))
    known = {row.name: row for row in Organisation.objects.select_related("parent")}
    mark_twice(lines, lambda line: line["name"], NAME)
    above = set(known)
    for line in lines:
        if line.problems:
            continue
        kind = kinds.get(line["kind"].casefold(), "")
        code, wrong = book.find(line["area"])
        if not kind:
            line.problems.append(said(KIND, _("没有“%(word)s”这一类") % {"word": line["kind"]}))
        elif wrong:
            line.problems.append(said(AREA, wrong))
        elif not can(viewer, Capability.EDIT_ORGANISATION, Scope(code)):
            line.problems.append(said(AREA, _("不在您管的区里")))
        elif line["parent"] and line["parent"] not in above:
            line.problems.append(said(PARENT, _("没有“%(name)s”，或者它那一行有问题") % {"name": line["parent"]}))
        else:
            _compare(line, kind, code, known.get(line["name"]))
        if not line.problems:
            above.add(line["name"])


def _compare(line: Line, kind: str, code: str, known: Organisation | None) -> None:
    draft = {"name": line["name"], "short_name": line["short_name"] or line["name"][:20], "parent": line["parent"]}
    draft |= {name: line[name] for name in OPTIONAL}
    line.draft = draft | {"kind": kind, "area_code": code}
    if known is None:
        return
    if known.area_code != code or known.kind != kind:
        line.problems.append(said(NAME, _("已经有同名的单位，类别或范围不同；这两样定了就不改")))
        return
    now = {name: getattr(known, name) for name in draft if name != "parent"}
    now["parent"] = known.parent.name if known.parent else ""
    # an empty cell says nothing about what is there
    changes = {name: value for name, value in draft.items() if value and value != now[name]}
    if not line["short_name"]:
        changes.pop("short_name", None)
    line.draft = changes
    line.verdict = Verdict.CHANGED if changes else Verdict.SAME


def write(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Make and change the organisations, in the order of the table, all or none."""
    with transaction.atomic():
        known = {row.name: row for row in Organisation.objects.all()}
        for line in lines:
            fields = dict(line.draft)
            if "parent" in fields:
                fields["parent"] = known.get(fields["parent"])
            if line.verdict is Verdict.CHANGED:
                organisation_change(organisation=known[line["name"]], actor=viewer, at=at, **fields)
            else:
                known[line["name"]] = organisation_create(actor=viewer, at=at, **fields)


OFFICES = TableKind("offices", COLUMNS, check, write, most_rows=1000)
