"""The only writers of the service catalogue. Each saved change is a version: who, when, why, and what it was then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.reasons import checked_reason
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text
from requests_intake import events
from requests_intake.catalogue_texts import FIELDS, GROUP_FIELDS, changes_between, snapshot_of
from requests_intake.models import Category, CategoryVersion, DeadlinePolicy, DispatchRule, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.questions import Question, check_questions, questions_of, raw_of
from requests_intake.selectors.catalogue import catalogue_forget
from requests_intake.selectors.rules import rules_forget
from requests_intake.services.office import require_office
from requests_intake.services.rules import rules_check

LEAF = 3
_MANY_LINES = {"guide", "guide_en", "stop_text", "stop_text_en"}


def category_create(
    *, parent: Category | None, values: Mapping[str, Any], reason: str, actor: Viewer, at: datetime
) -> Category:
    """Add an item under `parent` (None: a theme of the first level); it gets the next free code there.

    `values` are the fields of `catalogue_texts.FIELDS`; what is not named keeps its default. Raises `DomainError` with
    the field, as `category_change` does, and when the parent is an item of the third level or holds 99 already.
    """
    require_office(actor, Capability.EDIT_CATALOGUE)
    why = checked_reason(reason)
    if parent is not None and parent.level == LEAF:
        raise DomainError("too_deep", _("事项最多三级，不能再往下加"))
    with constraint_errors(), transaction.atomic():
        category = Category(code=_free_code(parent.code if parent else ""), policy_key="general")
        _apply(category, values)
        category.save(force_insert=True)
        _keep_version(category, why, actor, at)
        payload = {"code": category.code, "version": category.version}
        publish(events.CATEGORY_CREATED, subject=ref_of(category), actor=actor, payload=payload, at=at)
        transaction.on_commit(catalogue_forget)
    return category


def category_change(
    *, category: Category, version: int, values: Mapping[str, Any], reason: str, actor: Viewer, at: datetime
) -> Category:
    """Save changed fields as the next version. Requests filed before keep the words of theirs.

    Raises `StaleState` when the category is no more at `version`, `DomainError` with the field for a name missing in
    one language, an unknown set of limits, a stopper without words or telephone, texts too long, and no change at all.
    """

    def change(locked: Category) -> None:
        _apply(locked, values)

    return _save(category, version, change, reason, actor, at)


def question_put(
    *,
    category: Category,
    version: int,
    question: Question,
    position: int,
    reason: str,
    actor: Viewer,
    at: datetime,
) -> Category:
    """Add a question, or replace the one with its key, at a position (from 0). Raises as `category_change` does."""

    def change(locked: Category) -> None:
        _require_leaf(locked)
        others = [one for one in questions_of(locked.questions) if one.key != question.key]
        others.insert(max(0, min(position, len(others))), _cleaned(question))
        check_questions(others)
        locked.questions = raw_of(others)

    return _save(category, version, change, reason, actor, at)


def question_remove(
    *, category: Category, version: int, key: str, reason: str, actor: Viewer, at: datetime
) -> Category:
    """Ask a question no more. Raises `DomainError` while another question hangs on it."""

    def change(locked: Category) -> None:
        rest = [one for one in questions_of(locked.questions) if one.key != key]
        hanging = next((one for one in rest if one.only_if == key), None)
        if hanging is not None:
            raise DomainError(
                "question_needed",
                _("“%(question)s”要看它的答案，先改那一个") % {"question": hanging.text},
                field="reason",
            )
        locked.questions = raw_of(rest)

    return _save(category, version, change, reason, actor, at)


def category_activate(
    *, category: Category, version: int, is_active: bool, reason: str, actor: Viewer, at: datetime
) -> Category:
    """Retire an item, or take it back into use. Nobody can choose a retired one; requests that carry it keep it.

    Raises `DomainError` for a group in which items are still in use, and for an item under a retired group.
    """

    def change(locked: Category) -> None:
        below = Category.objects.filter(code__startswith=locked.code, is_active=True).exclude(pk=locked.pk)
        if not is_active and below.exists():
            raise DomainError("items_below", _("下面还有在用的事项，先停用它们"), field="reason")
        above = Category.objects.filter(code__in=_ancestors(locked.code), is_active=False)
        if is_active and above.exists():
            raise DomainError("group_retired", _("上一级停用着，先恢复上一级"), field="reason")
        locked.is_active = is_active

    with transaction.atomic():
        saved = _save(category, version, change, reason, actor, at)
        if not is_active:
            rules_check(at=at)
    return saved


def category_move(*, category: Category, parent: Category | None, reason: str, actor: Viewer, at: datetime) -> Category:
    """Move an item, with all below it, under another parent of the same level; the codes follow.

    Dispatch rules that name a moved code name the new one afterwards. Raises `DomainError` on field "parent" for a
    parent of the wrong level.
    """
    require_office(actor, Capability.EDIT_CATALOGUE)
    why = checked_reason(reason)
    with constraint_errors(), transaction.atomic():
        # all codes are taken together: somebody who moves another branch waits
        rows = list(Category.objects.select_for_update(of=("self",), no_key=True).order_by("pk"))
        locked = next(row for row in rows if row.pk == category.pk)
        if locked.level == 1 or parent is None or parent.level != locked.level - 1:
            raise DomainError("parent_level", _("只能移到同一级的另一个上级下面"), field="parent")
        if locked.code.startswith(parent.code):
            raise DomainError("nothing_changed", _("它已经在这个上级下面了"), field="parent")
        before, after = locked.code, _free_code(parent.code)
        for row in rows:
            if row.code.startswith(before):
                _recode(row, after + row.code.removeprefix(before), why, actor, at)
        transaction.on_commit(catalogue_forget)
        transaction.on_commit(rules_forget)
    return next(row for row in rows if row.pk == category.pk)


def category_delete(*, category: Category, reason: str, actor: Viewer, at: datetime) -> None:
    """Remove an item that nothing refers to. Raises `DomainError` for one in use: retire it instead."""
    require_office(actor, Capability.EDIT_CATALOGUE)
    checked_reason(reason)
    with transaction.atomic():
        locked = Category.objects.select_for_update(of=("self",)).filter(pk=category.pk).first()
        if locked is None:
            raise StaleState("category_gone", _("这个事项已经删掉了"))
        if _is_used(locked):
            raise DomainError("category_in_use", _("还有东西用着它，不能删；可以停用"), field="reason")
        subject, payload = ref_of(locked), {"code": locked.code}
        locked.delete()
        publish(events.CATEGORY_DELETED, subject=subject, actor=actor, payload=payload, at=at)
        transaction.on_commit(catalogue_forget)


def _save(category: Category, version: int, change: Any, reason: str, actor: Viewer, at: datetime) -> Category:
    require_office(actor, Capability.EDIT_CATALOGUE)
    with constraint_errors(), transaction.atomic():
        locked = (
            Category.objects.select_related("duty_item")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=category.pk)
        )
        if locked.version != version:
            raise StaleState("category_changed", _("刚才有人改过这个事项，请看过最新的再改"))
        before = snapshot_of(locked)
        change(locked)
        why = checked_reason(reason)
        after = snapshot_of(locked)
        changed = sorted(name for name, value in after.items() if before[name] != value and name != "duty_label")
        if not changes_between(before, after):
            raise DomainError("nothing_changed", _("和现在的一样，没有改动"))
        _keep_first(locked, before)
        locked.version += 1
        locked.save(update_fields=[*changed, "version"])
        _keep_version(locked, why, actor, at)
        payload = {"code": locked.code, "version": locked.version, "fields": changed}
        publish(events.CATEGORY_CHANGED, subject=ref_of(locked), actor=actor, payload=payload, at=at)
        transaction.on_commit(catalogue_forget)
    return locked


def _keep_first(category: Category, snapshot: Mapping[str, Any]) -> None:
    """A category that came with the installation has no version yet: its first words are kept before they change."""
    if not CategoryVersion.objects.filter(category=category).exists():
        CategoryVersion.objects.create(category=category, version=category.version, at=_BEGINNING, snapshot=snapshot)


_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _keep_version(category: Category, why: str, actor: Viewer, at: datetime) -> None:
    CategoryVersion.objects.create(
        category=category,
        version=category.version,
        at=at,
        by=actor.user,
        reason=why,
        snapshot=snapshot_of(category),
    )


def _apply(category: Category, values: Mapping[str, Any]) -> None:
    allowed = FIELDS if category.level == LEAF else GROUP_FIELDS
    for name, value in values.items():
        if name not in allowed:
            raise TypeError(f"{name} is no field of a category of level {category.level}")
        if isinstance(value, str):
            value = clean_text(value, multiline=name in _MANY_LINES)
        setattr(category, name, value)
    _check(category)


def _check(category: Category) -> None:
    if not category.name:
        raise DomainError("name_required", _("请写名称"), field="name")
    if not category.name_en:
        raise DomainError("name_en_required", _("请写英文名称"), field="name_en")
    if category.stop_text and not category.stop_phone:
        raise DomainError("stop_phone_required", _("要拦下的事项，写上该打哪个电话"), field="stop_phone")
    if category.stop_text and not category.stop_text_en:
        raise DomainError("stop_text_en_required", _("要拦下的事项，写上英文的提示"), field="stop_text_en")
    if category.stop_phone and not category.stop_text:
        raise DomainError("stop_text_required", _("要拦下的事项，写上提示：为什么、该找谁"), field="stop_text")
    if not DeadlinePolicy.objects.filter(key=category.policy_key).exists():
        raise DomainError("policy_unknown", _("请选一个时限政策"), field="policy_key")
    try:
        category.clean_fields(exclude={"duty_item"})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError("invalid", " ".join(messages), field=field) from error


def _cleaned(question: Question) -> Question:
    options = tuple(
        replace(
            option,
            label=clean_text(option.label, multiline=False),
            label_en=clean_text(option.label_en, multiline=False),
            notice=clean_text(option.notice, multiline=False),
            notice_en=clean_text(option.notice_en, multiline=False),
        )
        for option in question.options
    )
    return replace(
        question,
        options=options if question.has_options else (),
        label=clean_text(question.label, multiline=False),
        label_en=clean_text(question.label_en, multiline=False),
        hint=clean_text(question.hint, multiline=False),
        hint_en=clean_text(question.hint_en, multiline=False),
    )


def _require_leaf(category: Category) -> None:
    if category.level != LEAF:
        raise DomainError("leaf_only", _("附加问题只能加在第三级的事项上"))


def _free_code(prefix: str) -> str:
    """Return the code after the last one directly below a prefix: codes of deleted items are not used again soon."""
    taken: Sequence[str] = list(
        Category.objects.filter(code__regex=f"^{prefix}[0-9]{{2}}$").order_by("code").values_list("code", flat=True)
    )
    used = {int(code[-2:]) for code in taken}
    after = max(used, default=0) + 1
    number = after if after <= 99 else next((n for n in range(1, 100) if n not in used), 0)
    if not number:
        raise DomainError("level_full", _("这一级已经有 99 个，放不下了"), field="parent")
    return f"{prefix}{number:02d}"


def _recode(row: Category, code: str, why: str, actor: Viewer, at: datetime) -> None:
    before = row.code
    _keep_first(row, snapshot_of(row))
    row.code, row.version = code, row.version + 1
    row.save(update_fields=["code", "version"])
    _keep_version(row, why, actor, at)
    DispatchRule.objects.filter(category_prefix=before).update(category_prefix=code)
    payload = {"code": code, "code_before": before, "version": row.version}
    publish(events.CATEGORY_MOVED, subject=ref_of(row), actor=actor, payload=payload, at=at)


def _ancestors(code: str) -> list[str]:
    return [code[:length] for length in (2, 4) if length < len(code)]


def _is_used(category: Category) -> bool:
    return (
        Category.objects.filter(code__startswith=category.code).exclude(pk=category.pk).exists()
        or ServiceRequest.objects.filter(category=category).exists()
        or DispatchRule.objects.filter(category_prefix=category.code).exists()
    )
