"""Taking rows along when codes change: a few hundred at a time, each lot in a transaction of its own."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from governance.access import areas
from governance.access.viewer import Viewer
from governance.impact.registry import AreaUse, area_uses
from governance.impact.selectors import begins_with
from governance.impact.succession import Succession, successors
from governance.jobs.registry import STEP_ROWS, Step
from governance.jobs.services import job_start

JOB_KIND = "impact.recode"


def recoding_start(*, succession: Succession, actor: Viewer, at: datetime) -> None:
    """Have a worker take all rows along, unless nothing moves."""
    if not (succession.code_map or succession.relocated):
        return
    params = {"code_map": list(succession.code_map), "relocated": list(succession.relocated)}
    job_start(kind=JOB_KIND, params=params, actor=actor, at=at)


def recode_step(*, succession: Succession, cursor: Any, limit: int, at: datetime) -> Step:
    """Take the next rows along. `cursor`: [number of the use, last primary key dealt with].

    Safe to repeat: a row that has its new code is not met again, or found where it is.
    """
    uses = area_uses()
    number, last = cursor or [0, None]
    if number >= len(uses):
        return Step(0)
    use = uses[number]
    if use.recode is not None:
        return Step(use.recode(succession, at), [number + 1, None])
    done, last = _recode(use, succession, last, limit, at)
    return Step(done, [number, last] if last is not None else [number + 1, None])


def recode_rest(*, succession: Succession, at: datetime) -> dict[str, int]:
    """Take along at once whatever is still under old codes, and return what stays there: model -> rows.

    A row stays where the rules of its table allow no second one in the new area (two captains after a merge): people
    must decide. Each lot is a transaction of its own, so this is not called inside one.
    """
    cursor: Any = None
    while True:
        with transaction.atomic():
            step = recode_step(succession=succession, cursor=cursor, limit=STEP_ROWS, at=at)
        if (cursor := step.cursor) is None:
            break
    left: dict[str, int] = {}
    for use in area_uses():
        if use.recode is None and use.is_counted and (count := _concerned(use, succession, at).count()):
            left[use.model] = left.get(use.model, 0) + count
    return left


def recode_total(*, succession: Succession, at: datetime) -> int:
    """How many rows there are to look at. 1 SQL a use."""
    return sum(_concerned(use, succession, at).count() for use in area_uses() if use.recode is None)


def _concerned(use: AreaUse, succession: Succession, at: datetime) -> "models.QuerySet[Any]":
    codes = {line.split(">")[0] for line in succession.code_map}
    if use.point or use.follows:
        codes |= set(succession.relocated)
    shortest = [code for code in sorted(codes) if not any(code != one and code.startswith(one) for one in codes)]
    return use.queryset(at).filter(begins_with(shortest, use.field)).order_by()


def _recode(use: AreaUse, succession: Succession, last: Any, limit: int, at: datetime) -> tuple[int, Any]:
    rows = _concerned(use, succession, at)
    if last is not None:
        rows = rows.filter(pk__gt=last)
    columns = ["pk", use.field, *([use.follows] if use.follows else use.point or ())]
    next_rows = rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list(*columns)[:limit]
    locked = list(next_rows)
    if not locked:
        return 0, None
    longest = getattr(rows.model._meta.get_field(use.field), "max_length", None)
    moves: dict[str, list[Any]] = defaultdict(list)
    for (pk, old, *_rest), new in zip(locked, _new_codes(use, locked, succession), strict=True):
        if new[:longest] != old:
            moves[new[:longest]].append(pk)
    for new, pks in moves.items():
        _write(use, pks, new, at)
    return len(locked), (locked[-1][0] if len(locked) == limit else None)


def _write(use: AreaUse, pks: Sequence[Any], new: str, at: datetime) -> None:
    """Give rows their new code; where one may not stand beside another, one by one."""
    rows = use.queryset(at).order_by()
    try:
        with transaction.atomic():
            rows.filter(pk__in=pks).update(**{use.field: new})
    except IntegrityError:
        if len(pks) > 1:
            for pk in pks:
                _write(use, [pk], new, at)
        elif use.clash is not None:
            use.clash(pks, at)


def _new_codes(use: AreaUse, rows: Sequence[Any], succession: Succession) -> list[str]:
    """The code that each row (pk, code, ...) has now: of what it copies, of where it lies, or of its area's heir."""
    if use.follows:
        return [source for _pk, _old, source in rows]
    mapped = [(successors(row[1], succession.code_map) or [row[1]])[0] for row in rows]
    if not use.point:
        return mapped
    by_length: dict[int, list[int]] = defaultdict(list)
    for position, (_pk, old, lng, lat) in enumerate(rows):
        if lng is not None and lat is not None and old.startswith(succession.relocated):
            by_length[len(old)].append(position)
    for length, positions in by_length.items():
        found = areas.located(length, [(rows[position][2], rows[position][3]) for position in positions])
        for position, code in zip(positions, found, strict=True):
            if code and not mapped[position].startswith(code):  # a micro-grid inside the grid that was found stays
                mapped[position] = code
    return mapped
