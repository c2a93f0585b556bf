"""What a file of areas would do: how its columns may read, its faults, what would change. Kept in the cache.

Nothing here is kept in the database: the portal may have changed since the file was looked over, and each reader is
told in a language of their own. The key holds the version of the mapping and of the territory.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.impact.selectors import dependents_of
from grid import services
from grid.features import AreaDraft, geometry_of
from grid.lookup import geometry_stamp
from grid.models import Area, TerritoryImport
from grid.models.area import CODE_SHAPE
from grid.surveying import (
    BY_NAME,
    Columns,
    Repair,
    Survey,
    areas_known,
    codes_retired,
    drafts_read,
    repair_of,
    survey,
    variants,
)
from grid.topology import Fault

KEEP_SECONDS = 3600
PREVIEW_ROWS = 5
FAULTS_SHOWN = 200
LISTED = 100
MAP_DEGREES = 2e-5  # outlines on the map of the page are simplified to some two metres
_GUESSES = {
    "code": re.compile(r"(?i)^(code\d*|bh|bm|dm|gb|adcode|id_code|.*编码|.*代码|.*标识码)$"),
    "name": re.compile(r"(?i)^(name|mc|xzqmc|jdmc|sqmc|wgmc|.*名称|.*名)$"),
    "name_en": re.compile(r"(?i)^(name_?en|english.*|.*英文.*)$"),
    "kind": re.compile(r"(?i)^(kind|type|lb|类别|类型)$"),
    "within": re.compile(r"(?i)^(within|parent.*|district|street|上级.*|所属.*|区|区县|街道|社区)$"),
}


@dataclass(slots=True)
class Report:
    """What the page shows: plain data, so that it can lie in the cache."""

    areas: int
    faults: list[dict[str, Any]]
    more: int
    mended: list[str]
    advice: str
    repairs: dict[str, int]  # what would mend how many faults, as far as it is not ticked
    created: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    dependents: list[dict[str, Any]] = field(default_factory=list)
    per_area: list[dict[str, Any]] = field(default_factory=list)
    outlines: dict[str, Any] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether it can be loaded, the datum aside."""
        return not self.faults


def columns_of(territory_import: TerritoryImport) -> Columns:
    """The mapping as somebody chose it."""
    return Columns(**{"code": BY_NAME, "name": "", **territory_import.columns}, level=territory_import.level)


def proposed(samples: Mapping[str, str]) -> dict[str, str]:
    """Which property is probably what, by its name and by what stands in it."""
    found: dict[str, str] = {}
    for key, guess in _GUESSES.items():
        fitting = [name for name in samples if guess.match(name) and name not in found.values()]
        if key == "code":
            fitting = [name for name in fitting if any(map(_looks_like_code, samples[name].split(_("、"))))]
        if fitting:
            found[key] = fitting[0]
    return {"code": BY_NAME, **found}


def found_in(territory_import: TerritoryImport, at: datetime) -> Survey:
    """Read the file as it was mapped and find what is wrong with it. Seconds for a city."""
    day = timezone.localdate(at)
    return survey(
        territory_import.collection,
        columns_of(territory_import),
        datum=territory_import.datum,
        known=areas_known(day),
        repairs=frozenset(Repair(one) for one in territory_import.repairs),
        retired=codes_retired(day),
    )


def preview(territory_import: TerritoryImport, columns: Columns, at: datetime) -> dict[str, Any]:
    """The first rows as they would be read, and where the file would lie by each datum."""
    collection, known = territory_import.collection, areas_known(timezone.localdate(at))
    head = {**collection, "features": collection["features"][:200]}
    drafts = drafts_read(head, columns, known)
    return {
        "rows": [(one.code, one.name, one.name_en) for one in drafts[:PREVIEW_ROWS]],
        "variants": variants(drafts, known),
    }


def leaving_of(drafts: Sequence[AreaDraft], at: datetime) -> list[Area]:
    """Areas in use beside those of the file (same level, same parent) that the file does not name. 1 SQL."""
    named = {one.code for one in drafts}
    rows = Area.objects.valid_on(timezone.localdate(at)).defer("geometry").order_by("code")
    families = {(len(one.code), Area(code=one.code).parent_code) for one in drafts}
    return [area for area in rows if area.code not in named and (len(area.code), area.parent_code) in families]


