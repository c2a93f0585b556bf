"""Writing compounds, buildings and their entrances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, constraint_errors, fields_checked
from governance.outbox.services import publish
from governance.web.idempotency import once
from population import events
from population.models import Building, BuildingUse, Compound, CompoundKind, Dwelling, Entrance, StandardAddress
from population.normalising import normalise
from population.permissions import Capability
from population.services.places import one_line, refuse_future, refuse_stale
from population.services.recording import differing, record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingData:
    """What a form says of a building. `name`: "7 幢"; floors as `Building` counts them."""

    name: str
    area_code: str
    floors_above: int
    floors_below: int = 0
    skipped_floors: Sequence[int] = ()
    use: str = BuildingUse.HOMES
    built_year: int | None = None
    aliases: Sequence[str] = ()


def compound_create(*, name: str, name_en: str, kind: str, area_code: str, actor: Viewer, at: datetime) -> Compound:
    """Enter a compound of a community or grid. Raises `DomainError` beside the field where it is there already."""
    require(actor, Capability.CHANGE_REGISTRY, Scope(area_code))
    row = Compound(name=one_line(name), name_en=one_line(name_en), kind=kind, area_code=area_code)
    if not row.name:
        raise DomainError("compound_name", _("请写名称"), field="name")
    if kind not in CompoundKind.values:
        raise DomainError("compound_kind", _("请选类型"), field="kind")
    fields_checked(row, "compound", exclude=["id"])
    if Compound.objects.filter(area_code=area_code, name=row.name).exists():
        raise DomainError("compound_name_unique", _("这个社区已经有这个名称的小区"), field="name")
    with constraint_errors(), transaction.atomic():
        row.save(force_insert=True)
        publish(events.COMPOUND_REGISTERED, subject=row, actor=actor, area_code=area_code, payload={}, at=at)
    return row


def building_create(
    *, compound: Compound, data: BuildingData, submission_key: UUID, actor: Viewer, at: datetime
) -> Building:
    """Enter a building of a compound with its standard address, and one entrance without a name.

    An address that the registry has already, with no building yet, is taken; another one is written with it. The same
    key twice is one building. Raises `DomainError` beside the field.
    """
    with constraint_errors(), transaction.atomic():
        if (known := once(Building.objects.all(), submission_key)) is not None:
            return known
        require(actor, Capability.CHANGE_REGISTRY, Scope(data.area_code))
        if not data.area_code.startswith(compound.area_code):
            raise DomainError("building_area", _("楼栋要落在小区所在的社区或网格里"), field="area_code")
        row = Building(
            compound=compound, area_code=data.area_code, submission_key=submission_key, changed_at=at, **_shape(data)
        )
        row.address = _address(compound, data)
        row.area_code = row.address.area_code
        require(actor, Capability.CHANGE_REGISTRY, row)
        row.save(force_insert=True)
        Entrance.objects.create(building=row, name="", position=1)
        publish(events.BUILDING_REGISTERED, subject=row, actor=actor, area_code=row.area_code, payload={}, at=at)
    return row


def building_change(
    *,
    building: Building,
    data: BuildingData,
    ended_on: date | None = None,
    source: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> Building:
    """Change floors, use, year, the day it was pulled down; name and place are its address's.

    Raises `DomainError`: "floor_in_use" where dwellings stand on a floor that would be no more, "building_in_use"
    where some still stand in a building that ends; `StaleState` where somebody wrote meanwhile.
    """
    with constraint_errors(), transaction.atomic():
        locked = Building.objects.select_for_update(of=("self",), no_key=True).get(pk=building.pk)
        require(actor, Capability.CHANGE_REGISTRY, locked)
        refuse_stale(locked, seen)
        before = differing(locked, _shape(data) | {"ended_on": ended_on})
        if not before:
            return locked
        _refuse_lost_floors(locked)
        if ended_on is not None:
            refuse_future(ended_on, at)
            if Dwelling.objects.standing().filter(building=locked).exists():
                raise DomainError("building_in_use", _("楼里还有户室，先把户室登记为不再存在"), field="ended_on")
        locked.changed_at = at
        locked.save()
        record_change(locked, before, source=source, actor=actor, at=at)
        publish(
            events.BUILDING_CHANGED,
            subject=locked,
            actor=actor,
            area_code=locked.area_code,
            payload={"fields": sorted(before), "source": source},
            at=at,
        )
    return locked


def entrance_add(
    *, building: Building, name: str, has_lift: bool | None = None, actor: Viewer, at: datetime
) -> Entrance:
    """Add an entrance. While the only one has neither a name nor dwellings, it gets this name instead."""
    name = one_line(name)
    with constraint_errors(), transaction.atomic():
        locked = Building.objects.select_for_update(of=("self",), no_key=True).get(pk=building.pk)
        require(actor, Capability.CHANGE_REGISTRY, locked)
        if not name or len(name) > 20:
            raise DomainError("entrance_name", _("请写单元的名称，例如 1单元，最多 20 个字"), field="name")
        entrances = list(locked.entrances.order_by("position", "id"))
        if any(normalise(one.name) == normalise(name) for one in entrances):
            raise DomainError("entrance_name_unique", _("这栋楼已经有这个单元"), field="name")
        row = entrances[0] if len(entrances) == 1 and not entrances[0].name else Entrance(building=locked)
        if row.pk is not None and row.dwellings.exists():
            raise DomainError(
                "entrance_unnamed",
                _("楼里的户室登记在没有名称的单元里；要分单元，先把它们登记为不再存在"),
                field="name",
            )
        row.name, row.has_lift = name, has_lift
        row.position = max((one.position for one in entrances if one.pk != row.pk), default=0) + 1
        row.save()
        publish(events.ENTRANCE_ADDED, subject=locked, actor=actor, area_code=locked.area_code, payload={}, at=at)
    return row


def _shape(data: BuildingData) -> dict[str, Any]:
    """The columns of a building that a form writes. Raises `DomainError` beside the field."""
    if not 1 <= data.floors_above <= 120:
        raise DomainError("building_floors", _("地上层数写 1 到 120"), field="floors_above")
    if not 0 <= data.floors_below <= 6:
        raise DomainError("building_floors", _("地下层数写 0 到 6"), field="floors_below")
    if data.built_year is not None and not 1800 <= data.built_year <= 2100:
        raise DomainError("building_year", _("建成年份请写四位数，例如 1998"), field="built_year")
    if data.use not in BuildingUse.values:
        raise DomainError("building_use", _("请选用途"), field="use")
    skipped = sorted(set(data.skipped_floors))
    if any(not -data.floors_below <= floor <= data.floors_above or floor == 0 for floor in skipped):
        raise DomainError("building_skipped", _("没有的楼层要在这栋楼的层数以内，例如 4，14"), field="skipped_floors")
    if len(skipped) >= data.floors_above + data.floors_below:
        raise DomainError("building_skipped", _("一栋楼至少有一层"), field="skipped_floors")
    return {
        "floors_above": data.floors_above,
        "floors_below": data.floors_below,
        "skipped_floors": skipped,
        "use": data.use,
        "built_year": data.built_year,
    }


def _address(compound: Compound, data: BuildingData) -> StandardAddress:
    """The standard address of a new building: one that waits for it, else a new one."""
    name = one_line(data.name)
    if not name or len(name) > 30:
        raise DomainError("building_name", _("请写楼栋或门牌，例如 7幢，最多 30 个字"), field="name")
    near = StandardAddress.objects.filter(estate=compound.name, area_code__startswith=compound.area_code[:12])
    for known in near.order_by("pk"):
        if normalise(known.building) == normalise(name):
            if Building.objects.filter(address=known).exists():
                raise DomainError("building_known", _("这个小区已经登记了这栋楼"), field="name")
            return known
    text = f"{compound.name}{name}"
    if StandardAddress.objects.filter(text=text).exists():
        raise DomainError("address_text_unique", _("别处已经有这个地址，请把名称写得更清楚"), field="name")
    aliases = [alias for alias in (one_line(one) for one in data.aliases) if alias]
    row = StandardAddress(
        text=text,
        estate=compound.name,
        building=name,
        aliases=aliases,
        area_code=data.area_code,
        search_text=" ".join(normalise(part) for part in (text, *aliases)),
    )
    fields_checked(row, "building", exclude=["id"])
    row.save(force_insert=True)
    return row


def _refuse_lost_floors(building: Building) -> None:
    standing = Dwelling.objects.standing().filter(building=building).order_by()
    lost = sorted(set(standing.values_list("floor", flat=True).distinct()) - set(building.floors))
    if lost:
        floors = ", ".join(str(floor) for floor in lost)
        raise DomainError("floor_in_use", _("%(floors)s 层还有户室，不能去掉") % {"floors": floors}, "floors_above")
