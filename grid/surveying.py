"""A file of outlines from somewhere else: how its columns read, what is wrong with it, what can be mended.

Nothing here writes. `read` makes rows of a FeatureCollection by a mapping of columns; `examine` finds faults and, where
asked, mends outlines: self-intersections by re-drawing them, gaps and overlaps up to a width by moving borders.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import cos, hypot, radians
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from governance.errors import DomainError
from grid.coordinates import TO_WGS84
from grid.features import AreaDraft, polygon_of
from grid.models import Area
from grid.reshaping import tidy
from grid.topology import METRES_PER_DEGREE, Fault, Plane, Shape, faults_of_level

FEATURES_MAX = 5_000
POINTS_MAX = 500_000
BY_NAME = "=name"  # in place of a column of codes: the area is known, and found by its name
MENDED_METRES = 20.0  # gaps and overlaps up to this width are mended
SHIFTED_METRES = 100.0  # a file that lies so far off is asked about: GCJ-02 is 300 to 700 m from WGS-84
TOLD_M2 = 0.5
_ENDINGS = re.compile(r"(街道办事处|街道|地区|社区居委会|居委会|社区|村委会|新区|镇|乡|村|区)$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which property of the file is what; "" where the file has none."""

    code: str
    name: str
    name_en: str = ""
    kind: str = ""
    within: str = ""  # the name or code of the area above, to tell areas of one name apart


