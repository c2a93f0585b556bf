"""Rows of tables of components, judged: what each would write, or why it cannot. A few SQL for any number of rows."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import can
from governance.access.viewer import Scope, Viewer
from governance.files.checked_tables import FAULTS, Verdict, choice_words
from governance.organisations.models import Organisation
from grid.component_tables import COLUMNS, LAT, LNG
from grid.coordinates import TO_WGS84
from grid.features import DECIMALS
from grid.lookup import grids_at
from grid.models import Area, CodeItem, CodeKind, CodeSuccession, Component, ComponentState
from grid.permissions import Capability
from grid.services.codes import code_list_on
from grid.services.components import CHANGEABLE, ComponentDraft

Stored = tuple[int, dict[str, str], dict[str, str]]
Problem = tuple[str, str, str]  # column, what, value
Spot = tuple[int, str, float | None, float | None]
TWICE = "twice"
# what -> sentence; %(value)s is what stands in the cell
WORDS = {
    "missing": _("空着"),
    "too_long": _("太长了"),
    "kind_unknown": _("代码表里没有“%(value)s”"),
    "identity_shape": _("“%(value)s”不是 17 位标识码"),
    "identity_of_other_kind": _("标识码里的种类和种类代码不一样"),
    TWICE: _("和第 %(value)s 行重复"),
    "not_a_number": _("“%(value)s”不是数"),
    "swapped": _("经度和纬度好像写反了"),
    "half": _("经度和纬度要一起写"),
    "out_of_range": _("坐标超出范围，单位应是度"),
    "outside": _("这个位置不在任何网格里"),
    "area_unknown": _("没有“%(value)s”这个区域"),
    "nowhere": _("没有经纬度的，要写位置和所在网格"),
    "state_unknown": _("“%(value)s”不是完好、破损、丢失、废弃、移除"),
    "date_unreadable": _("“%(value)s”不是日期"),
    "days_wrong": _("请写 1 到 3660 之间的天数"),
    "not_yours": _("不在您可以登记的范围里"),
    "same_spot": _("和前面的行种类、名称、位置都一样，请写标识码来分清"),
    "refused": _("%(value)s"),
    **FAULTS,
}
_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?$")
_IDENTITY = re.compile(r"^[0-9A-Z]{6}\d{11}$")
_OLD_IDENTITY = re.compile(r"^[0-9A-Z]{6}\d{10}$")
_CHINA_LNG, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)


@dataclass(slots=True)
class Judged:
    """A row: what it says, what is wrong, what it would write on what is there."""

    line: int
    values: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    verdict: Verdict = Verdict.NEW
    draft: ComponentDraft | None = None
    known: Component | None = None
    point: tuple[float, float] | None = None
    grid: str = ""

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")

    def wrong(self, column: str, what: str, value: str = "") -> None:
        """Note a problem."""
        self.problems.append((column, what, value[:60]))


@dataclass(frozen=True, slots=True)
class Books:
    """What rows are looked up in."""

    items: Mapping[str, CodeItem]  # by code, old code and name
    organisations: Mapping[str, Organisation]  # by name in either language
    by_code: Mapping[str, Organisation]  # by credit code, as components that are here already say
    areas: Mapping[str, bool]  # code -> whether it has an outline
    known: Mapping[str, Component]  # by number
    spots: Mapping[Spot, Component]  # by kind, name and position, for rows without a number
    taken: set[Spot] = field(default_factory=set)  # by the rows before


def judge(rows: Sequence[Stored], *, datum: str, actor: Viewer, at: datetime) -> list[Judged]:
    """Judge rows by what the portal has now. 7 SQL."""
    found = [Judged(line, dict(values)) for line, values, _faults in rows]
    for one, (_line, _values, faults) in zip(found, rows, strict=True):
        _shape(one, faults)
    _place(found, datum)
    books = _books(found, timezone.localdate(at))
    for one in found:
        one.draft = _draft(one, books, at) if not one.problems else None
        if one.draft is not None:
            _decide(one, books, actor)
    return found


def datum_hints(rows: Sequence[Stored]) -> dict[str, int]:
    """How many positions lie in a grid if they are read by each datum, or with longitude and latitude exchanged."""
    points = [point for _line, values, _faults in rows if (point := _numbers(values)) is not None]
    if not points:
        return {}
    lng, lat = np.array(points, dtype=float).T
    hints = {"all": len(points)}
    for datum, convert in TO_WGS84.items():
        hints[datum] = int(sum(code is not None for code in grids_at(*convert(lng, lat))))
    hints["swapped"] = int(sum(code is not None for code in grids_at(lat, lng)))
    return hints


def identity_key(values: Mapping[str, str]) -> str:
    """What tells rows of one component from each other; "" where the row says no number."""
    return values.get("identity", "").strip().upper()


def _shape(one: Judged, faults: Mapping[str, str]) -> None:
    for column in COLUMNS:
        if fault := faults.get(column.key):
            kind, _sign, value = fault.partition(":")
            one.wrong(column.key, kind, value)
        elif column.required and not one[column.key] and column.key != "code":
            one.wrong(column.key, "missing")
        elif len(one[column.key]) > column.most:
            one.wrong(column.key, "too_long")


def _numbers(values: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        lng, lat = float(values.get(LNG, "")), float(values.get(LAT, ""))
    except ValueError:
        return None
    return (lng, lat) if math.isfinite(lng) and math.isfinite(lat) else None


def _place(found: Sequence[Judged], datum: str) -> None:
    """Positions in WGS-84 and their grids."""
    placed: list[Judged] = []
    for one in found:
        if not one[LNG] and not one[LAT]:
            continue
        if not one[LNG] or not one[LAT]:
            one.wrong(LNG if not one[LNG] else LAT, "half")
            continue
        point = _numbers(one.values)
        if point is None:
            one.wrong(LNG, "not_a_number", f"{one[LNG]}, {one[LAT]}")
        elif _CHINA_LAT[0] <= point[0] <= _CHINA_LAT[1] and _CHINA_LNG[0] <= point[1] <= _CHINA_LNG[1]:
            one.wrong(LNG, "swapped")
        elif abs(point[0]) > 180 or abs(point[1]) > 90:
            one.wrong(LNG, "out_of_range")
        else:
            one.point = point
            placed.append(one)
    if not placed:
        return
    lng, lat = TO_WGS84[datum](*np.array([one.point for one in placed], dtype=float).T)
    points = np.round(np.column_stack([lng, lat]), DECIMALS)
    for one, (x, y), grid in zip(placed, points.tolist(), grids_at(*points.T), strict=True):
        one.point, one.grid = (x, y), grid or ""


def _books(found: Sequence[Judged], today: date) -> Books:
    code_list = code_list_on(today)
    rows = CodeItem.objects.filter(code_list=code_list, kind=CodeKind.COMPONENT, is_active=True)
    items: dict[str, CodeItem] = {}
    minor = [item for item in rows.order_by("code") if len(item.code) == 5]
    for item in minor:
        items.setdefault(item.name, item)
        if item.name_en:
            items.setdefault(item.name_en, item)
    old = CodeSuccession.objects.filter(kind=CodeKind.COMPONENT, item__in=minor).select_related("item")
    items |= {one.old_code: one.item for one in old.order_by("old_standard") if one.item is not None}
    items |= {item.code: item for item in minor}
    offices: dict[str, Organisation] = {}
    for office in Organisation.objects.filter(is_active=True).order_by("-pk"):
        offices |= {name: office for name in (office.short_name, office.name_en, office.name) if name}
    codes = {one["manager_code"] for one in found if one["manager_code"] and one["manager_name"] not in offices}
    named = Component.objects.filter(manager_code__in=codes, manager__isnull=False).order_by("pk") if codes else []
    asked = {one["area_code"] for one in found if one["area_code"]} | {one.grid for one in found if one.grid}
    areas = Area.objects.valid_on(today).filter(code__in=asked).order_by()
    identities = {text for one in found if (text := _identity(one, items))}
    known = Component.objects.filter(identity__in=identities).select_related("item").order_by()
    here = [one.point for one in found if one.point is not None and not identity_key(one.values)]
    near = Component.objects.filter(lng__in=[lng for lng, _lat in here], lat__in=[lat for _lng, lat in here])
    return Books(
        items,
        offices,
        {row.manager_code: row.manager for row in named if row.manager is not None},
        {code: west is not None for code, west in areas.values_list("code", "min_lng")},
        {row.identity: row for row in known},
        {(row.item_id, row.name, row.lng, row.lat): row for row in near.select_related("item").order_by("-pk")}
        if here
        else {},
    )


def _identity(one: Judged, items: Mapping[str, CodeItem]) -> str:
    """The number in today's form: 16 digits of the older standard become 17 by the table of successors."""
    text = identity_key(one.values)
    if _OLD_IDENTITY.fullmatch(text) and (item := items.get(text[6:10])) is not None:
        return f"{text[:6]}{item.code}{text[10:]}"
    return text


