"""A category as data and in words: its snapshot, and what differs between two of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_intake.models import Category
from requests_intake.questions import Question, QuestionKind, questions_of

Snapshot = Mapping[str, Any]

# What is edited, in the order of the page, as it is called there.
FIELDS: dict[str, str | Promise] = {
    "name": gettext_lazy("名称"),
    "name_en": gettext_lazy("英文名称"),
    "guide": gettext_lazy("办事提示"),
    "guide_en": gettext_lazy("英文办事提示"),
    "answered_by": gettext_lazy("谁来答复"),
    "answered_by_en": gettext_lazy("英文：谁来答复"),
    "legal_basis": gettext_lazy("依据"),
    "acceptance": gettext_lazy("受理标准"),
    "closing": gettext_lazy("办结标准"),
    "urgency": gettext_lazy("紧急程度"),
    "policy_key": gettext_lazy("办理时限"),
    "duty_item": gettext_lazy("履职清单"),
    "is_public": gettext_lazy("默认可以公开"),
    "needs_place": gettext_lazy("要有地点"),
    "round_the_clock": gettext_lazy("全天候"),
    "needs_review": gettext_lazy("答复先审核"),
    "keywords": gettext_lazy("关键词"),
    "stop_text": gettext_lazy("拦下时的提示"),
    "stop_text_en": gettext_lazy("英文：拦下时的提示"),
    "stop_phone": gettext_lazy("拦下时请打"),
}
# What versions that were kept before these fields existed would have said.
_LATER = {"needs_review": False}
# Groups hold only their names.
GROUP_FIELDS = ("name", "name_en")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: what it is called, and how it reads before and after ("" where it is not there)."""

    label: str
    before: str
    after: str


def snapshot_of(category: Category) -> dict[str, Any]:
    """Return everything of a category that a version keeps, as JSON."""
    values = {name: getattr(category, name) for name in FIELDS if name != "duty_item"}
    return values | {
        "code": category.code,
        "duty_item": category.duty_item_id,
        "duty_label": str(category.duty_item) if category.duty_item_id and category.duty_item else "",
        "is_active": category.is_active,
        "questions": list(category.questions),
    }


def changes_between(before: Snapshot, after: Snapshot) -> list[Change]:
    """Return what differs between two snapshots, field by field, question by question, in the words of the page."""
    found = []
    labels: dict[str, str | Promise] = {"code": gettext_lazy("编码"), **FIELDS, "is_active": gettext_lazy("在用")}
    for name, label in labels.items():
        old, new = before.get(name, _LATER.get(name)), after.get(name, _LATER.get(name))
        if old != new:
            found.append(Change(str(label), _shown(name, old, before), _shown(name, new, after)))
    return found + _question_changes(before.get("questions", []), after.get("questions", []))


def _shown(name: str, value: Any, snapshot: Snapshot) -> str:
    if name == "duty_item":
        return str(snapshot.get("duty_label", ""))
    if name == "urgency":
        return str(dict(Category._meta.get_field("urgency").flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _question_changes(before: Sequence[Any], after: Sequence[Any]) -> list[Change]:
    old = {one.key: one for one in questions_of(before)}
    new = {one.key: one for one in questions_of(after)}
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        texts = [_described(side.get(key), side) for side in (old, new)]
        if texts[0] != texts[1]:
            shown = new.get(key) or old[key]
            found.append(Change(_("附加问题：%(question)s") % {"question": shown.text}, *texts))
    if not found and list(old) != list(new):
        found.append(
            Change(_("附加问题的顺序"), *("\n".join(one.text for one in side.values()) for side in (old, new)))
        )
    return found


def _described(question: Question | None, around: Mapping[str, Question]) -> str:
    if question is None:
        return ""
    lines = [question.label, question.label_en]
    lines += [hint for hint in (question.hint, question.hint_en) if hint]
    need = _("必答") if question.required else _("可不答")
    lines.append(f"{QuestionKind(question.kind).label} · {need}")
    for option in question.options:
        lines.append(f"– {option.label} / {option.label_en}")
        if option.notice:
            mark = _("拦下") if option.stops else _("提示")
            lines.append(f"   {mark}{' ' + option.phone if option.phone else ''}: {option.notice} / {option.notice_en}")
    if condition := condition_text(question, around):
        lines.append(condition)
    return "\n".join(lines)


def condition_text(question: Question, around: Mapping[str, Question]) -> str:
    """Return "only when ... is ...", or "" for a question that is always asked."""
    on = around.get(question.only_if)
    if not question.only_if or on is None:
        return ""
    answers = [option.text for option in on.options if option.code in question.only_if_codes]
    return _("只在“%(question)s”答“%(answers)s”时问") % {"question": on.text, "answers": _("”或“").join(answers)}
