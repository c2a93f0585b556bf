"""Writing dwellings: one by one, or floor by floor for a whole building."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.text import clean_text
from governance.web.idempotency import once
from population import events
from population.models import (
    Building,
    Dispute,
    Dwelling,
    DwellingUse,
    Entrance,
    LegalEntity,
    Occupancy,
    Residency,
)
from population.permissions import Capability
from population.services.recording import differing, record_change

ADDED_MOST = 2000  # dwellings in one go


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellingData:
    """What a form says of a dwelling; areas in m2."""

    floor: int
    door: str
    use: str = DwellingUse.HOME
    occupancy: str = Occupancy.UNKNOWN
    dispute: Dispute | str = ""
    area_m2: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPlan:
    """So many doors on each floor from one to another, numbered from `first_door`: 3 doors on 5 are 501, 502, 503."""

    from_floor: int
    to_floor: int
    doors: int
    first_door: int = 1
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan makes of a building: new dwellings, doors that are there already, floors that do not exist."""

    rows: list[Dwelling] = field(default_factory=list)
    known: list[Dwelling] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)


def dwellings_planned(building: Building, entrances: Sequence[Entrance], plan: FloorPlan) -> Planned:
    """What the plan would add: nothing is written. 1 SQL. Raises `DomainError` beside the field.

    Floors that the building does not have are left out, doors that are there already stay as they are.
    """
    _judge_plan(building, entrances, plan)
    made = Planned()
    standing = Dwelling.objects.standing().filter(building=building).values_list("entrance", "door")
    known = set(standing.order_by())
    every = range(plan.from_floor, plan.to_floor + 1)
    floors = [floor for floor in every if floor in building.floors]
    made.left_out.extend(floor for floor in every if floor not in building.floors and floor != 0)
    for entrance in entrances:
        for floor in floors:
            for number in range(plan.first_door, plan.first_door + plan.doors):
                door = f"{'B' if floor < 0 else ''}{abs(floor)}{number:0{plan.digits}}"
                row = Dwelling(building=building, entrance=entrance, floor=floor, door=door)
                (made.known if (entrance.pk, door) in known else made.rows).append(row)
    if len(made.rows) > ADDED_MOST:
        most = _("一次最多生成 %(most)s 户，分几次来") % {"most": ADDED_MOST}
        raise DomainError("plan_too_large", most, field="doors")
    return made


def dwellings_generate(
    *, building: Building, entrances: Sequence[Entrance], plan: FloorPlan, source: str, actor: Viewer, at: datetime
) -> int:
    """Add the dwellings of a plan that are not there yet; returns how many. A second press adds none."""
    with constraint_errors(), transaction.atomic():
        locked = Building.objects.select_for_update(of=("self",), no_key=True).get(pk=building.pk)
        require(actor, Capability.CHANGE_REGISTRY, locked)
        _refuse_ended(locked)
        rows = dwellings_planned(locked, entrances, plan).rows
        for row in rows:
            _collect(row, source, actor, at)
        Dwelling.objects.bulk_create(rows, batch_size=500)
        if rows:
            publish(
                events.DWELLINGS_GENERATED,
                subject=locked,
                actor=actor,
                area_code=locked.area_code,
                payload={"count": len(rows), "source": source},
                at=at,
            )
    return len(rows)


def dwelling_add(
    *, entrance: Entrance, data: DwellingData, submission_key: UUID, source: str, actor: Viewer, at: datetime
) -> Dwelling:
    """Enter one dwelling. The same key twice is one dwelling. Raises `DomainError` beside the field."""
    with constraint_errors(), transaction.atomic():
        if (known := once(Dwelling.objects.all(), submission_key)) is not None:
            return known
        building = Building.objects.select_for_update(of=("self",), no_key=True).get(pk=entrance.building_id)
        require(actor, Capability.CHANGE_REGISTRY, building)
        _refuse_ended(building)
        row = Dwelling(building=building, entrance=entrance, submission_key=submission_key, **_judged(data, building))
        _refuse_door(row)
        _collect(row, source, actor, at)
        row.save(force_insert=True)
        _tell(events.DWELLING_REGISTERED, row, {"source": source}, actor, at)
    return row