def _draft(one: Judged, books: Books, at: datetime) -> ComponentDraft | None:
    identity = _identity(one, books.items)
    if identity and not _IDENTITY.fullmatch(identity):
        one.wrong("identity", "identity_shape", identity)
    item = _item(one, identity, books)
    area = _area(one, books)
    state = _STATES.get(one["state"].casefold(), "") if one["state"] else ComponentState.INTACT.value
    if not state:
        one.wrong("state", "state_unknown", one["state"])
    started = _day(one["started_on"]) if one["started_on"] else timezone.localdate(at)
    if started is None:
        one.wrong("started_on", "date_unreadable", one["started_on"])
    every = one["inspect_every"]
    if every and not (every.isdecimal() and 1 <= int(every) <= 3660):
        one.wrong("inspect_every", "days_wrong")
    if one.problems or item is None or started is None:
        return None
    manager = books.organisations.get(one["manager_name"]) or books.by_code.get(one["manager_code"])
    owner, maintainer = (books.organisations.get(one[key]) for key in ("owner_name", "maintainer_name"))
    lng, lat = one.point or (None, None)
    return ComponentDraft(
        item=item,
        identity=identity,
        name=one["name"] or item.name[:30],
        state=state,
        started_on=started,
        area_code=area,
        lng=lng,
        lat=lat,
        place=one["place"],
        manager=manager,
        manager_name="" if manager else one["manager_name"],
        manager_code=one["manager_code"],
        owner=owner,
        owner_name="" if owner else one["owner_name"],
        maintainer=maintainer,
        maintainer_name="" if maintainer else one["maintainer_name"],
        source=one["source"],
        note=one["note"],
        inspect_every=int(every) if every else None,
    )


