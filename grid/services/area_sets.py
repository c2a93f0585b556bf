"""The only writers of named sets of grids: making, changing, ending one; taking members along when grids change."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors, fields_checked
from governance.impact.succession import Succession, successors
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.models import Area, AreaSet, AreaSetMember, Level, SetKind
from grid.permissions import Capability

MEMBERS_MAX = 400


def area_set_make(
    *,
    kind: str,
    name: str,
    name_en: str,
    area_code: str,
    codes: Sequence[str],
    starts_on: date,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> AreaSet:
    """Put grids together under a name; the same key twice is one.

    Raises `Forbidden` out of reach, `DomainError` beside the field: no name, no grids, grids that are elsewhere or no
    more, grids of another evaluation area of that time.
    """
    with constraint_errors(), transaction.atomic():
        _one_at_a_time()
        if (known := AreaSet.objects.filter(submission_key=submission_key).first()) is not None:
            return known
        made = AreaSet(
            kind=kind,
            name=clean_text(name, multiline=False),
            name_en=clean_text(name_en, multiline=False),
            area_code=area_code,
            starts_on=starts_on,
            submission_key=submission_key,
        )
        require(actor, Capability.PLAN_PATROL, made)
        _write(made, codes, actor, at)
        _publish(made, len(codes), actor, at)
    return made


def area_set_change(
    *,
    area_set: AreaSet,
    name: str,
    name_en: str,
    codes: Sequence[str],
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> AreaSet:
    """Call it something else, or other grids to it. Raises as `area_set_make`; `StaleState` where somebody was first.

    `seen`: `changed_at` as it was read.
    """
    with constraint_errors(), transaction.atomic():
        _one_at_a_time()
        locked = _locked(area_set, actor, at)
        if locked.changed_at != seen:
            raise StaleState("area_set_changed", _("刚才有人改过这个片区，请看现在写的是什么"))
        locked.name, locked.name_en = clean_text(name, multiline=False), clean_text(name_en, multiline=False)
        _write(locked, codes, actor, at)
        _publish(locked, len(codes), actor, at)
    return locked


def area_set_end(*, area_set: AreaSet, last_day: date, actor: Viewer, at: datetime) -> AreaSet:
    """Let it be in use until the end of `last_day`. Raises `StaleState` for one that is over, `DomainError` on it."""
    with constraint_errors(), transaction.atomic():
        locked = _locked(area_set, actor, at)
        if last_day + timedelta(days=1) < timezone.localdate(at):
            raise DomainError("last_day_past", _("不能停在过去的日子，请写今天或以后"), field="last_day")
        if last_day + timedelta(days=1) < locked.starts_on:
            raise DomainError("last_day_before_start", _("停用日期不能早于启用日期"), field="last_day")
        locked.ends_on, locked.changed_by, locked.changed_at = last_day + timedelta(days=1), actor.staff_user, at
        locked.save(update_fields=["ends_on", "changed_by", "changed_at"])
        payload = {"kind": locked.kind, "ends_on": locked.ends_on}
        publish(events.AREA_SET_ENDED, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at)
    return locked


def members_move(succession: Succession, at: datetime) -> int:
    """Take the members along: all parts of a grid that was split, one where two were merged. How many rows changed.

    Sets that are over keep what they had. Safe to repeat.
    """
    old = sorted({line.split(">")[0] for line in succession.code_map})
    if not old:
        return 0
    with transaction.atomic():
        _one_at_a_time()
        living = AreaSetMember.objects.filter(area_set__in=AreaSet.objects.open(timezone.localdate(at)))
        heirs: dict[int, set[str]] = defaultdict(set)
        moved = []
        for member in living.order_by("pk"):
            if found := successors(member.area_code, succession.code_map):
                moved.append(member.pk)
                heirs[member.area_set_id].update(code for code in found if len(code) == len(member.area_code))
        AreaSetMember.objects.filter(pk__in=moved).delete()
        rows = [AreaSetMember(area_set_id=pk, area_code=code) for pk, codes in heirs.items() for code in sorted(codes)]
        AreaSetMember.objects.bulk_create(rows, ignore_conflicts=True)
    return len(moved)


def _one_at_a_time() -> None:
    """Sets are few: whoever writes one, or moves their members, waits for whoever is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('grid.area_sets', 8))")


def _locked(area_set: AreaSet, actor: Viewer, at: datetime) -> AreaSet:
    rows = AreaSet.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: AreaSet = rows.get(pk=area_set.pk)
    require(actor, Capability.PLAN_PATROL, locked)
    if locked.is_over(timezone.localdate(at)):
        raise StaleState("area_set_over", _("这个片区已经停用了，要的话请新建一个"))
    return locked


def _write(row: AreaSet, codes: Sequence[str], actor: Viewer, at: datetime) -> None:
    """Save the set with exactly these members."""
    row.changed_by, row.changed_at = actor.staff_user, at
    fields_checked(row, "area_set", exclude=["changed_by"])
    wanted = set(codes)
    _check_members(row, wanted, at)
    row.save()
    row.members.exclude(area_code__in=wanted).delete()
    AreaSetMember.objects.bulk_create(
        [AreaSetMember(area_set=row, area_code=code) for code in sorted(wanted)], ignore_conflicts=True
    )


def _check_members(row: AreaSet, wanted: set[str], at: datetime) -> None:
    if not wanted:
        raise DomainError("no_grids", _("请至少选一个网格"), field="codes")
    if len(wanted) > MEMBERS_MAX:
        message = _("一个片区最多 %(limit)s 个网格") % {"limit": MEMBERS_MAX}
        raise DomainError("too_many_grids", message, field="codes")
    today = timezone.localdate(at)
    grids = Area.objects.valid_on(today).filter(level=Level.GRID, code__startswith=row.area_code)
    if set(grids.filter(code__in=wanted).values_list("code", flat=True)) != wanted:
        elsewhere = _("选的网格里有不在这个范围的，或者已经停用的，请重新选")
        raise DomainError("grids_elsewhere", elsewhere, field="codes")
    if row.kind != SetKind.EVALUATION:
        return
    others = AreaSet.objects.filter(kind=row.kind).open(max(today, row.starts_on)).exclude(pk=row.pk)
    taken = AreaSetMember.objects.filter(area_set__in=others, area_code__in=wanted).select_related("area_set")
    if (first := taken.order_by("area_code").first()) is not None:
        said = {"code": first.area_code, "name": first.area_set.label}
        twice = _("网格 %(code)s 已经在“%(name)s”里，一个网格只能在一个评价网格里") % said
        raise DomainError("grid_taken", twice, field="codes")


def _publish(row: AreaSet, size: int, actor: Viewer, at: datetime) -> None:
    payload = {"kind": row.kind, "members": size, "starts_on": row.starts_on}
    publish(events.AREA_SET_WRITTEN, subject=row, actor=actor, area_code=row.area_code, payload=payload, at=at)
