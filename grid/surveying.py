"""A file of outlines from somewhere else: how its columns read, what is wrong with it, what can be mended.

Nothing here writes. `properties_of` and `proposed` say how the columns read; `survey` makes drafts of the features,
finds faults and, where asked, mends outlines.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import cos, hypot, radians
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from governance.errors import DomainError
from grid.coordinates import TO_WGS84
from grid.features import AreaDraft, polygon_of
from grid.models import Area
from grid.models.area import CODE_LENGTH, parent_code
from grid.reshaping import tidy
from grid.topology import METRES_PER_DEGREE, NARROW_METRES, Fault, Plane, Shape, faults_of_level

FEATURES_MAX = 5_000
POINTS_MAX = 500_000
VERTICES_MAX = 20_000  # of one outline: nobody could draw it anew on a map, or send it to a telephone
BY_NAME = "=name"  # in place of a column of codes: the area is known, and found by its name
SHIFTED_METRES = 100.0  # a file that lies so far off is asked about: GCJ-02 is 300 to 700 m from WGS-84
SAME_BOX = 0.03  # boxes whose sides differ by less belong to the same place
TOLD_M2 = 0.5
SIMPLIFY_METRES = 0.25  # where simplifying begins; doubled until an outline is short enough
_ENDINGS = re.compile(r"(街道办事处|街道|地区|社区居委会|居委会|社区|村委会|新区|镇|乡|村|区)$")
_CHINA_LNG, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)


class Repair(StrEnum):
    """What may be mended, in the order in which it is done."""

    SWAP = "swap"  # latitude and longitude changed places
    VALID = "valid"  # outlines that cross themselves, or whose holes touch their edge, are drawn again
    JOIN = "join"  # features of one code and name are parts of one area
    SIMPLIFY = "simplify"  # outlines with too many vertices lose those that change little
    SNAP = "snap"  # borders are moved so that nothing narrow gapes or overlaps


MENDING = frozenset(Repair) - {Repair.SWAP}  # what the command does on --mend


@dataclass(frozen=True, slots=True)
class Columns:
    """Which property of the file is what; "" where the file has none."""

    code: str
    name: str
    name_en: str = ""
    kind: str = ""
    within: str = ""  # the name or code of the area above, to tell areas of one name apart
    level: str = ""  # of all areas in the file: longer codes that end in zeros are cut, names are looked for here


@dataclass(frozen=True, slots=True)
class Known:
    """An area that the portal has: to find by name, and to see whether the file is shifted against it."""

    code: str
    name: str
    parent_name: str
    name_en: str
    box: tuple[float, float, float, float] | None  # west, south, east, north of its outline, in degrees


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found: drafts that can be loaded, faults that stop the load, what was mended, how far it is shifted."""

    drafts: tuple[AreaDraft, ...]
    found: tuple[Fault, ...]
    mended: tuple[str, ...]
    shift_metres: float | None
    advice: str

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults in words."""
        return tuple(fault.message for fault in self.found)


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
        for name, value in _properties(feature).items():
            samples = found.setdefault(str(name), [])
            if len(samples) < 3 and value not in (None, "") and str(value) not in samples:
                samples.append(str(value)[:30])
    return {name: _("、").join(samples) for name, samples in found.items()}


def repair_of(fault: Fault) -> Repair | None:
    """What would mend a fault; None where a person has to."""
    if fault.kind in {"overlap", "hole"}:
        return Repair.SNAP if fault.is_narrow else None
    kinds = {
        "invalid": Repair.VALID,
        "swapped": Repair.SWAP,
        "vertices": Repair.SIMPLIFY,
        "parts": Repair.JOIN,
    }
    return kinds.get(fault.kind)


def survey(
    collection: Mapping[str, Any],
    columns: Columns,
    *,
    datum: str,
    known: Sequence[Known],
    repairs: AbstractSet[Repair] = frozenset(),
    retired: AbstractSet[str] = frozenset(),
) -> Survey:
    """Read the file by its columns and find everything that is wrong with it.

    `retired` are codes that were used before and may not come back.
    """
    faults: list[Fault] = []
    mended: list[str] = []
    drafts = list(_drafts(collection, columns, datum, known, repairs, faults))
    drafts = _each_once(drafts, repairs, faults, mended)
    faults += [
        _fault("retired", one.code, _("编码 %(code)s 已经停用，编码不能重复使用") % {"code": one.code})
        for one in drafts
        if one.code in retired
    ]
    drafts = [_simplified(one, repairs, faults, mended) for one in drafts]
    if Repair.VALID in repairs:
        drafts = _redrawn(drafts, mended)
    if Repair.SNAP in repairs:
        drafts = _snapped(drafts, mended)
    shift, advice = _advice(drafts, known, datum)
    if all(fault.kind == "retired" for fault in faults):
        shapes = [Shape(one.code, one.name, one.polygon) for one in drafts if one.polygon is not None]
        faults += _level_faults(shapes)
    return Survey(tuple(drafts), tuple(faults), tuple(mended), shift, advice)


def drafts_read(collection: Mapping[str, Any], columns: Columns, known: Sequence[Known]) -> list[AreaDraft]:
    """What can be read of the file, not converted and not examined: for a look before its datum is known."""
    return list(_drafts(collection, columns, "wgs84", known, frozenset({Repair.SWAP}), []))


def variants(drafts: Sequence[AreaDraft], known: Sequence[Known]) -> dict[str, tuple[float, float, float | None]]:
    """Where the first outline would lie for each datum: (lng, lat, metres from what the portal has or None).

    `drafts` are as the file says, not converted.
    """
    first = next((one.polygon for one in drafts if one.polygon is not None and not one.polygon.is_empty), None)
    if first is None:
        return {}
    middle = _middle(first.bounds)
    found = {}
    for datum, convert in TO_WGS84.items():
        lng, lat = convert(*middle)
        found[datum] = (float(lng), float(lat), _shift(drafts, known, datum))
    return found


def _properties(feature: Any) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


def _fault(kind: str, code: str, message: str) -> Fault:
    return Fault(kind, (code,) if code else (), message, 0.0, 0.0)


def _drafts(
    collection: Mapping[str, Any],
    columns: Columns,
    datum: str,
    known: Sequence[Known],
    repairs: AbstractSet[Repair],
    faults: list[Fault],
) -> Iterable[AreaDraft]:
    points = 0
    for number, feature in enumerate(collection["features"], start=1):
        properties = _properties(feature)
        geometry: Any = feature.get("geometry") if isinstance(feature, Mapping) else None
        values = {
            key: str(properties.get(getattr(columns, key)) or "").strip() if getattr(columns, key) else ""
            for key in ("name", "name_en", "kind", "within")
        }
        which = _("第 %(number)s 个（%(name)s）") % {"number": number, "name": values["name"]}
        code = ""
        try:
            code, name, name_en = _code(properties, columns, values, known, which)
            if _looks_swapped(geometry):
                if Repair.SWAP not in repairs:
                    raise DomainError("swapped", _("%(which)s的经度和纬度好像写反了") % {"which": which})
                geometry = {"type": geometry.get("type"), "coordinates": _swapped(geometry["coordinates"])}
            polygon = polygon_of(geometry, datum, which)
        except DomainError as error:
            faults.append(_fault(error.code if error.code == "swapped" else "row", code, str(error)))
            continue
        points += int(shapely.get_num_coordinates(polygon)) if polygon is not None else 0
        if points > POINTS_MAX:
            message = _("文件里的点太多，最多 %(most)s 个，请先简化") % {"most": f"{POINTS_MAX:,}"}
            faults.append(_fault("row", "", message))
            return
        yield AreaDraft(code, name, name_en, values["kind"], polygon)


def _code(
    properties: Mapping[str, Any], columns: Columns, values: Mapping[str, str], known: Sequence[Known], which: str
) -> tuple[str, str, str]:
    """Code and names of a feature: from its columns, or of the known area with its name."""
    length = CODE_LENGTH.get(columns.level, 0)
    if columns.code != BY_NAME:
        code = str(properties.get(columns.code) or "").strip()
        if not code or not values["name"]:
            raise DomainError("code_or_name_missing", _("%(which)s缺少编码或名称") % {"which": which})
        if length and len(code) > length and not code[length:].strip("0"):
            code = code[:length]  # 440307011000 stands for 440307011
        if length and len(code) != length:
            message = _("%(which)s的编码 %(code)s 不是 %(length)s 位")
            raise DomainError("code_of_other_level", message % {"which": which, "code": code, "length": length})
        return code, values["name"], values["name_en"]
    fitting = [one for one in known if _alike(one.name, values["name"]) and (not length or len(one.code) == length)]
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


def _looks_swapped(geometry: Any) -> bool:
    """Whether a geometry lies in China once its coordinates change places: latitude was written first."""
    part = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    while isinstance(part, list) and part and isinstance(part[0], list):
        part = part[0]
    if not (isinstance(part, list) and len(part) >= 2 and all(isinstance(one, int | float) for one in part[:2])):
        return False
    return _CHINA_LAT[0] <= part[0] <= _CHINA_LAT[1] and _CHINA_LNG[0] <= part[1] <= _CHINA_LNG[1]


def _swapped(part: Any) -> Any:
    if isinstance(part, list) and part and isinstance(part[0], list):
        return [_swapped(one) for one in part]
    return [part[1], part[0], *part[2:]] if isinstance(part, list) and len(part) >= 2 else part


def _each_once(
    drafts: Sequence[AreaDraft], repairs: AbstractSet[Repair], faults: list[Fault], mended: list[str]
) -> list[AreaDraft]:
    """One draft a code. Parts of one name are joined where asked; two names are for a person to look at."""
    seen: dict[str, AreaDraft] = {}
    joined: set[str] = set()
    for one in drafts:
        first = seen.get(one.code)
        if first is None:
            seen[one.code] = one
            continue
        words = {"code": one.code, "one": first.name, "other": one.name}
        both = first.polygon is not None and one.polygon is not None and first.name == one.name
        if both and Repair.JOIN in repairs:
            polygon = shapely.union_all([shapely.make_valid(first.polygon), shapely.make_valid(one.polygon)])
            seen[one.code] = replace(first, polygon=polygon)
            joined.add(one.code)
        else:
            message = _("编码 %(code)s 用了两次：%(one)s、%(other)s") % words
            faults.append(_fault("parts" if both else "twice", one.code, message))
    mended += [
        _("%(name)s（%(code)s）有几块，合成了一个区域") % {"name": seen[code].name, "code": code}
        for code in sorted(joined)
    ]
    return list(seen.values())


def _simplified(one: AreaDraft, repairs: AbstractSet[Repair], faults: list[Fault], mended: list[str]) -> AreaDraft:
    """An outline that is not too long, or a fault that says so."""
    count = int(shapely.get_num_coordinates(one.polygon)) if one.polygon is not None else 0
    if count <= VERTICES_MAX or one.polygon is None:
        return one
    words: dict[str, Any] = {"name": one.name, "code": one.code, "count": f"{count:,}", "most": f"{VERTICES_MAX:,}"}
    if Repair.SIMPLIFY not in repairs:
        message = _("%(name)s（%(code)s）的边界有 %(count)s 个点，最多 %(most)s 个") % words
        faults.append(_fault("vertices", one.code, message))
        return replace(one, polygon=None)  # what follows would take minutes
    plane = Plane.around([one.polygon])
    flat, metres = plane.flat(shapely.make_valid(one.polygon)), SIMPLIFY_METRES
    while shapely.get_num_coordinates(short := shapely.simplify(flat, metres)) > VERTICES_MAX:
        metres *= 2
    words |= {"left": f"{int(shapely.get_num_coordinates(short)):,}", "metres": metres}
    mended.append(_("%(name)s（%(code)s）的边界从 %(count)s 个点简化到 %(left)s 个，偏离不超过 %(metres)s 米") % words)
    return replace(one, polygon=plane.round_earth(tidy(short)))


def _redrawn(drafts: Sequence[AreaDraft], mended: list[str]) -> list[AreaDraft]:
    """Outlines that cross themselves, drawn again."""
    valid = []
    for one in drafts:
        if one.polygon is not None and not one.polygon.is_valid:
            one = replace(one, polygon=tidy(shapely.make_valid(one.polygon)))
            mended.append(_("%(name)s（%(code)s）的边界自己相交，已经理顺") % {"name": one.name, "code": one.code})
        valid.append(one)
    return valid


def _snapped(drafts: Sequence[AreaDraft], mended: list[str]) -> list[AreaDraft]:
    """Borders moved, so that nothing narrow gapes or overlaps. What is wide stays: it is for a person to decide."""
    drawn = [(one, one.polygon) for one in drafts if one.polygon is not None]
    faults = _level_faults([Shape(one.code, one.name, polygon) for one, polygon in drawn])
    if not faults or any(fault.kind == "invalid" for fault in faults):
        return list(drafts)
    plane = Plane.around([polygon for _one, polygon in drawn])
    flat = [plane.flat(polygon) for _one, polygon in drawn]
    cleaned = shapely.coverage_clean(np.array(flat, dtype=object), gap_width=NARROW_METRES)  # type: ignore[attr-defined]
    moved = shapely.symmetric_difference(flat, cleaned)
    if not shapely.is_empty(shapely.buffer(moved, -NARROW_METRES / 2)).all():
        return list(drafts)  # something wide would go to one side or the other
    after = {one.code: one for one in drafts}
    for (one, _polygon), new, change in zip(drawn, cleaned, moved, strict=True):
        after[one.code] = replace(one, polygon=plane.round_earth(new))
        if change.area >= TOLD_M2:
            words = {"name": one.name, "code": one.code, "surface": f"{change.area:,.1f}"}
            mended.append(_("%(name)s（%(code)s）的边界挪了约 %(surface)s 平方米，和旁边对齐") % words)
    return [after[one.code] for one in drafts]


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
    """Median distance in metres between the middles of outlines here and in the portal; None where none is in both.

    Where no outline is known, all areas of one parent together are compared with the parent, if they fill it.
    """
    boxes = {one.code: one.box for one in known if one.box is not None}
    drawn = {one.code: one.polygon.bounds for one in drafts if one.polygon is not None and not one.polygon.is_empty}
    pairs = [(bounds, boxes[code]) for code, bounds in drawn.items() if code in boxes]
    if not pairs:
        families: dict[str, list[tuple[float, ...]]] = {}
        for code, bounds in drawn.items():
            families.setdefault(parent_code(code), []).append(bounds)
        whole = {
            code: (*np.min(group, axis=0)[:2].tolist(), *np.max(group, axis=0)[2:].tolist())
            for code, group in families.items()
            if code in boxes
        }
        pairs = [(box, boxes[code]) for code, box in whole.items() if _same_size(box, boxes[code])]
    away = []
    for bounds, place in pairs:
        (lng, lat), (there_lng, there_lat) = TO_WGS84[datum](*_middle(bounds)), _middle(place)
        away.append(hypot((lng - there_lng) * cos(radians(lat)), lat - there_lat) * METRES_PER_DEGREE)
    return float(np.median(away)) if away else None


def _middle(box: Sequence[float]) -> tuple[float, float]:
    west, south, east, north = box
    return (west + east) / 2, (south + north) / 2


def _same_size(one: Sequence[float], other: Sequence[float]) -> bool:
    sides = [(box[2] - box[0], box[3] - box[1]) for box in (one, other)]
    return all(abs(a - b) <= SAME_BOX * b for a, b in zip(*sides, strict=True))


def areas_known(day: date) -> list[Known]:
    """Areas in use on the day, with the names of those above them and the box around them. 1 SQL."""
    rows = Area.objects.valid_on(day).defer("geometry").order_by("code")
    areas = {area.code: area for area in rows}
    return [
        Known(
            code=code,
            name=area.name,
            parent_name=areas[area.parent_code].name if area.parent_code in areas else "",
            name_en=area.name_en,
            box=None
            if area.min_lng is None or area.max_lng is None or area.min_lat is None or area.max_lat is None
            else (area.min_lng, area.min_lat, area.max_lng, area.max_lat),
        )
        for code, area in areas.items()
    ]


def codes_retired(day: date) -> frozenset[str]:
    """Codes that were in use before the day and may not come back. 1 SQL."""
    rows = Area.objects.filter(valid_to__isnull=False, valid_to__lte=day).order_by()
    return frozenset(rows.values_list("code", flat=True))
