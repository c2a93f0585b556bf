"""GeoJSON in and out: features with `code`, `name` and a polygon become checked drafts of areas."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from governance.access.areas import level
from governance.errors import DomainError
from grid.coordinates import TO_WGS84
from grid.models.area import KINDS_OF_LEVEL, Area

DECIMALS = 7  # about a centimetre


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """An area as it arrives: not yet checked against its neighbours. The polygon is in degrees WGS-84 or absent."""

    code: str
    name: str
    name_en: str = ""
    kind: str = ""
    polygon: BaseGeometry | None = None
    valid_from: date | None = None

    @property
    def kind_or_usual(self) -> str:
        """The kind, or the usual one of the level (street, committee, basic grid) where none is given."""
        return self.kind or KINDS_OF_LEVEL.get(level(self.code), ("",))[0]


def drafts_of(collection: Mapping[str, Any], datum: str = "wgs84") -> list[AreaDraft]:
    """Read a GeoJSON FeatureCollection whose features carry `code` and `name`; a null geometry is allowed.

    `datum` is "wgs84" (also right for CGCS2000), "gcj02" or "bd09"; the result is WGS-84. Optional properties:
    `name_en`, `kind`, `valid_from` (YYYY-MM-DD). Raises `DomainError` naming the feature by its place in the file and
    its code.
    """
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":
        raise DomainError("not_a_collection", _("这不是 GeoJSON 的 FeatureCollection，请检查导出的格式"))
    if datum not in TO_WGS84:
        raise DomainError("datum_unknown", _("坐标系只认 wgs84（含 CGCS2000）、gcj02 和 bd09"), field="datum")
    drafts = [_draft(number, feature, datum) for number, feature in enumerate(features, start=1)]
    seen: dict[str, int] = {}
    for number, draft in enumerate(drafts, start=1):
        if draft.code in seen:
            message = _("第 %(one)s 个和第 %(two)s 个要素的编码都是 %(code)s") % {
                "one": seen[draft.code],
                "two": number,
                "code": draft.code,
            }
            raise DomainError("code_twice", message, field="code")
        seen[draft.code] = number
    return drafts


def polygon_of(geometry: Any, datum: str, which: str) -> BaseGeometry | None:
    """Polygon in degrees WGS-84 from a GeoJSON geometry or None; `which` names the area in errors."""
    if geometry is None:
        return None
    try:
        read = shape(geometry)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise DomainError("geometry_unreadable", _("%(area)s的边界读不出来") % {"area": which}, "geometry") from error
    if read.geom_type not in {"Polygon", "MultiPolygon"}:
        message = _("%(area)s的边界应是面（Polygon 或 MultiPolygon），现在是 %(type)s") % {
            "area": which,
            "type": read.geom_type,
        }
        raise DomainError("geometry_not_polygon", message, field="geometry")
    points = shapely.get_coordinates(read)
    if not np.isfinite(points).all() or (np.abs(points) > (180.0, 90.0)).any():
        message = _("%(area)s的坐标超出范围：应先经度后纬度，单位是度") % {"area": which}
        raise DomainError("coordinates_out_of_range", message, field="geometry")
    convert = TO_WGS84[datum]
    flat = shapely.force_2d(read)
    return shapely.transform(flat, lambda xy: np.round(np.column_stack(convert(xy[:, 0], xy[:, 1])), DECIMALS))


def collection_of(areas: Iterable[Area]) -> dict[str, Any]:
    """Areas as a FeatureCollection in WGS-84 that `drafts_of` reads back without a difference."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": area.code,
                "name": area.name,
                "name_en": area.name_en,
                "kind": area.kind,
                "valid_from": area.valid_from.isoformat(),
            },
            "geometry": area.geometry,
        }
        for area in areas
    ]
    return {"type": "FeatureCollection", "features": features}


def geometry_of(polygon: BaseGeometry, decimals: int = DECIMALS) -> dict[str, Any]:
    """GeoJSON geometry (lists, not tuples) with coordinates rounded to so many decimals."""
    rounded = shapely.transform(polygon, lambda points: np.round(points, decimals))
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return geometry


def _draft(number: int, feature: Any, datum: str) -> AreaDraft:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    if not isinstance(properties, Mapping):
        raise DomainError("feature_unreadable", _("第 %(number)s 个要素没有属性") % {"number": number})
    code, name = str(properties.get("code") or "").strip(), str(properties.get("name") or "").strip()
    if not code or not name:
        message = _("第 %(number)s 个要素缺少编码（code）或名称（name）") % {"number": number}
        raise DomainError("code_or_name_missing", message, field="code")
    return AreaDraft(
        code=code,
        name=name,
        name_en=str(properties.get("name_en") or "").strip(),
        kind=str(properties.get("kind") or "").strip(),
        polygon=polygon_of(feature.get("geometry"), datum, _("%(name)s（%(code)s）") % {"name": name, "code": code}),
        valid_from=_date(properties.get("valid_from"), number),
    )


def _date(value: Any, number: int) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        message = _("第 %(number)s 个要素的启用日期没有看懂，请写成 2026-01-05") % {"number": number}
        raise DomainError("date_unreadable", message, field="valid_from") from error
