"""Writing areas: checked against the code rules, their parents and their neighbours, in one transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.geometry import shape

from governance.access.areas import LEVELS, level
from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from grid import lookup
from grid.district import district_forget
from grid.events import TERRITORY_CHANGED
from grid.features import AreaDraft, drafts_of, geometry_of, polygon_of
from grid.models import Area, GeometryVersion
from grid.models.area import parent_code, shared_area
from grid.permissions import Capability
from grid.topology import Fault, Shape, faults_against_parents, faults_of_level, surface_m2

WRITTEN = (
    "level", "kind", "name", "name_en", "geometry", "min_lng", "min_lat", "max_lng", "max_lat",
    "label_lng", "label_lat", "surface_m2", "valid_from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreasLoaded:
    """What a load did: codes by outcome."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def area_create(
    *,
    code: str,
    name: str,
    actor: Viewer,
    at: datetime,
    name_en: str = "",
    kind: str = "",
    geometry: Mapping[str, Any] | None = None,
    valid_from: date | None = None,
) -> Area:
    """Add one area; `geometry` is GeoJSON in WGS-84. Raises like `areas_load`, and for a code that was ever used."""
    draft = AreaDraft(
        code=code.strip(),
        name=name.strip(),
        name_en=name_en.strip(),
        kind=kind,
        polygon=polygon_of(geometry, "wgs84", _("%(name)s（%(code)s）") % {"name": name, "code": code}),
        valid_from=valid_from,
    )
    with constraint_errors(), transaction.atomic():
        _lock_territory(at)
        if Area.objects.filter(code=draft.code).exists():
            raise DomainError("area_code_unique", _("这个编码已经用过，编码不能重复使用"), field="code")
        _write([draft], actor=actor, at=at)
    return Area.objects.get(code=draft.code)


def areas_load(*, geojson: Mapping[str, Any], actor: Viewer, at: datetime, datum: str = "wgs84") -> AreasLoaded:
    """Create or update areas from a GeoJSON FeatureCollection, all or none; see `grid.features.drafts_of`.

    A feature replaces name, kind and, if it brings one, the geometry of the area with its code; other areas stay.
    `valid_from` defaults to the local day of `at`. Raises `DomainError` for the first fault (and says how many more):
    unreadable features, codes of the wrong shape, missing parents, invalid polygons, overlaps, holes, children outside
    their parent; `Forbidden` where the actor may not change areas. About 10 SQL for any number of areas.
    """
    return areas_enter(drafts=drafts_of(geojson, datum), actor=actor, at=at)


def areas_enter(*, drafts: Sequence[AreaDraft], actor: Viewer, at: datetime) -> AreasLoaded:
    """Create areas by code and name, or change names and kinds of known ones, all or none; outlines come when they do.

    Raises as `areas_load` does. A code that is no more in use is refused.
    """
    if not drafts:
        return AreasLoaded((), (), ())
    with constraint_errors(), transaction.atomic():
        _lock_territory(at)
        return _write(drafts, actor=actor, at=at)


def _lock_territory(at: datetime) -> None:
    """Territory has one writer at a time: neighbours are checked against each other."""
    GeometryVersion.objects.get_or_create(pk=GeometryVersion.ROW, defaults={"changed_at": at})
    GeometryVersion.objects.select_for_update(no_key=True).get(pk=GeometryVersion.ROW)


def _write(drafts: Sequence[AreaDraft], *, actor: Viewer, at: datetime) -> AreasLoaded:
    for draft in drafts:
        require(actor, Capability.CHANGE_AREA, Scope(draft.code))
    day = timezone.localdate(at)
    known = {area.code: area for area in Area.objects.filter(code__in=[draft.code for draft in drafts])}
    areas = [_area(draft, known.get(draft.code), day) for draft in drafts]
    _check_codes(areas, day)
    _check_topology(areas, day)

    before = {code: tuple(getattr(area, field) for field in WRITTEN) for code, area in known.items()}
    changed = [area for area in areas if before.get(area.code) != tuple(getattr(area, field) for field in WRITTEN)]
    written = {area.code for area in changed}
    loaded = AreasLoaded(
        created=tuple(area.code for area in changed if area.code not in known),
        changed=tuple(area.code for area in changed if area.code in known),
        unchanged=tuple(area.code for area in areas if area.code not in written),
    )
    if changed:
        Area.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["code"], update_fields=WRITTEN, batch_size=500
        )
        _announce(loaded, actor=actor, at=at)
    return loaded


def _area(draft: AreaDraft, known: Area | None, day: date) -> Area:
    """The row as it shall be; field errors name the area."""
    area = Area(
        code=draft.code,
        level=level(draft.code),
        kind=draft.kind_or_usual if known is None or draft.kind else known.kind,
        name=draft.name,
        name_en=draft.name_en,
        valid_from=draft.valid_from or (known.valid_from if known else day),
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


def _check_topology(areas: Sequence[Area], day: date) -> None:
    """Check every level the load touches, together with the areas of that level that stay as they are."""
    touched = {area.level for area in areas if area.geometry is not None}
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


def _announce(loaded: AreasLoaded, *, actor: Viewer, at: datetime) -> None:
    version = GeometryVersion.objects.get(pk=GeometryVersion.ROW)
    version.stamp, version.changed_at = uuid.uuid4(), at
    version.save(update_fields=["stamp", "changed_at"])
    _forget_copies()
    transaction.on_commit(_forget_copies)
    publish(
        TERRITORY_CHANGED,
        subject=ref_of(version),
        actor=actor,
        area_code=shared_area([*loaded.created, *loaded.changed]),
        payload={
            "created": len(loaded.created),
            "changed": len(loaded.changed),
            "geometry_version": str(version.stamp),
        },
        at=at,
    )
