"""The only writers of legal entities and of underground spaces."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors, fields_checked
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.privacy.blind_index import phone_digits
from governance.privacy.services import log_read
from governance.text import clean_text
from population import events
from population.check_digits import credit_code_judged, plain
from population.models import (
    Building,
    Compound,
    Dwelling,
    EntityKind,
    LegalEntity,
    SpaceKind,
    SpaceUse,
    StaffBand,
    UndergroundSpace,
)
from population.normalising import normalise
from population.permissions import Capability
from population.services.recording import differing, record_change

CONTACTS = {LegalEntity: ("representative", "phone"), UndergroundSpace: ("keeper_name", "keeper_phone")}
Kept = LegalEntity | UndergroundSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityData:
    """What a form or a row of a table says of a legal entity."""

    name: str
    kind: str
    name_en: str = ""
    credit_code: str = ""
    trade: str = ""
    staff: str = ""
    representative: str = ""
    phone: str = ""
    opened_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceData:
    """What a form says of an underground space (m2). Its keeper is an entity of the registry, or named by words."""

    label: str
    kind: str
    use: str
    level: int = 1
    area_m2: Decimal | None = None
    keeper: LegalEntity | None = None
    keeper_name: str = ""
    keeper_phone: str = ""
    inspect_due: date | None = None


def entity_judged(data: EntityData) -> tuple[EntityData, list[DomainError]]:
    """Return the data as they are kept, and every fault, each beside its field. Asks nobody: no SQL.

    A credit code with I or O says which letter or digit is probably meant (GB 32100 has neither).
    """
    faults: list[DomainError] = []
    kept = replace(
        data, name=_line(data.name), name_en=_line(data.name_en), trade=_line(data.trade),
        representative=_line(data.representative), credit_code=plain(data.credit_code), phone=phone_digits(data.phone),
    )  # fmt: skip
    if not kept.name:
        faults.append(DomainError("entity_name", _("请写单位的名称"), field="name"))
    if kept.kind not in EntityKind.values:
        faults.append(DomainError("entity_kind", _("请选单位的类型"), field="kind"))
    if kept.staff and kept.staff not in StaffBand.values:
        faults.append(DomainError("entity_staff", _("人数没有看懂"), field="staff"))
    if kept.credit_code and (fault := credit_code_judged(kept.credit_code).fault):
        faults.append(DomainError("entity_credit_code", fault, field="credit_code"))
    if data.phone.strip() and not 7 <= len(kept.phone) <= 15:
        faults.append(DomainError("entity_phone", _phone_words(), field="phone"))
    return kept, faults


def entity_create(
    *, data: EntityData, building: Building, dwelling: Dwelling | None = None, source: str, actor: Viewer, at: datetime
) -> LegalEntity:
    """Enter an entity with its seat in a building, or in one dwelling of it.

    Raises the first fault; "entity_known" where an open one of that name sits there already: pressed twice is one.
    """
    kept = _first_fault(*entity_judged(data))
    require(actor, Capability.CHANGE_ENTITY, building)
    _refuse_future(kept.opened_on, at, "opened_on")
    if dwelling is not None and dwelling.building_id != building.pk:
        raise DomainError("dwelling_elsewhere", _("这一户不在这栋楼里"), field="dwelling")
    with constraint_errors(), transaction.atomic():
        Building.objects.select_for_update(of=("self",), no_key=True).get(pk=building.pk)
        if building.entities.filter(name=kept.name, closed_on__isnull=True).exists():
            raise DomainError("entity_known", _("这栋楼里已经登记了这个单位"), field="name")
        row = LegalEntity(
            **_entity_columns(kept), building=building, dwelling=dwelling, area_code=building.area_code,
            **_collected(source, actor, at), changed_at=at,
        )  # fmt: skip
        fields_checked(row, "entity", exclude=["building", "dwelling", "organisation", "collected_by", "confirmed_by"])
        row.save(force_insert=True)
        _tell(events.ENTITY_REGISTERED, row, {"source": source}, actor, at)
    return row


def entity_change(
    *, entity: LegalEntity, data: EntityData, source: str, actor: Viewer, at: datetime, seen: datetime | None = None
) -> LegalEntity:
    """Correct an entity; what was before is kept. Counts as confirmed, too. `seen`: its `changed_at` as it was read."""
    kept = _first_fault(*entity_judged(data))
    _refuse_future(kept.opened_on, at, "opened_on")
    return _change(entity, _entity_columns(kept), events.ENTITY_CHANGED, source, actor, at, seen)


def entity_confirm(*, entity: LegalEntity, source: str, actor: Viewer, at: datetime) -> LegalEntity:
    """Note that somebody saw that the record is right."""
    return _change(entity, {}, events.ENTITY_CONFIRMED, source, actor, at, None)


def entity_close(*, entity: LegalEntity, closed_on: date, source: str, actor: Viewer, at: datetime) -> LegalEntity:
    """Note that it was closed, or moved away, on a day. It stays, with its past."""
    _refuse_future(closed_on, at, "closed_on")
    return _change(entity, {"closed_on": closed_on}, events.ENTITY_CHANGED, source, actor, at, None)


def space_judged(data: SpaceData) -> tuple[SpaceData, list[DomainError]]:
    """Return the data as they are kept, and every fault beside its field. No SQL."""
    faults: list[DomainError] = []
    kept = replace(
        data, label=_line(data.label), keeper_name=_line(data.keeper_name), keeper_phone=phone_digits(data.keeper_phone)
    )
    if not kept.label:
        faults.append(DomainError("space_label", _("请写这里叫什么"), field="label"))
    if kept.kind not in SpaceKind.values:
        faults.append(DomainError("space_kind", _("请选类型"), field="kind"))
    if kept.use not in SpaceUse.values:
        faults.append(DomainError("space_use", _("请选用途"), field="use"))
    if kept.keeper is None and not kept.keeper_name:
        faults.append(DomainError("space_keeper", _("请写管理人，或者选管理单位"), field="keeper_name"))
    if data.keeper_phone.strip() and not 7 <= len(kept.keeper_phone) <= 15:
        faults.append(DomainError("space_phone", _phone_words(), field="keeper_phone"))
    return kept, faults


def space_create(
    *, data: SpaceData, compound: Compound, building: Building | None = None, source: str, actor: Viewer, at: datetime
) -> UndergroundSpace:
    """Enter an underground space of a compound, under one of its buildings where it is known which."""
    kept = _first_fault(*space_judged(data))
    place: Building | Compound = building or compound
    require(actor, Capability.CHANGE_ENTITY, place)
    with constraint_errors(), transaction.atomic():
        Compound.objects.select_for_update(of=("self",), no_key=True).get(pk=compound.pk)
        if compound.spaces.filter(label=kept.label, building=building, ended_on__isnull=True).exists():
            raise DomainError("space_known", _("这里已经登记了这个地下空间"), field="label")
        row = UndergroundSpace(
            **_space_columns(kept), compound=compound, building=building, area_code=place.area_code,
            **_collected(source, actor, at), changed_at=at,
        )  # fmt: skip
        fields_checked(row, "space", exclude=["building", "compound", "keeper", "collected_by", "confirmed_by"])
        row.save(force_insert=True)
        _tell(events.SPACE_REGISTERED, row, {"source": source}, actor, at)
    return row


def space_change(
    *, space: UndergroundSpace, data: SpaceData, source: str, actor: Viewer, at: datetime, seen: datetime | None = None
) -> UndergroundSpace:
    """Correct an underground space; what was before is kept."""
    kept = _first_fault(*space_judged(data))
    return _change(space, _space_columns(kept), events.SPACE_CHANGED, source, actor, at, seen)


def space_inspect(
    *, space: UndergroundSpace, inspected_on: date, inspect_due: date | None, source: str, actor: Viewer, at: datetime
) -> UndergroundSpace:
    """Note an inspection and when the next is due (None: none was set). Raises `DomainError` beside the days."""
    _refuse_future(inspected_on, at, "inspected_on")
    if inspect_due is not None and inspect_due <= inspected_on:
        raise DomainError("due_before_inspection", _("下次检查要在这次以后"), field="inspect_due")
    values = {"inspected_on": inspected_on, "inspect_due": inspect_due}
    return _change(space, values, events.SPACE_INSPECTED, source, actor, at, None)


def contact_reveal(*, row: Kept, purpose: str, actor: Viewer, at: datetime) -> Kept:
    """Return the record to show who answers for it in the clear; logged with the purpose. Raises `Forbidden`."""
    if not purpose.strip():
        raise DomainError("purpose_required", _("请写为什么要看"), field="purpose")
    require(actor, Capability.REVEAL_PERSON, row)
    fields = [name for name in CONTACTS[type(row)] if getattr(row, name)]
    if fields:
        with transaction.atomic():
            log_read(user_id=actor.user_id, subject=row, fields=fields, purpose=purpose.strip(), at=at)
            _tell(events.CONTACT_REVEALED, row, {"fields": sorted(fields)}, actor, at)
    return row


def _change(
    row: Any, values: dict[str, Any], event: EventType, source: str, actor: Viewer, at: datetime, seen: datetime | None
) -> Any:
    with constraint_errors(), transaction.atomic():
        locked = type(row).objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        require(actor, Capability.CHANGE_ENTITY, locked)
        if seen is not None and locked.changed_at != seen:
            raise StaleState("entity_changed", _("刚才有人改过这条登记，请看现在写的是什么"))
        before = differing(locked, values)
        locked.source, locked.confirmed_at, locked.confirmed_by_id = source, at, actor.user_id
        if before:
            locked.changed_at = at
        fields_checked(
            locked, "entity",
            exclude=["building", "dwelling", "compound", "keeper", "organisation", "collected_by", "confirmed_by"],
        )  # fmt: skip
        locked.save()
        record_change(locked, before, source=source, actor=actor, at=at)
        told: dict[str, Any] = {"source": source}
        if "fields" in event.keys:
            told["fields"] = sorted(name.removesuffix("_id") for name in before if name != "search_text")
        _tell(event, locked, told, actor, at)
    return locked


def _entity_columns(data: EntityData) -> dict[str, Any]:
    return {
        "name": data.name,
        "name_en": data.name_en,
        "search_text": normalise(data.name)[:200],
        "kind": data.kind,
        "credit_code": data.credit_code,
        "trade": data.trade,
        "staff": data.staff,
        "representative": data.representative or None,
        "phone": data.phone or None,
        "opened_on": data.opened_on,
    }


def _space_columns(data: SpaceData) -> dict[str, Any]:
    return {
        "label": data.label,
        "kind": data.kind,
        "use": data.use,
        "level": data.level,
        "area_m2": data.area_m2,
        "keeper_id": data.keeper.pk if data.keeper is not None else None,
        "keeper_name": data.keeper_name or None,
        "keeper_phone": data.keeper_phone or None,
        "inspect_due": data.inspect_due,
    }


def _collected(source: str, actor: Viewer, at: datetime) -> dict[str, Any]:
    who = actor.user_id
    return {
        "source": source, "collected_at": at, "collected_by_id": who, "confirmed_at": at, "confirmed_by_id": who,
    }  # fmt: skip


def _tell(event: EventType, row: Kept, payload: dict[str, Any], actor: Viewer, at: datetime) -> None:
    publish(event, subject=row, actor=actor, area_code=row.area_code, payload=payload, at=at)


def _first_fault(kept: Any, faults: list[DomainError]) -> Any:
    if faults:
        raise faults[0]
    return kept


def _refuse_future(day: date | None, at: datetime, field: str) -> None:
    if day is not None and day > timezone.localdate(at):
        raise DomainError("in_future", _("这一天还没有到"), field=field)


def _line(text: str) -> str:
    return " ".join(clean_text(text, multiline=False).split())


def _phone_words() -> str:
    return _("电话没有看懂，请写 11 位手机号，座机写上区号")