def _item(one: Judged, identity: str, books: Books) -> CodeItem | None:
    said = one["code"] or identity[6:11]
    if not said:
        one.wrong("code", "missing")
        return None
    item = books.items.get(said) or books.items.get(said.zfill(5))  # Excel drops the zero in front
    if item is None:
        one.wrong("code", "kind_unknown", said)
    elif identity and _IDENTITY.fullmatch(identity) and identity[6:11] != item.code:
        one.wrong("identity", "identity_of_other_kind")
    return item


def _area(one: Judged, books: Books) -> str:
    """The grid of the position, else the area that is written, which must not be drawn elsewhere."""
    said = one["area_code"].upper()
    if one.grid:
        return one.grid
    if said and said not in books.areas:
        one.wrong("area_code", "area_unknown", said)
    elif one.point is not None and (not said or books.areas[said]):
        one.wrong(LNG, "outside")
    elif one.point is None and not (said and one["place"]):
        one.wrong("place", "nowhere")
    return said


def _day(text: str) -> date | None:
    match = _DATE.match(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _decide(one: Judged, books: Books, actor: Viewer) -> None:
    """New, a change of what is there, or nothing to do; and whether the actor may."""
    draft = one.draft
    if draft is None:
        return
    offices = frozenset(office.pk for office in (draft.manager, draft.owner, draft.maintainer) if office is not None)
    if draft.identity:
        one.known = books.known.get(draft.identity)
    elif draft.lng is not None:
        spot = (draft.item.pk, draft.name, draft.lng, draft.lat)
        if spot in books.taken:
            one.wrong("identity", "same_spot")
            return
        books.taken.add(spot)
        one.known = books.spots.get(spot)
    may = can(actor, Capability.EDIT_COMPONENT, Scope(draft.area_code, offices))
    if one.known is not None:
        may = may and can(actor, Capability.EDIT_COMPONENT, one.known)
    if not may:
        one.wrong("area_code", "not_yours")
    elif one.known is not None:
        one.verdict = Verdict.CHANGED if changes_of(one.known, draft, one.values) else Verdict.SAME


def changes_of(known: Component, draft: ComponentDraft, said: Collection[str]) -> dict[str, Any]:
    """What a row changes in a component that is there: only what stands in the table; an empty cell changes nothing."""
    names = {name for name in CHANGEABLE if name in said}
    for role in ("manager", "owner", "maintainer"):
        if f"{role}_name" in said or (role == "manager" and "manager_code" in said):
            names |= {role, f"{role}_name"}
    if draft.lng is not None:
        names |= {LNG, LAT, "area_code"}
    return {name: getattr(draft, name) for name in sorted(names) if getattr(known, name) != getattr(draft, name)}


_STATES: Mapping[str, str] = choice_words(dict(ComponentState.choices))
