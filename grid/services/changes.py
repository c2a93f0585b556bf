"""Changing the territory: outlines drawn anew, areas split, merged, retired. What was before stays on record.

Each service takes the version of every area that the person looked at: whoever was overtaken is told and nothing is
written. Changes are in force from the local day of `at`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.impact.selectors import dependents_of
from governance.impact.succession import Succession, pairs, successors
from grid.features import AreaDraft, geometry_of
from grid.models import Area, AreaChange, ChangeKind
from grid.reshaping import joined
from grid.services.writing import AreasLoaded, areas_write, lock_territory

PARTS_MAX = 20
REASON_MAX = 200


def areas_redraw(
    *, outlines: Mapping[str, BaseGeometry], versions: Mapping[str, int], reason: str, actor: Viewer, at: datetime
) -> AreaChange:
    """Give areas of one level new outlines (degrees WGS-84) at once: neighbours that share a border change together.

    Raises `StaleState` when an area was changed or ended meanwhile, `DomainError` for overlaps, holes, areas outside
    their parent, and where nothing is different; `Forbidden`.
    """
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        areas = _seen({code: versions.get(code, 0) for code in outlines}, at)
        drafts = [_draft(areas[code], polygon=polygon) for code, polygon in sorted(outlines.items())]
        _need_reason(reason)
        _loaded, change = areas_write(
            drafts,
            kind=ChangeKind.REDRAW,
            reason=reason.strip(),
            succession=Succession(relocated=tuple(sorted(outlines))),
            actor=actor,
            at=at,
        )
    if change is None:
        raise DomainError("nothing_changed", _("边界和现在一样，没有什么要改的"), field="outline")
    return change


def area_split(
    *, code: str, parts: Sequence[AreaDraft], version: int, reason: str, actor: Viewer, at: datetime
) -> AreaChange:
    """End an area and put its parts in its place, each with a code never used before.

    Records without a point go to the first part. Areas below go, with the last digits of their codes, to the part they
    lie in. Raises like `areas_redraw`.
    """
    if not 2 <= len(parts) <= PARTS_MAX:
        raise DomainError("parts_number", _("拆分要分成 2 到 %(most)s 块") % {"most": PARTS_MAX}, field="line")
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        area = _seen({code: version}, at)[code]
        _need_reason(reason)
        _need_new_codes([part.code for part in parts], code)
        moves = [(code, part.code) for part in parts]
        moves += [
            (child.code, _part_of(child, parts).code + child.code[len(code) :]) for child in _children([code], at)
        ]
        return _replace(
            [area], parts, moves, kind=ChangeKind.SPLIT, relocated=(code,), reason=reason, actor=actor, at=at
        )


def areas_merge(
    *, versions: Mapping[str, int], into: AreaDraft, reason: str, actor: Viewer, at: datetime
) -> AreaChange:
    """End areas that lie side by side and put one in their place, with a code never used before.

    Its outline is theirs joined. Areas below keep the last digits of their codes where these are still free. Raises
    like `areas_redraw`.
    """
    if len(versions) < 2:
        raise DomainError("merge_needs_two", _("合并至少要选两个区域"), field="codes")
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        areas = list(_seen(versions, at).values())
        _need_reason(reason)
        _need_new_codes([into.code], areas[0].code)
        if len({area.parent_code for area in areas}) > 1:
            raise DomainError("merge_one_parent", _("只能合并同一个上级下面的区域"), field="codes")
        outlines = [shape(area.geometry) for area in areas if area.geometry is not None]
        if outlines and len(outlines) < len(areas):
            raise DomainError("merge_outlines", _("有的区域还没有边界，请先画好再合并"), field="codes")
        moves = [(area.code, into.code) for area in areas]
        moves += _gathered(_children([area.code for area in areas], at), into.code)
        draft = replace(into, polygon=joined(outlines) if outlines else None)
        return _replace(areas, [draft], moves, kind=ChangeKind.MERGE, relocated=(), reason=reason, actor=actor, at=at)


def area_retire(*, code: str, version: int, reason: str, actor: Viewer, at: datetime) -> AreaChange:
    """End an area that nothing depends on any more; its records keep its code, and its name can still be read.

    Raises like `areas_redraw`, and `DomainError` where areas below are in use or it would leave a hole.
    """
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        area = _seen({code: version}, at)[code]
        _need_reason(reason)
        if _children([code], at):
            raise DomainError("area_has_parts", _("下面还有在用的区域，请先合并或停用它们"))
        _need_nobody_left(code, actor, at)
        return _replace([area], [], [], kind=ChangeKind.RETIRE, relocated=(), reason=reason, actor=actor, at=at)


def areas_take_in(
    *, drafts: Sequence[AreaDraft], ended: Sequence[str], reason: str, actor: Viewer, at: datetime
) -> tuple[AreasLoaded, AreaChange | None]:
    """Create or change areas from a file, and retire those that it leaves out; records follow outlines that moved.

    Raises like `areas_enter`, and like `area_retire` for each that ends.
    """
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        day = timezone.localdate(at)
        leaving = list(Area.objects.valid_on(day).filter(code__in=ended).order_by("code"))
        if _children([area.code for area in leaving], at):
            raise DomainError("area_has_parts", _("下面还有在用的区域，请先合并或停用它们"))
        for area in leaving:
            _need_nobody_left(area.code, actor, at)
        outlines = {one.code: geometry_of(one.polygon) for one in drafts if one.polygon is not None}
        before = Area.objects.filter(code__in=outlines, geometry__isnull=False).values_list("code", "geometry")
        relocated = sorted(code for code, geometry in before if geometry != outlines[code])
        return areas_write(
            drafts,
            reason=reason.strip()[:REASON_MAX],
            ended=leaving,
            succession=Succession(relocated=tuple(relocated)),
            actor=actor,
            at=at,
        )


def _replace(
    ended: Sequence[Area],
    drafts: Sequence[AreaDraft],
    moves: Sequence[tuple[str, str]],
    *,
    kind: str,
    relocated: tuple[str, ...],
    reason: str,
    actor: Viewer,
    at: datetime,
) -> AreaChange:
    """End these areas and all below them; write the drafts and, with their new codes, what lay below."""
    succession = Succession(pairs(moves), relocated)
    below = [area for area in _below(ended, at) if area.code not in {one.code for one in ended}]
    following = [_draft(area, code=successors(area.code, succession.code_map)[0]) for area in below]
    _loaded, change = areas_write(
        [*drafts, *following],
        kind=kind,
        reason=reason.strip(),
        ended=[*ended, *below],
        succession=succession,
        actor=actor,
        at=at,
    )
    if change is None:  # ended areas are always a change
        raise AssertionError(kind)
    return change


def _seen(versions: Mapping[str, int], at: datetime) -> dict[str, Area]:
    """The areas by code, in order, as the person saw them; `StaleState` when that is not how they are."""
    found = {area.code: area for area in Area.objects.valid_on(timezone.localdate(at)).filter(code__in=versions)}
    for code, version in versions.items():
        if code not in found:
            raise StaleState("area_ended", _("%(code)s 已经停用，请回到地图重新选") % {"code": code})
        if found[code].version != version:
            message = _("%(name)s刚刚被别人改过，请看过现在的样子再改") % {"name": found[code].label}
            raise StaleState("area_changed", message)
    return {code: found[code] for code in sorted(found)}


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError("area_change_has_reason", _("请写明为什么改"), field="reason")


def _need_new_codes(codes: Sequence[str], like: str) -> None:
    """New areas have codes of the same level and parent as the old one, and no code is ever used twice."""
    parent = like[: -2 if len(like) == 17 else -3]
    if len(set(codes)) < len(codes):
        raise DomainError("code_twice", _("两块的编码一样，请改一个"), field="code")
    for code in codes:
        if len(code) != len(like) or not code.startswith(parent):
            message = _("新编码应是 %(length)s 位，前面和上级一样：%(parent)s") % {
                "length": len(like),
                "parent": parent,
            }
            raise DomainError("area_code_beside", message, field="code")
    used = Area.objects.filter(code__in=codes).order_by("code").values_list("code", flat=True).first()
    if used:
        raise DomainError(
            "area_code_unique", _("编码 %(code)s 已经用过，编码不能重复使用") % {"code": used}, field="code"
        )


def _need_nobody_left(code: str, actor: Viewer, at: datetime) -> None:
    """Nothing that is still going on may stay behind in an area that is no more."""
    left = [one for one in dependents_of([code], viewer=actor, at=at) if one.open]
    if left:
        counts = [_("%(label)s %(count)s") % {"label": one.label, "count": one.open} for one in left]
        message = _("这里还有没有了结的：%(list)s。请先办结或移走，或者把它和旁边的区域合并。")
        raise DomainError("area_in_use", message % {"list": _("、").join(counts)})


def _below(areas: Sequence[Area], at: datetime) -> list[Area]:
    day: date = timezone.localdate(at)
    return [
        below
        for area in areas
        for below in Area.objects.valid_on(day).filter(code__startswith=area.code).order_by("code")
    ]


def _children(codes: Sequence[str], at: datetime) -> list[Area]:
    areas = [Area(code=code) for code in codes]
    return [area for area in _below(areas, at) if area.parent_code in codes]


def _part_of(child: Area, parts: Sequence[AreaDraft]) -> AreaDraft:
    """The part in which most of the area lies; the first for one without an outline."""
    if child.geometry is None:
        return parts[0]
    outline = shape(child.geometry)
    share: Callable[[AreaDraft], float] = lambda part: outline.intersection(part.polygon).area if part.polygon else 0.0  # noqa: E731
    return max(parts, key=share)


def _gathered(children: Sequence[Area], parent: str) -> list[tuple[str, str]]:
    """New codes under one parent: the last digits stay where they are free, else the next free number follows."""
    taken: set[str] = set()
    late: list[Area] = []
    moves = []
    for child in children:
        tail = child.code[len(parent) :]
        if tail in taken:
            late.append(child)
        else:
            taken.add(tail)
            moves.append((child.code, parent + tail))
    for child in late:
        width = len(child.code) - len(parent)
        tail = next(text for number in range(1, 10**width) if (text := f"{number:0{width}d}") not in taken)
        taken.add(tail)
        moves.append((child.code, parent + tail))
    return moves


def _draft(area: Area, *, code: str = "", polygon: BaseGeometry | None = None) -> AreaDraft:
    """An area as it is, with a new code or a new outline."""
    if polygon is None and area.geometry is not None:
        polygon = shape(area.geometry)
    return AreaDraft(code or area.code, area.name, area.name_en, area.kind, polygon)