@dataclass(frozen=True, slots=True)
class Known:
    """An area that the portal has: to find by name, and to see whether the file is shifted against it."""

    code: str
    name: str
    parent_name: str
    name_en: str
    middle: tuple[float, float] | None  # of the box around its outline, in degrees


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found: drafts that can be loaded, faults that stop the load, what was mended, how far it is shifted."""

    drafts: tuple[AreaDraft, ...]
    faults: tuple[str, ...]
    mended: tuple[str, ...]
    shift_metres: float | None
    advice: str


def properties_of(collection: Any) -> dict[str, str]:
    """Names of properties with a sample of their values, in the order of the first feature. Raises `DomainError`."""
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list) or not features or collection.get("type") != "FeatureCollection":
        raise DomainError("not_a_collection", _("这不是 GeoJSON 的 FeatureCollection，请检查导出的格式"), field="file")
    if len(features) > FEATURES_MAX:
        message = _("一次最多导入 %(most)s 个区域，请分几次") % {"most": f"{FEATURES_MAX:,}"}
        raise DomainError("too_many_features", message, field="file")
    found: dict[str, list[str]] = {}
    for feature in features[:200]:
        for name, value in ((feature.get("properties") or {}) if isinstance(feature, Mapping) else {}).items():
            samples = found.setdefault(str(name), [])
            if len(samples) < 3 and value not in (None, "") and str(value) not in samples:
                samples.append(str(value)[:30])
    return {name: _("、").join(samples) for name, samples in found.items()}


def survey(
    collection: Mapping[str, Any], columns: Columns, *, datum: str, known: Sequence[Known], mend: bool
) -> Survey:
    """Read the file by its columns and find everything that is wrong with it."""
    faults: list[str] = []
    mended: list[str] = []
    drafts = list(_drafts(collection, columns, datum, known, faults))
    faults += _twice(drafts)
    if mend:
        drafts, done = _mended(drafts)
        mended += done
    shift, advice = _advice(drafts, known, datum)
    if not faults:
        shapes = [Shape(one.code, one.name, one.polygon) for one in drafts if one.polygon is not None]
        faults += [fault.message for fault in _level_faults(shapes)]
    return Survey(tuple(drafts), tuple(faults), tuple(mended), shift, advice)


def _drafts(
    collection: Mapping[str, Any], columns: Columns, datum: str, known: Sequence[Known], faults: list[str]
) -> Iterable[AreaDraft]:
    points = 0
    for number, feature in enumerate(collection["features"], start=1):
        properties = (feature.get("properties") or {}) if isinstance(feature, Mapping) else {}
        values = {
            key: str(properties.get(getattr(columns, key)) or "").strip() if getattr(columns, key) else ""
            for key in ("name", "name_en", "kind", "within")
        }
        which = _("第 %(number)s 个（%(name)s）") % {"number": number, "name": values["name"]}
        try:
            code, name, name_en = _code(properties, columns, values, known, which)
            polygon = polygon_of(feature.get("geometry"), datum, which)
        except DomainError as error:
            faults.append(str(error))
            continue
        points += int(shapely.get_num_coordinates(polygon)) if polygon is not None else 0
        if points > POINTS_MAX:
            faults.append(_("文件里的点太多，最多 %(most)s 个，请先简化") % {"most": f"{POINTS_MAX:,}"})
            return
        yield AreaDraft(code, name, name_en, values["kind"], polygon)


def _code(
    properties: Mapping[str, Any], columns: Columns, values: Mapping[str, str], known: Sequence[Known], which: str
) -> tuple[str, str, str]:
    """Code and names of a feature: from its columns, or of the known area with its name."""
    if columns.code != BY_NAME:
        code = str(properties.get(columns.code) or "").strip()
        if not code or not values["name"]:
            raise DomainError("code_or_name_missing", _("%(which)s缺少编码或名称") % {"which": which})
        return code, values["name"], values["name_en"]
    fitting = [one for one in known if _alike(one.name, values["name"])]
    if len(fitting) > 1 and values["within"]:
        above = values["within"]
        fitting = [one for one in fitting if _alike(one.parent_name, above) or one.code.startswith(above)]
    if len(fitting) != 1:
        message = _("%(which)s没有对应的区域") if not fitting else _("%(which)s有几个同名的区域，分不清是哪一个")
        raise DomainError("area_not_found", message % {"which": which})
    return fitting[0].code, fitting[0].name, fitting[0].name_en


def _alike(one: str, other: str) -> bool:
    """Whether two names differ at most by the ending that says a kind: files write 南澳 for 南澳街道."""
    return not {one, _ENDINGS.sub("", one)}.isdisjoint({other, _ENDINGS.sub("", other)} - {""})


def _twice(drafts: Sequence[AreaDraft]) -> list[str]:
    seen: dict[str, str] = {}
    found = []
    for one in drafts:
        if one.code in seen:
            words = {"code": one.code, "one": seen[one.code], "other": one.name}
            found.append(_("编码 %(code)s 用了两次：%(one)s、%(other)s") % words)
        seen[one.code] = one.name
    return found


def _mended(drafts: Sequence[AreaDraft]) -> tuple[list[AreaDraft], list[str]]:
    """Outlines that cross themselves drawn again, then borders moved so that nothing narrow gapes or overlaps."""
    mended: list[str] = []
    valid: list[AreaDraft] = []
    for one in drafts:
        if one.polygon is not None and not one.polygon.is_valid:
            one = replace(one, polygon=tidy(shapely.make_valid(one.polygon)))
            mended.append(_("%(name)s（%(code)s）的边界自己相交，已经理顺") % {"name": one.name, "code": one.code})
        valid.append(one)
    drawn = [(one, one.polygon) for one in valid if one.polygon is not None]
    if not _level_faults([Shape(one.code, one.name, polygon) for one, polygon in drawn]):
        return valid, mended
    plane = Plane.around([polygon for _one, polygon in drawn])
    flat = [plane.flat(polygon) for _one, polygon in drawn]
    cleaned = shapely.coverage_clean(np.array(flat, dtype=object), gap_width=MENDED_METRES)  # type: ignore[attr-defined]
    moved = shapely.symmetric_difference(flat, cleaned)
    if not shapely.is_empty(shapely.buffer(moved, -MENDED_METRES / 2)).all():
        return valid, mended  # something wide would go to one side or the other: that is for a person to decide
    after = {one.code: one for one in valid}
    for (one, _polygon), new, change in zip(drawn, cleaned, moved, strict=True):
        after[one.code] = replace(one, polygon=plane.round_earth(new))
        if change.area >= TOLD_M2:
            words = {"name": one.name, "code": one.code, "surface": f"{change.area:,.1f}"}
            mended.append(_("%(name)s（%(code)s）的边界挪了约 %(surface)s 平方米，和旁边对齐") % words)
    return [after[one.code] for one in valid], mended


def _level_faults(shapes: Sequence[Shape]) -> list[Fault]:
    by_length: dict[int, list[Shape]] = {}
    for one in shapes:
        by_length.setdefault(len(one.code), []).append(one)
    return [fault for group in by_length.values() for fault in faults_of_level(group)]


def _advice(drafts: Sequence[AreaDraft], known: Sequence[Known], datum: str) -> tuple[float | None, str]:
    """How far the file lies from the outlines that the portal has, and whether its datum was declared wrongly."""
    shift = _shift(drafts, known, "wgs84")
    if shift is None or shift < SHIFTED_METRES:
        return shift, ""
    for other in TO_WGS84:
        if other != "wgs84" and datum == "wgs84" and (back := _shift(drafts, known, other) or 0.0) < shift / 4:
            words = {"shift": f"{shift:,.0f}", "other": other.upper(), "back": f"{back:,.0f}"}
            told = _("文件和已有的边界差约 %(shift)s 米，按 %(other)s 换算后只差约 %(back)s 米，请核对坐标系")
            return shift, told % words
    return shift, _("文件和已有的边界差约 %(shift)s 米，请核对坐标系") % {"shift": f"{shift:,.0f}"}


def _shift(drafts: Sequence[AreaDraft], known: Sequence[Known], datum: str) -> float | None:
    """Median distance in metres between the middles of outlines here and in the portal; None where none is in both."""
    places = {one.code: one.middle for one in known if one.middle is not None}
    away = []
    for one in drafts:
        if one.polygon is None or (place := places.get(one.code)) is None:
            continue
        west, south, east, north = one.polygon.bounds
        lng, lat = TO_WGS84[datum]((west + east) / 2, (south + north) / 2)
        away.append(hypot((lng - place[0]) * cos(radians(lat)), lat - place[1]) * METRES_PER_DEGREE)
    return float(np.median(away)) if away else None


def areas_known(day: date) -> list[Known]:
    """Areas in use on the day, with the names of those above them and the middle of the box around them. 1 SQL."""
    rows = Area.objects.valid_on(day).defer("geometry").order_by("code")
    areas = {area.code: area for area in rows}
    return [
        Known(
            code=code,
            name=area.name,
            parent_name=areas[area.parent_code].name if area.parent_code in areas else "",
            name_en=area.name_en,
            middle=None
            if area.min_lng is None or area.max_lng is None or area.min_lat is None or area.max_lat is None
            else ((area.min_lng + area.max_lng) / 2, (area.min_lat + area.max_lat) / 2),
        )
        for code, area in areas.items()
    ]
