"""The only writers of components: entering, changing, inspecting; one at a time and many at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors, fields_checked
from governance.organisations.models import Organisation
from governance.outbox.services import NewEvent, publish, publish_many
from governance.refs import ref_of
from governance.text import clean_text
from grid import events
from grid.lookup import grid_at
from grid.models import Area, CodeItem, Component, ComponentEntry, ComponentState, EntryKind
from grid.permissions import Capability

AREA_MISSING = _("这个位置不在任何网格里，请选它属于哪个区域")
SEQUENCE_MAX = 999_999
TEXT_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentDraft:
    """What a form or a row of a table says. `area_code` counts where the position lies in no grid.

    `identity` is the office's own number, "" for the next one of its kind.
    """

    item: CodeItem
    name: str
    state: str
    started_on: date
    area_code: str = ""
    lng: float | None = None
    lat: float | None = None
    place: str = ""
    manager: Organisation | None = None
    manager_name: str = ""
    manager_code: str = ""
    owner: Organisation | None = None
    owner_name: str = ""
    maintainer: Organisation | None = None
    maintainer_name: str = ""
    source: str = ""
    note: str = ""
    inspect_every: int | None = None
    identity: str = ""


# what a change may change: the number and the kind stay, as in the standard
CHANGEABLE = tuple(one.name for one in fields(ComponentDraft) if one.name not in {"item", "identity"})


def component_enter(*, draft: ComponentDraft, submission_key: UUID, actor: Viewer, at: datetime) -> Component:
    """Enter one component; the same key twice is one. Raises `DomainError` beside the field, `Forbidden`."""
    with constraint_errors(), transaction.atomic():
        known = Component.objects.filter(submission_key=submission_key).first()
        if known is not None:
            return known
        [made] = components_write(
            drafts=[draft], keys=[submission_key], kind=EntryKind.ENTERED, text="", actor=actor, at=at
        )
        publish(
            events.COMPONENT_ENTERED,
            subject=made,
            actor=actor,
            area_code=made.area_code,
            payload={"code": made.item.code},
            at=at,
        )
    return made


def component_change(
    *, component: Component, draft: ComponentDraft, seen: datetime | None, actor: Viewer, at: datetime
) -> Component:
    """Write what is different. Raises `StaleState` where somebody wrote meanwhile (`seen`: `changed_at` as read)."""
    with constraint_errors(), transaction.atomic():
        locked = _lock(component, Capability.EDIT_COMPONENT, actor)
        if locked.changed_at != seen:
            raise StaleState("component_changed", _("刚才有人改过这个部件，请看现在写的是什么"))
        wanted = _row(draft, at)
        require(actor, Capability.EDIT_COMPONENT, wanted)
        changed = [name for name in CHANGEABLE if getattr(locked, name) != getattr(wanted, name)]
        if not changed:
            return locked
        before = locked.state
        for name in changed:
            setattr(locked, name, getattr(wanted, name))
        locked.changed_on, locked.changed_at = timezone.localdate(at), at
        _set_due(locked, timezone.localdate(at))
        _check_all([locked], timezone.localdate(at))
        locked.save()
        _note(locked, EntryKind.CHANGED, before, actor, at, fields=changed)
        payload = {"fields": changed, "state": locked.state}
        publish(
            events.COMPONENT_CHANGED, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at
        )
    return locked


def component_inspect(*, component: Component, state: str, text: str, actor: Viewer, at: datetime) -> Component:
    """Note that somebody looked at it today, and how it is; the next inspection moves on by its turn.

    Raises `DomainError` on "state", `StaleState` for one that is not there any more.
    """
    if state not in ComponentState.values:
        raise DomainError("state_unknown", _("请选现在是什么样"), field="state")
    said = clean_text(text, multiline=False)[:TEXT_MAX]
    with constraint_errors(), transaction.atomic():
        locked = _lock(component, Capability.INSPECT_COMPONENT, actor)
        if locked.is_gone:
            raise StaleState("component_gone", _("这个部件已经移除，不用再检查"))
        before, today = locked.state, timezone.localdate(at)
        if state != before:
            locked.state, locked.changed_on = state, today
        locked.inspected_on, locked.inspect_due, locked.changed_at = today, None, at
        _set_due(locked, today)
        locked.save(update_fields=["state", "changed_on", "inspected_on", "inspect_due", "changed_at"])
        _note(locked, EntryKind.INSPECTED, before, actor, at, text=said)
        payload = {"state": locked.state, "inspect_due": locked.inspect_due}
        publish(
            events.COMPONENT_INSPECTED, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at
        )
    return locked


def components_write(
    *,
    drafts: Sequence[ComponentDraft],
    keys: Sequence[UUID],
    kind: EntryKind,
    text: str,
    actor: Viewer,
    at: datetime,
) -> list[Component]:
    """Write many at once with their first line of history, in the caller's transaction; numbers are given in order.

    5 SQL, and two more for each kind whose numbers are given. Raises `DomainError` for the first that is wrong.
    """
    rows = [_row(draft, at) for draft in drafts]
    for row, key in zip(rows, keys, strict=True):
        require(actor, Capability.EDIT_COMPONENT, row)
        row.submission_key = key
        _set_due(row, row.started_on)
    _number(rows)
    _check_all(rows, timezone.localdate(at))
    made = Component.objects.bulk_create(rows, batch_size=500)
    ComponentEntry.objects.bulk_create(
        (
            ComponentEntry(component=row, at=at, by=actor.staff_user, kind=kind, state_after=row.state, text=text)
            for row in made
        ),
        batch_size=500,
    )
    return made


def components_change(
    *, changes: Sequence[tuple[Component, Mapping[str, Any]]], text: str, actor: Viewer, at: datetime
) -> None:
    """Write what is different in many at once, each with its line of history and its event. 5 SQL a few hundred.

    In the caller's transaction. Raises `DomainError` for the first that is wrong, `Forbidden`.
    """
    today = timezone.localdate(at)
    pks = sorted(row.pk for row, _values in changes)
    rows = Component.objects.select_for_update(of=("self",), no_key=True).select_related("item").order_by("pk")
    locked = {row.pk: row for row in rows.filter(pk__in=pks)}
    entries: list[ComponentEntry] = []
    for known, values in changes:
        row = locked[known.pk]
        require(actor, Capability.EDIT_COMPONENT, row)
        before = row.state
        for name, value in values.items():
            setattr(row, name, value)
        require(actor, Capability.EDIT_COMPONENT, row)
        row.changed_on, row.changed_at = max(today, row.started_on), at
        _set_due(row, today)
        entries.append(
            ComponentEntry(
                component=row, at=at, by=actor.staff_user, kind=EntryKind.IMPORTED, state_before=before,
                state_after=row.state, fields=sorted(values), text=text,
            )
        )  # fmt: skip
    _check_all(list(locked.values()), today)
    names = {name for _row, values in changes for name in values} | {"changed_on", "changed_at", "inspect_due"}
    Component.objects.bulk_update(locked.values(), sorted(names), batch_size=500)
    ComponentEntry.objects.bulk_create(entries, batch_size=500)
    publish_many(
        NewEvent(
            event_type=events.COMPONENT_CHANGED,
            subject=ref_of(locked[known.pk]),
            actor=actor,
            area_code=locked[known.pk].area_code,
            payload={"fields": sorted(values), "state": locked[known.pk].state},
            at=at,
        )
        for known, values in changes
    )


def publish_entered(rows: Sequence[Component], *, actor: Viewer, at: datetime) -> None:
    """Tell of many that were entered. 1 SQL."""
    publish_many(
        NewEvent(
            event_type=events.COMPONENT_ENTERED,
            subject=ref_of(row),
            actor=actor,
            area_code=row.area_code,
            payload={"code": row.item.code},
            at=at,
        )
        for row in rows
    )


def _lock(component: Component, capability: Capability, actor: Viewer) -> Component:
    rows = Component.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: Component = rows.select_related("item").get(pk=component.pk)
    require(actor, capability, locked)
    return locked


def _row(draft: ComponentDraft, at: datetime) -> Component:
    """The row as it shall be, in the grid of its position."""
    values: dict[str, Any] = {one.name: getattr(draft, one.name) for one in fields(ComponentDraft)}
    for name in ("name", "place", "manager_name", "manager_code", "owner_name", "maintainer_name", "source", "note"):
        values[name] = clean_text(values[name], multiline=name == "note")
    for role in ("manager", "owner", "maintainer"):
        if values[role] is not None:
            values[f"{role}_name"] = ""  # one answer to who it is
    if draft.lng is not None and draft.lat is not None:
        values["area_code"] = grid_at(draft.lng, draft.lat) or draft.area_code
    if not values["area_code"]:
        raise DomainError("area_missing", AREA_MISSING, field="area_code")
    return Component(**values, changed_at=at)


def _set_due(row: Component, today: date) -> None:
    """The next inspection: by its turn from the last one, else from today; a date that stands is kept."""
    if row.inspect_every is None:
        row.inspect_due = None
        return
    if row.inspected_on is not None:
        row.inspect_due = row.inspected_on + timedelta(days=row.inspect_every)
    elif row.inspect_due is None:
        row.inspect_due = today + timedelta(days=row.inspect_every)


def _number(rows: Sequence[Component]) -> None:
    """Give numbers to those that bring none: county, kind, the next of the sequence."""
    waiting: defaultdict[str, list[Component]] = defaultdict(list)
    for row in rows:
        if not row.identity:
            waiting[row.area_code[:6] + row.item.code].append(row)
    for prefix, found in sorted(waiting.items()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", [f"grid.component:{prefix}"])
        last = Component.objects.filter(identity__startswith=prefix).aggregate(last=Max("identity"))["last"]
        taken = {row.identity for row in rows}
        number = int(last[11:]) if last else 0
        for row in found:
            number += 1
            while f"{prefix}{number:06}" in taken:
                number += 1
            if number > SEQUENCE_MAX:
                raise DomainError("identities_used_up", _("这一种的顺序号用完了"), field="identity")
            row.identity = f"{prefix}{number:06}"


def _check_all(rows: Sequence[Component], today: date) -> None:
    """Raise `DomainError` for the first row that is wrong. 1 SQL."""
    asked = {row.area_code for row in rows}
    in_use = set(Area.objects.valid_on(today).filter(code__in=asked).values_list("code", flat=True))
    for row in rows:
        if row.identity[6:11] != row.item.code:
            raise DomainError("identity_of_other_kind", _("标识码里的种类和选的种类不一样"), field="identity")
        if row.area_code not in in_use:
            raise DomainError("area_unknown", _("没有这个区域"), field="area_code")
        fields_checked(row, "component", exclude=["item", "manager", "owner", "maintainer"])


def _note(
    row: Component,
    kind: EntryKind,
    before: str,
    actor: Viewer,
    at: datetime,
    *,
    fields: Sequence[str] = (),
    text: str = "",
) -> None:
    ComponentEntry.objects.create(
        component=row,
        at=at,
        by=actor.staff_user,
        kind=kind,
        state_before=before,
        state_after=row.state,
        fields=list(fields),
        text=text,
    )
