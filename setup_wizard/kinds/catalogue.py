"""The service catalogue, one row an item of the third level; its theme and group stand beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.viewer import Viewer
from governance.files.checked_tables import Column, Line, TableKind, Verdict, choice_words, mark_twice, said, several
from grid.models import DutyItem, DutyKind
from grid.permissions import Capability as Grid
from grid.services import duty_items_load
from requests_intake.models import Category, DeadlinePolicy
from requests_intake.models.catalogue import Urgency
from requests_intake.services.catalogue import category_change, category_create

DUTY, POLICY, NAME, STOP, PHONE = (
    gettext_lazy("履职"),
    gettext_lazy("办理时限"),
    gettext_lazy("事项"),
    gettext_lazy("拦下时的提示"),
    gettext_lazy("拦下时请打"),
)
REASON = gettext_lazy("开通时按事项表登记")
YES = {"是", "yes", "y", "1", "true", "√"}
NO = {"否", "no", "n", "0", "false", "×"}
WORDS_MAX = 20
PREFIX = "L-"  # of the duties that were entered here

COLUMNS = (
    Column("theme", gettext_lazy("大类"), gettext_lazy("例如：城市管理"), True, 40),
    Column("theme_en", gettext_lazy("大类英文"), gettext_lazy("同一大类写一次就行"), most=60),
    Column("group", gettext_lazy("小类"), gettext_lazy("例如：市政设施"), True, 40),
    Column("group_en", gettext_lazy("小类英文"), gettext_lazy("同一小类写一次就行"), most=60),
    Column("name", NAME, gettext_lazy("例如：路灯不亮"), True, 40),
    Column("name_en", gettext_lazy("事项英文"), gettext_lazy("英文页面上的名称"), True, 60),
    Column("policy_key", POLICY, gettext_lazy("时限政策的名称或代号；空着按“未分类”"), most=60),
    Column("duty", DUTY, gettext_lazy("街道主责、街道配合、上级收回；不在清单里的空着"), most=20),
    Column("urgency", gettext_lazy("紧急程度"), gettext_lazy("紧急、当日、一般、复杂疑难；空着按一般"), most=20),
    Column("guide", gettext_lazy("办事提示"), gettext_lazy("我们做什么，请说清什么，然后会怎样"), most=2000),
    Column("guide_en", gettext_lazy("英文办事提示"), most=2000),
    Column("is_public", gettext_lazy("默认可以公开"), gettext_lazy("是或否；空着按否"), most=6),
    Column("needs_place", gettext_lazy("要有地点"), gettext_lazy("是或否；空着按是"), most=6),
    Column("round_the_clock", gettext_lazy("全天候"), gettext_lazy("是或否；空着按否"), most=6),
    Column("keywords", gettext_lazy("关键词"), gettext_lazy("居民会说的词，用顿号或空格隔开"), most=400),
    Column("legal_basis", gettext_lazy("依据"), most=200),
    Column("stop_text", STOP, gettext_lazy("不该在这里报、该打电话的事才写"), most=400),
    Column("stop_text_en", gettext_lazy("英文：拦下时的提示"), most=400),
    Column("stop_phone", PHONE, gettext_lazy("例如：119"), most=10),
)  # fmt: skip


@dataclass(slots=True)
class ItemDraft:
    """An item with the fields of its category, and what it is called above."""

    values: dict[str, Any]
    category: Category | None
    names: dict[str, tuple[str, str]] = field(default_factory=dict)  # "theme", "group": name and English


def check(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Judge the rows: limits, duties, English names above, duplicates, what is there already. 2 SQL."""
    policies = {word: row.key for row in DeadlinePolicy.objects.all() for word in (row.key, row.name, row.name_en)}
    rows = list(Category.objects.select_related("duty_item").order_by("code"))
    known = {_path(row, {one.code: one.name for one in rows}): row for row in rows}
    english = {path: row.name_en for path, row in known.items()}
    for line in lines:
        english |= {path: text for path, text in _names_above(line).items() if text}
    mark_twice(lines, lambda line: "/".join((line["theme"], line["group"], line["name"])), NAME)
    for line in lines:
        if not line.problems:
            _item(line, policies, english, known.get((line["theme"], line["group"], line["name"])), viewer)