def dwelling_change(
    *,
    dwelling: Dwelling,
    data: DwellingData,
    source: str,
    actor: Viewer,
    at: datetime,
    seen: datetime | None = None,
) -> Dwelling:
    """Correct a dwelling; what it was is kept. Counts as confirmed, too. Raises as `dwelling_add`, and `StaleState`."""
    with constraint_errors(), transaction.atomic():
        locked = _lock(dwelling, actor)
        refuse_stale(locked, seen)
        before = differing(locked, _judged(data, locked.building))
        if "door" in before:
            _refuse_door(locked)
        _confirm(locked, source, actor, at)
        if before:
            locked.changed_at = at
        locked.save()
        record_change(locked, before, source=source, actor=actor, at=at)
        if before:
            _tell(events.DWELLING_CHANGED, locked, {"fields": sorted(before), "source": source}, actor, at)
        else:
            _tell(events.DWELLING_CONFIRMED, locked, {"source": source}, actor, at)
    return locked


def dwelling_confirm(*, dwelling: Dwelling, source: str, actor: Viewer, at: datetime) -> Dwelling:
    """Note that somebody saw that the record of a dwelling is right."""
    with transaction.atomic():
        locked = _lock(dwelling, actor)
        _confirm(locked, source, actor, at)
        locked.save(update_fields=["confirmed_at", "confirmed_by", "source"])
        _tell(events.DWELLING_CONFIRMED, locked, {"source": source}, actor, at)
    return locked


def dwelling_end(*, dwelling: Dwelling, ended_on: date, source: str, actor: Viewer, at: datetime) -> Dwelling:
    """A dwelling is no more: pulled down, or joined with another. What it was stays readable.

    Raises `DomainError`: "dwelling_lived_in" while somebody is registered there, "dwelling_has_entity" while a legal
    entity has its seat there, "ended_in_future".
    """
    with constraint_errors(), transaction.atomic():
        locked = _lock(dwelling, actor)
        refuse_future(ended_on, at)
        if Residency.objects.current().filter(dwelling=locked).exists():
            raise DomainError("dwelling_lived_in", _("还有人登记在这一户，先办搬出或者改住处"), field="ended_on")
        if Residency.objects.filter(dwelling=locked, to_date__gt=ended_on).exists():
            raise DomainError("dwelling_lived_in_then", _("那一天还有人登记在这里，请写晚一些的日子"), field="ended_on")
        if LegalEntity.objects.filter(dwelling=locked, closed_on__isnull=True).exists():
            raise DomainError("dwelling_has_entity", _("还有单位设在这里，先改单位的登记"), field="ended_on")
        before = differing(locked, {"ended_on": ended_on})
        locked.changed_at = at
        locked.save(update_fields=["ended_on", "changed_at"])
        record_change(locked, before, source=source, actor=actor, at=at)
        _tell(events.DWELLING_ENDED, locked, {"ended_on": ended_on.isoformat()}, actor, at)
    return locked