def report_of(territory_import: TerritoryImport, viewer: Viewer, at: datetime) -> Report:
    """What is wrong with the file and what it would change; from the cache where neither side has changed."""
    key = (
        f"grid.territory_import:{territory_import.pk}:{territory_import.version}:{geometry_stamp()}:"
        f"{timezone.localdate(at)}:{get_language()}"
    )
    kept = cache.get(key)
    if kept is not None:
        return Report(**kept)
    report = _report(territory_import, viewer, at)
    cache.set(key, asdict(report), KEEP_SECONDS)
    return report


def _report(territory_import: TerritoryImport, viewer: Viewer, at: datetime) -> Report:
    found = found_in(territory_import, at)
    faults = list(found.found)
    report = Report(len(found.drafts), [], 0, list(found.mended), found.advice, {})
    leaving = leaving_of(found.drafts, at) if territory_import.ends_missing else []
    if not faults and found.drafts:
        try:
            _rehearse(report, found.drafts, [area.code for area in leaving], viewer, at)
        except DomainError as error:
            faults.append(Fault(error.code, (), str(error), 0.0, 0.0))
    report.ended = [(area.code, area.label) for area in leaving]
    report.faults = [_told(fault) for fault in faults[:FAULTS_SHOWN]]
    report.more = max(0, len(faults) - FAULTS_SHOWN)
    for fault in faults:
        repair = repair_of(fault)
        if repair is not None:
            report.repairs[repair.value] = report.repairs.get(repair.value, 0) + 1
    _draw(report, found.drafts, faults)
    return report


def _rehearse(report: Report, drafts: Sequence[AreaDraft], ended: list[str], viewer: Viewer, at: datetime) -> None:
    """Do it and undo it: the very same checks as when it is done. Raises `DomainError` as that would."""
    with transaction.atomic():
        loaded, _change = services.areas_take_in(drafts=drafts, ended=ended, reason="-", actor=viewer, at=at)
        transaction.set_rollback(True)
    names = {one.code: one.name_en if one.name_en and get_language() == "en" else one.name for one in drafts}
    report.created = [(code, names[code]) for code in loaded.created]
    report.changed = [(code, names[code]) for code in loaded.changed]
    report.unchanged = len(loaded.unchanged)
    touched = [*loaded.changed, *ended]
    report.dependents = [
        {"label": str(one.label), "count": one.count, "is_more": one.is_more, "url": one.url}
        for one in (dependents_of(touched, viewer=viewer, at=at) if touched else [])
    ]


def _told(fault: Fault) -> dict[str, Any]:
    repair = repair_of(fault)
    has_place = bool(fault.lng or fault.lat)
    return {
        "kind": fault.kind,
        "title": _title(fault),
        "message": fault.message,
        "place": f"{fault.lng:.5f}, {fault.lat:.5f}" if has_place else "",
        "repair": repair.value if repair else "",
    }


def _title(fault: Fault) -> str:
    if fault.kind in {"overlap", "hole"} and fault.is_narrow:
        return _("窄缝")
    titles = {
        "overlap": _("重叠"),
        "hole": _("空隙"),
        "invalid": _("边界自己相交"),
        "swapped": _("经纬度写反"),
        "vertices": _("点太多"),
        "twice": _("编码重复"),
        "parts": _("分成几块"),
        "retired": _("编码用过"),
        "area_code_retired": _("编码用过"),
        "area_in_use": _("还有没办结的"),
        "area_outside": _("超出上级"),
        "area_parent_missing": _("没有上级"),
    }
    return titles.get(fault.kind, _("读不懂或不能写"))


def _draw(report: Report, drafts: Sequence[AreaDraft], faults: Sequence[Fault]) -> None:
    """The outlines of the page's map, and for each area how many faults it has."""
    drawn = [one for one in drafts if one.polygon is not None and not one.polygon.is_empty]
    short = shapely.simplify(np.array([one.polygon for one in drawn], dtype=object), MAP_DEGREES)
    count: dict[str, int] = {}
    for fault in faults:
        for code in fault.codes:
            count[code] = count.get(code, 0) + 1
    features = []
    for one, polygon in zip(drawn, short, strict=True):
        label = polygon.representative_point() if polygon.is_valid else polygon.centroid
        name = one.name_en if one.name_en and get_language() == "en" else one.name
        properties = {"code": one.code, "name": name, "label": [round(label.x, 5), round(label.y, 5)]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry_of(polygon, 5)})
        report.per_area.append({"code": one.code, "name": name, "value": count.get(one.code)})
    report.per_area.sort(key=lambda row: (-(row["value"] or 0), row["code"]))
    report.outlines = {"type": "FeatureCollection", "features": features}


def _looks_like_code(text: str) -> bool:
    return bool(re.match(CODE_SHAPE, text)) and text[:6].isdigit()
