"""The only writers of code lists: loading, confirming, the district's own kinds, what became of old codes."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require, require_everywhere
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.code_files import Shipped
from grid.models import CodeItem, CodeKind, CodeList, CodeSuccession
from grid.models.codes import OWN_FIRST, OWN_LAST
from grid.permissions import Capability

NAME_MAX, NAME_EN_MAX, NOTE_MAX = 30, 100, 200
NAME_MISSING = _("请写名称")
NOTE_MISSING = _("请写对的是哪一份文本、怎么对的")


def code_list_load(*, shipped: Shipped, actor: Viewer, at: datetime) -> CodeList:
    """Load a list that comes with Liren, unconfirmed; the list before it ends on the day this one begins.

    Raises `StaleState` when it is loaded already.
    """
    require_everywhere(actor, Capability.EDIT_CODES)
    with constraint_errors(), transaction.atomic():
        if CodeList.objects.filter(key=shipped.key).exists():
            raise StaleState("code_list_there", _("这份代码表已经装过了"))
        before = CodeList.objects.filter(valid_to=None, valid_from__lt=shipped.valid_from)
        before.update(valid_to=shipped.valid_from)
        row = CodeList.objects.create(
            key=shipped.key,
            standard=shipped.standard,
            title=shipped.title,
            title_en=shipped.title_en,
            valid_from=shipped.valid_from,
            source=shipped.source,
        )
        items = [
            CodeItem(code_list=row, kind=one.kind, code=one.code, name=one.name, name_en=one.name_en)
            for one in shipped.rows()
        ]
        CodeItem.objects.bulk_create(items)
        by_code = {(item.kind, item.code): item for item in items}
        CodeSuccession.objects.bulk_create(
            (
                CodeSuccession(
                    old_standard=one.old_standard,
                    kind=one.kind,
                    old_code=one.old_code,
                    old_name=one.old_name,
                    item=by_code[one.kind, one.code] if one.code else None,
                    note=one.note,
                )
                for one in shipped.successors
            ),
            ignore_conflicts=True,
        )
        publish(events.CODE_LIST_LOADED, subject=row, actor=actor, payload={"items": len(items)}, at=at)
    return row


def code_list_confirm(*, code_list: CodeList, note: str, actor: Viewer, at: datetime) -> CodeList:
    """Note that somebody compared the list with the official text. Raises `DomainError` on "note", `StaleState`."""
    require_everywhere(actor, Capability.EDIT_CODES)
    said = clean_text(note, multiline=False)[:NOTE_MAX]
    with constraint_errors(), transaction.atomic():
        locked = CodeList.objects.select_for_update(no_key=True).get(pk=code_list.pk)
        if locked.confirmed_at is not None:
            raise StaleState("code_list_confirmed", _("这份代码表已经有人对过了"))
        if not said:
            raise DomainError("note_required", NOTE_MISSING, field="note")
        locked.confirmed_at, locked.confirmed_by, locked.confirmed_note = at, actor.user, said
        locked.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_note"])
        publish(events.CODE_LIST_CONFIRMED, subject=locked, actor=actor, at=at)
    return locked


def code_item_add(
    *, code_list: CodeList, kind: str, major: str, name: str, name_en: str, actor: Viewer, at: datetime
) -> CodeItem:
    """Add a kind of the district's own to a major class; its code is the next free one from 999 downward to 080.

    Raises `DomainError` beside the field: no such class, no name, a name that is there, no code left.
    """
    require_everywhere(actor, Capability.EDIT_CODES)
    said, english = _names(name, name_en)
    with constraint_errors(), transaction.atomic():
        CodeList.objects.select_for_update(no_key=True).get(pk=code_list.pk)
        of_class = CodeItem.objects.filter(code_list=code_list, kind=kind, code__startswith=major)
        if len(major) != 2 or not of_class.filter(code=major).exists():
            raise DomainError("major_unknown", _("请选一个大类"), field="major")
        known = dict(of_class.values_list("code", "name"))
        if said in known.values():
            raise DomainError("name_there", _("这个大类里已经有同名的种类"), field="name")
        lowest = min((int(code[2:]) for code in known if code[2:] and int(code[2:]) >= OWN_FIRST), default=OWN_LAST + 1)
        if lowest <= OWN_FIRST:
            raise DomainError("codes_used_up", _("这个大类的本地代码用完了"), field="major")
        item = CodeItem.objects.create(
            code_list=code_list, kind=kind, code=f"{major}{lowest - 1:03}", name=said, name_en=english, is_own=True
        )
        publish(events.CODE_ITEM_ADDED, subject=item, actor=actor, payload=_code(item), at=at)
    return item


def code_item_change(
    *, item: CodeItem, name: str, name_en: str, is_active: bool, actor: Viewer, at: datetime
) -> CodeItem:
    """Rename a kind of the district's own, or take any kind out of use here. The standard's names stay as they are."""
    require_everywhere(actor, Capability.EDIT_CODES)
    said, english = _names(name, name_en)
    with constraint_errors(), transaction.atomic():
        locked = CodeItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        wanted: dict[str, Any] = {"name_en": english, "is_active": is_active}
        if locked.is_own:
            wanted["name"] = said
        changed = [field for field, value in wanted.items() if getattr(locked, field) != value]
        for field in changed:
            setattr(locked, field, wanted[field])
        if changed:
            locked.save(update_fields=changed)
            payload = {**_code(locked), "fields": changed}
            publish(events.CODE_ITEM_CHANGED, subject=locked, actor=actor, payload=payload, at=at)
    return locked


def code_succession_set(
    *,
    old_standard: str,
    kind: str,
    old_code: str,
    old_name: str,
    item: CodeItem | None,
    note: str,
    actor: Viewer,
    at: datetime,
) -> CodeSuccession:
    """Say what a code of an older standard is called now; said again, it is replaced."""
    require(actor, Capability.EDIT_CODES, None)
    if kind not in CodeKind.values:
        raise DomainError("kind_unknown", _("只有部件和事项两种"), field="kind")
    if item is not None and (item.kind != kind or len(item.code) != 5):
        raise DomainError("item_of_other_kind", _("请选同一种的小类"), field="item")
    texts = {
        "old_standard": clean_text(old_standard, multiline=False)[:60],
        "old_code": clean_text(old_code, multiline=False)[:10],
        "old_name": clean_text(old_name, multiline=False)[:30],
    }
    for field, text in texts.items():
        if not text:
            raise DomainError(f"{field}_required", _("请写原标准、原代码和原名称"), field=field)
    with constraint_errors(), transaction.atomic():
        row, _made = CodeSuccession.objects.update_or_create(
            old_standard=texts["old_standard"],
            kind=kind,
            old_code=texts["old_code"],
            defaults={"old_name": texts["old_name"], "item": item, "note": clean_text(note, multiline=False)[:200]},
        )
        payload = {"kind": kind, "code": row.old_code}
        publish(events.CODE_SUCCESSION_SET, subject=row, actor=actor, payload=payload, at=at)
    return row


def code_succession_drop(*, succession: CodeSuccession, actor: Viewer, at: datetime) -> None:
    """Take a wrong line out; a second time changes nothing."""
    require(actor, Capability.EDIT_CODES, None)
    with transaction.atomic():
        row = CodeSuccession.objects.select_for_update().filter(pk=succession.pk).first()
        if row is not None:
            payload = {"kind": row.kind, "code": row.old_code}
            publish(events.CODE_SUCCESSION_DROPPED, subject=row, actor=actor, payload=payload, at=at)
            row.delete()


def code_list_on(day: date) -> CodeList | None:
    """The list in force on a day, None before any. 1 SQL."""
    rows = CodeList.objects.filter(valid_from__lte=day).exclude(valid_to__lte=day)
    return rows.order_by("-valid_from", "-pk").first()


def _names(name: str, name_en: str) -> tuple[str, str]:
    said = clean_text(name, multiline=False)
    if not said:
        raise DomainError("name_required", NAME_MISSING, field="name")
    if len(said) > NAME_MAX:
        raise DomainError("name_too_long", _("名称最多 30 个字"), field="name")
    return said, clean_text(name_en, multiline=False)[:NAME_EN_MAX]


def _code(item: CodeItem) -> dict[str, str]:
    return {"kind": item.kind, "code": item.code}