def _judged(data: DwellingData, building: Building) -> dict[str, Any]:
    """The columns of a dwelling that a form writes. Raises `DomainError` beside the field."""
    door = one_line(data.door)
    if not door or len(door) > 20:
        raise DomainError("dwelling_door", _("请写室号，最多 20 个字"), field="door")
    if data.floor not in building.floors:
        raise DomainError("floor_missing", _floor_words(data.floor, building), field="floor")
    choices: Mapping[str, tuple[str, Collection[str]]] = {
        "use": (data.use, DwellingUse.values),
        "occupancy": (data.occupancy, Occupancy.values),
        "dispute": (data.dispute, ("", *Dispute.values)),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise DomainError(f"dwelling_{name}", _("请从列出的里面选"), field=name)
    if data.area_m2 is not None and not 0 < data.area_m2 <= 100_000:
        raise DomainError("dwelling_area", _("面积要大于 0，最多 100000 平方米"), field="area_m2")
    return {
        "floor": data.floor,
        "door": door,
        "use": data.use,
        "occupancy": data.occupancy,
        "dispute": data.dispute,
        "area_m2": data.area_m2,
    }


def _floor_words(floor: int, building: Building) -> str:
    if floor in building.skipped_floors:
        return _("这栋楼没有 %(floor)s 层：登记时写了跳过这一层") % {"floor": floor}
    bounds = {"floor": floor, "most": building.floors_above, "below": building.floors_below}
    return _("这栋楼没有 %(floor)s 层：地上 %(most)s 层，地下 %(below)s 层") % bounds


def _judge_plan(building: Building, entrances: Sequence[Entrance], plan: FloorPlan) -> None:
    if not entrances or any(one.building_id != building.pk for one in entrances):
        raise DomainError("plan_entrances", _("请选单元"), field="entrances")
    for name, floor in (("from_floor", plan.from_floor), ("to_floor", plan.to_floor)):
        if floor not in building.floors:
            raise DomainError("floor_missing", _floor_words(floor, building), field=name)
    if plan.to_floor < plan.from_floor:
        raise DomainError("plan_floors", _("到哪层要不低于从哪层"), field="to_floor")
    if not 1 <= plan.doors <= 99 or plan.first_door + plan.doors - 1 > 99 or plan.first_door < 1:
        raise DomainError("plan_doors", _("每层 1 到 99 户，门号到 99 为止"), field="doors")
    if plan.digits not in (1, 2) or (plan.digits == 1 and plan.first_door + plan.doors - 1 > 9):
        raise DomainError("plan_digits", _("一位门号每层最多到 9"), field="digits")


def _refuse_door(row: Dwelling) -> None:
    same = Dwelling.objects.standing().filter(entrance=row.entrance_id, door=row.door).exclude(pk=row.pk)
    if same.exists():
        raise DomainError("dwelling_door_unique", _("这个单元已经有这个室号"), field="door")


def _refuse_ended(building: Building) -> None:
    if building.ended_on is not None:
        raise DomainError("building_ended", _("这栋楼登记为拆除了，不能再加户室"))


def refuse_future(day: date, at: datetime) -> None:
    """Refuse a day that has not come yet."""
    if day > timezone.localdate(at):
        raise DomainError("ended_in_future", _("这一天还没有到"), field="ended_on")


def refuse_stale(row: Building | Dwelling, seen: datetime | None) -> None:
    """Refuse to write over what somebody wrote since the form was opened."""
    if seen is not None and row.changed_at != seen:
        raise StaleState("place_changed", _("刚才有人改过这里的登记，请看现在写的是什么"))


def _lock(dwelling: Dwelling, actor: Viewer) -> Dwelling:
    rows = Dwelling.objects.select_for_update(of=("self",), no_key=True).select_related("building")
    locked: Dwelling = rows.get(pk=dwelling.pk)
    require(actor, Capability.CHANGE_REGISTRY, locked)
    if locked.ended_on is not None:
        raise StaleState("dwelling_ended", _("这一户登记为不再存在了，不能再改"))
    return locked


def _collect(row: Dwelling, source: str, actor: Viewer, at: datetime) -> None:
    row.area_code = row.building.area_code
    row.collected_at = row.changed_at = at
    row.collected_by_id = actor.user_id
    _confirm(row, source, actor, at)


def _confirm(row: Dwelling, source: str, actor: Viewer, at: datetime) -> None:
    row.source, row.confirmed_at, row.confirmed_by_id = source, at, actor.user_id


def _tell(event: EventType, row: Dwelling, payload: dict[str, Any], actor: Viewer, at: datetime) -> None:
    publish(event, subject=row, actor=actor, area_code=row.area_code, payload=payload, at=at)


def one_line(text: str) -> str:
    """Text of one line, with single spaces."""
    return " ".join(clean_text(text, multiline=False).split())