def _item(
    line: Line,
    policies: dict[str, str],
    english: dict[tuple[str, ...], str],
    known: Category | None,
    viewer: Viewer,
) -> None:
    values: dict[str, Any] = {name: line[name] for name in ("name", "name_en", "guide", "guide_en", "legal_basis")}
    values |= {name: line[name] for name in ("stop_text", "stop_text_en", "stop_phone")}
    values["policy_key"] = policies.get(line["policy_key"] or "general", "")
    if not values["policy_key"]:
        line.problems.append(said(POLICY, _("没有“%(word)s”这个时限政策，请先设时限") % {"word": line["policy_key"]}))
    for name, choices, title in (("urgency", Urgency.choices, ""), ("duty", DutyKind.choices, DUTY)):
        words = choice_words(dict(choices))
        values[name] = words.get(line[name].casefold(), "") if line[name] else ""
        if line[name] and not values[name]:
            line.problems.append(said(title or _("紧急程度"), _("没有“%(word)s”这一类") % {"word": line[name]}))
    values["urgency"] = values["urgency"] or str(Urgency.GENERAL)
    for name, usual in (("is_public", False), ("needs_place", True), ("round_the_clock", False)):
        values[name] = _yes(line, name, usual)
    values["keywords"] = several(line["keywords"].replace(" ", "、"))
    if any(len(word) > WORDS_MAX for word in values["keywords"]):
        line.problems.append(said(_("关键词"), _("一个词最多 %(most)s 个字") % {"most": WORDS_MAX}))
    if bool(line["stop_text"]) != bool(line["stop_phone"]) or (line["stop_text"] and not line["stop_text_en"]):
        line.problems.append(said(STOP, _("中英文的提示和电话要一起填")))
    for path in _names_above(line):
        if not english.get(path):
            line.problems.append(said(path[-1], _("请写英文名称")))
    names = {"theme": (line["theme"], english.get((line["theme"],), ""))}
    names["group"] = line["group"], english.get((line["theme"], line["group"]), "")
    line.draft = ItemDraft(values, known, names)
    if values["duty"] and not viewer.can(Grid.CHANGE_AREA):
        line.notes.append(said(DUTY, _("履职清单由管理员登记，这一项先空着")))
        values["duty"] = ""
    if known is not None and not line.problems:
        # an empty cell says nothing about what is there
        now = {name: _duty_of(known) if name == "duty" else getattr(known, name) for name in values}
        kept = {
            name: value if line[name] or name in ("name", "name_en") else now[name] for name, value in values.items()
        }
        line.draft = ItemDraft(kept, known, names)
        line.verdict = Verdict.SAME if now == kept else Verdict.CHANGED


def _yes(line: Line, name: str, usual: bool) -> bool:
    word = line[name].casefold()
    if word and word not in YES | NO:
        title = next(str(column.title) for column in COLUMNS if column.key == name)
        line.problems.append(said(title, _("请写是或否")))
    return word in YES if word else usual


def _names_above(line: Line) -> dict[tuple[str, ...], str]:
    return {(line["theme"],): line["theme_en"], (line["theme"], line["group"]): line["group_en"]}


def _path(row: Category, names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names.get(row.code[:length], "") for length in range(2, len(row.code) + 1, 2))


def write(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Make themes, groups and items, and the duties they hang on; all or none. About 7 SQL an item."""
    with transaction.atomic():
        duties = _duties(lines, viewer)
        rows = list(Category.objects.order_by("code"))
        known = {_path(row, {one.code: one.name for one in rows}): row for row in rows}
        for line in lines:
            draft: ItemDraft = line.draft
            above: Category | None = None
            path: tuple[str, ...] = ()
            for level in ("theme", "group"):
                name, name_en = draft.names[level]
                path = (*path, name)
                if path not in known:
                    words = {"name": name, "name_en": name_en}
                    known[path] = category_create(parent=above, values=words, reason=str(REASON), actor=viewer, at=at)
                above = known[path]
            _write_item(draft, above, duties.get(line.number), viewer, at)


def _write_item(draft: ItemDraft, above: Category | None, duty: DutyItem | None, viewer: Viewer, at: datetime) -> None:
    values = {name: value for name, value in draft.values.items() if name != "duty"}
    if duty is not None:
        values["duty_item"] = duty
    item = draft.category
    if item is None:
        category_create(parent=above, values=values, reason=str(REASON), actor=viewer, at=at)
        return
    changes = {name: value for name, value in values.items() if getattr(item, name) != value}
    if changes:
        category_change(category=item, version=item.version, values=changes, reason=str(REASON), actor=viewer, at=at)


def _duties(lines: Sequence[Line], viewer: Viewer) -> dict[int, DutyItem]:
    """Enter a duty for each row that names a kind its item does not have; by the number of the row."""
    if not viewer.can(Grid.CHANGE_AREA):
        return {}
    wanted = [line for line in lines if (kind := line.draft.values["duty"]) and kind != _duty_of(line.draft.category)]
    taken = DutyItem.objects.filter(code__regex=rf"^{PREFIX}[0-9]+$").values_list("code", flat=True)
    first = max((int(code.removeprefix(PREFIX)) for code in taken), default=0) + 1
    made = {
        line.number: DutyItem(
            code=f"{PREFIX}{number}", name=line["name"], name_en=line["name_en"], kind=line.draft.values["duty"]
        )
        for number, line in enumerate(wanted, start=first)
    }
    duty_items_load(items=made.values(), actor=viewer)
    saved = {duty.code: duty for duty in DutyItem.objects.filter(code__in=[duty.code for duty in made.values()])}
    return {number: saved[duty.code] for number, duty in made.items()}


def _duty_of(category: Category | None) -> str:
    return str(category.duty_item.kind) if category is not None and category.duty_item else ""


CATALOGUE = TableKind("catalogue", COLUMNS, check, write, most_rows=500)
