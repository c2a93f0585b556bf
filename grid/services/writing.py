"""How areas are written: checked against the code rules, their parents and their neighbours, what was before kept."""

import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.geometry import shape

from governance.access.areas import LEVELS, level
from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError
from governance.impact.succession import NOTHING_MOVES, Succession
from governance.outbox.services import publish
from governance.refs import ref_of
from grid import lookup
from grid.district import district_forget
from grid.events import TERRITORY_CHANGED
from grid.features import AreaDraft, geometry_of
from grid.models import Area, AreaChange, AreaVersion, ChangeKind, GeometryVersion
from grid.models.area import parent_code, shared_area
from grid.permissions import Capability
from grid.topology import Fault, Shape, faults_against_parents, faults_of_level, surface_m2

WRITTEN = (
    "level", "kind", "name", "name_en", "geometry", "min_lng", "min_lat", "max_lng", "max_lat",
    "label_lng", "label_lat", "surface_m2", "valid_from",
)  # fmt: skip
# What an earlier version keeps.
KEPT = (
    "kind", "name", "name_en", "geometry", "min_lng", "min_lat", "max_lng", "max_lat", "surface_m2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreasLoaded:
    """What a load did: codes by outcome."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def lock_territory(at: datetime) -> None:
    """Territory has one writer at a time: neighbours are checked against each other."""
    GeometryVersion.objects.get_or_create(pk=GeometryVersion.ROW, defaults={"changed_at": at})
    GeometryVersion.objects.select_for_update(no_key=True).get(pk=GeometryVersion.ROW)


def areas_write(
    drafts: Sequence[AreaDraft],
    *,
    actor: Viewer,
    at: datetime,
    kind: str = ChangeKind.LOAD,
    reason: str = "",
    ended: Sequence[Area] = (),
    succession: Succession = NOTHING_MOVES,
) -> tuple[AreasLoaded, AreaChange | None]:
    """End the areas `ended`, write the drafts, keep what was before, and announce it; call it after `lock_territory`.

    Raises `DomainError` where the territory would have a fault afterwards, `Forbidden` where the actor may not change
    areas. Returns what was done, and its record (None where nothing was).
    """
    for code in [draft.code for draft in drafts] + [area.code for area in ended]:
        require(actor, Capability.CHANGE_AREA, Scope(code))
    day = timezone.localdate(at)
    known = {area.code: area for area in Area.objects.filter(code__in=[draft.code for draft in drafts])}
    areas = [_area(draft, known.get(draft.code), day) for draft in drafts]
    if ended:
        codes = [area.code for area in ended]
        Area.objects.filter(code__in=codes).update(
            valid_to=Greatest("valid_from", Value(day)), version=F("version") + 1
        )
    _check_codes(areas, day)
    _check_topology(areas, day, {area.level for area in ended if area.geometry is not None})

    before = {code: tuple(getattr(area, field) for field in WRITTEN) for code, area in known.items()}
    changed = [area for area in areas if before.get(area.code) != tuple(getattr(area, field) for field in WRITTEN)]
    written = {area.code for area in changed}
    loaded = AreasLoaded(
        created=tuple(area.code for area in changed if area.code not in known),
        changed=tuple(area.code for area in changed if area.code in known),
        unchanged=tuple(area.code for area in areas if area.code not in written),
    )
    if not changed and not ended:
        return loaded, None
    if changed:
        Area.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["code"], update_fields=[*WRITTEN, "version"], batch_size=500
        )
    change = AreaChange.objects.create(
        kind=kind,
        reason=reason,
        at=at,
        by_id=actor.user_id,
        codes=sorted({*written, *(area.code for area in ended)}),
        code_map=list(succession.code_map),
    )
    _keep_versions([known[code] for code in loaded.changed], change, day)
    _announce(change, loaded, len(ended), succession, actor=actor, at=at)
    return loaded, change


def _keep_versions(areas: Sequence[Area], change: AreaChange, day: date) -> None:
    """Keep how these areas were until now. 2 SQL, or none."""
    if not areas:
        return
    codes = [area.code for area in areas]
    kept = AreaVersion.objects.filter(code__in=codes).order_by().values_list("code").annotate(Max("valid_to"))
    since = dict(kept)
    AreaVersion.objects.bulk_create(
        [
            AreaVersion(
                change=change,
                code=area.code,
                **{field: getattr(area, field) for field in KEPT},
                valid_from=(start := since.get(area.code, area.valid_from)),
                valid_to=max(start, day),
            )
            for area in areas
        ],
        batch_size=500,
    )


def _area(draft: AreaDraft, known: Area | None, day: date) -> Area:
    """The row as it shall be; field errors name the area."""
    area = Area(
        code=draft.code,
        level=level(draft.code),
        kind=draft.kind_or_usual if known is None or draft.kind else known.kind,
        name=draft.name,
        name_en=draft.name_en,
        valid_from=draft.valid_from or (known.valid_from if known else day),
        version=known.version + 1 if known else 1,
    )
    if known is not None and known.valid_to is not None:
        message = _("%(code)s 已经停用，编码不能重复使用") % {"code": draft.code}
        raise DomainError("area_code_retired", message, field="code")
    if draft.polygon is not None:
        _measure(area, draft.polygon)
    elif known is not None:
        for field in WRITTEN:
            if field in {"geometry", "surface_m2"} or field.endswith(("_lng", "_lat")):
                setattr(area, field, getattr(known, field))
    try:
        area.clean_fields(exclude=["level", "kind", "geometry"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        message = _("%(name)s（%(code)s）：%(fault)s") % {"name": draft.name, "code": draft.code, "fault": messages[0]}
        raise DomainError(f"area_{field}_invalid", message, field) from error
    return area


def _measure(area: Area, polygon: Any) -> None:
    area.geometry = geometry_of(polygon)
    if polygon.is_empty or not shapely.is_valid(polygon):
        return  # refused by the topology check, with a better message
    area.min_lng, area.min_lat, area.max_lng, area.max_lat = polygon.bounds
    width, height = area.max_lng - area.min_lng, area.max_lat - area.min_lat
    inside = shapely.maximum_inscribed_circle(polygon, tolerance=max(width, height) / 200).coords[0]
    area.label_lng, area.label_lat = round(inside[0], 6), round(inside[1], 6)
    area.surface_m2 = round(surface_m2(polygon), 1)


def _check_codes(areas: Sequence[Area], day: date) -> None:
    for area in areas:
        if not area.level or not area.code.isalnum() or not area.code.isascii() or area.code != area.code.upper():
            message = _("%(name)s的编码 %(code)s 不对：应为 6、9、12、15 或 17 位数字或大写字母") % {
                "name": area.name,
                "code": area.code,
            }
            raise DomainError("area_level_follows_code", message, field="code")
    loaded = {area.code for area in areas}
    missing = {parent for area in areas if (parent := parent_code(area.code)) and parent not in loaded}
    missing -= set(Area.objects.valid_on(day).filter(code__in=missing).values_list("code", flat=True))
    for area in areas:
        if area.parent_code in missing:
            message = _("%(name)s（%(code)s）的上级 %(parent)s 还没有，请先建上级") % {
                "name": area.name,
                "code": area.code,
                "parent": area.parent_code,
            }
            raise DomainError("area_parent_missing", message, field="code")


def _check_topology(areas: Sequence[Area], day: date, ended_levels: Set[str]) -> None:
    """Check every level the change touches, together with the areas of that level that stay as they are."""
    touched = {area.level for area in areas if area.geometry is not None} | ended_levels
    if not touched:
        return
    own = {area.code: area for area in areas}
    order = list(LEVELS.values())
    nearby = {
        order[i] for name in touched for i in range(order.index(name) - 1, order.index(name) + 2) if 0 <= i < len(order)
    }
    staying = Area.objects.valid_on(day).filter(level__in=nearby, geometry__isnull=False).exclude(code__in=own)
    shapes = {
        area.code: Shape(area.code, area.name, shape(area.geometry)) for area in [*areas, *staying] if area.geometry
    }
    faults: list[Fault] = []
    for name in order:
        if name in touched:
            faults += faults_of_level([one for code, one in sorted(shapes.items()) if level(code) == name])
    if not faults:
        pairs = {code: shapes[parent_code(code)] for code in shapes if parent_code(code) in shapes}
        pairs = {code: parent for code, parent in pairs.items() if code in own or parent.code in own}
        faults = faults_against_parents([shapes[code] for code in sorted(pairs)], pairs)
    if faults:
        raise DomainError(f"area_{faults[0].kind}", _summary(faults), field="geometry")


def _summary(faults: Sequence[Fault]) -> str:
    rest = len(faults) - 1
    if not rest:
        return _("%(first)s。") % {"first": faults[0].message}
    return ngettext("%(first)s。另外还有 %(rest)s 处问题。", "%(first)s。另外还有 %(rest)s 处问题。", rest) % {
        "first": faults[0].message,
        "rest": rest,
    }


def _forget_copies() -> None:
    """What this process keeps of the territory; other processes notice by themselves."""
    lookup.forget()
    district_forget()


def _announce(
    change: AreaChange, loaded: AreasLoaded, ended: int, succession: Succession, *, actor: Viewer, at: datetime
) -> None:
    version = GeometryVersion.objects.get(pk=GeometryVersion.ROW)
    version.stamp, version.changed_at = uuid.uuid4(), at
    version.save(update_fields=["stamp", "changed_at"])
    _forget_copies()
    transaction.on_commit(_forget_copies)
    publish(
        TERRITORY_CHANGED,
        subject=ref_of(version),
        actor=actor,
        area_code=shared_area(change.codes),
        payload={
            "kind": change.kind,
            "created": len(loaded.created),
            "changed": len(loaded.changed),
            "ended": ended,
            "code_map": list(succession.code_map),
            "relocated": list(succession.relocated),
            "geometry_version": str(version.stamp),
        },
        at=at,
    )
