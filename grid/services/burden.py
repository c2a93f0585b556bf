"""The only writers of the burden board's cells and of the register of appraisals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from governance.access import areas
from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.organisations.models import Organisation
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.models import Admission, Appraisal, Task, policy_current
from grid.models.tasks import NO_BURDEN
from grid.permissions import Capability

APPRAISED = (6, 9, 12)  # lengths of the codes of areas whose communities can be appraised
_MOST = {"title": 60, "ground": 300, "indicators": 1000}
# `sign` is +1 for what was asked, -1 for what was taken back. In order, so that two writers cannot block one another.
_ADD = """
INSERT INTO grid_burdencell (area_code, month, organisation_id, duty_id, asks, forms, known, hours)
SELECT a.area_code, date_trunc('month', a.sent_at AT TIME ZONE %(zone)s)::date, t.organisation_id, t.duty_id,
    %(sign)s * count(*), %(sign)s * count(*) FILTER (WHERE t.kind = 'form'),
    %(sign)s * count(*) FILTER (WHERE t.is_known), %(sign)s * sum(t.hours)
FROM grid_assignment a JOIN grid_task t ON t.id = a.task_id
WHERE length(a.area_code) = 12 AND a.sent_at IS NOT NULL AND {which}
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (area_code, month, organisation_id, duty_id) DO UPDATE SET
    asks = grid_burdencell.asks + excluded.asks, forms = grid_burdencell.forms + excluded.forms,
    known = grid_burdencell.known + excluded.known, hours = grid_burdencell.hours + excluded.hours
"""


def burden_add(*, assignment_ids: Sequence[int], sign: int) -> None:
    """Count assignments of communities, or count them no longer, in the caller's transaction. 1 SQL for any number."""
    if not assignment_ids:
        return
    values: dict[str, Any] = {"zone": settings.TIME_ZONE, "sign": sign, "pks": list(assignment_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(which="a.id = ANY(%(pks)s)"), values)


def burden_recount() -> None:
    """Count all anew from the assignments: what communities became meanwhile is followed. 3 SQL; writers wait."""
    values: dict[str, Any] = {"zone": settings.TIME_ZONE, "sign": 1, "none": [str(state) for state in NO_BURDEN]}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE grid_burdencell IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM grid_burdencell")
        cursor.execute(_ADD.format(which="NOT a.state = ANY(%(none)s)"), values)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraisalDraft:
    """What a form says. `task`: the admitted ask that this appraisal rests on, for one beyond the cap."""

    title: str
    organisation: Organisation | None
    area_code: str
    ground: str
    indicators: str
    starts_on: date | None
    ends_on: date | None
    task: Task | None = None


def appraisal_register(*, draft: AppraisalDraft, submission_key: UUID, actor: Viewer, at: datetime) -> Appraisal:
    """Write an appraisal into the register; the same key twice is one.

    Raises `Forbidden` out of reach, `DomainError` beside the field; on "starts_on" where the year's cap is used up and
    no admitted task is named.
    """
    with constraint_errors(), transaction.atomic():
        known = Appraisal.objects.filter(submission_key=submission_key).first()
        if known is not None:
            return known
        row = _checked(draft)
        require(actor, Capability.ASK_TASK, row)
        row.submission_key, row.by, row.created_at = submission_key, actor.staff_user, at
        with connection.cursor() as cursor:  # two that would each be the last of the year come one after the other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", [f"appraisal:{row.area_code[:9]}"])
        most = policy_current().checks_a_year
        if row.task is None and appraisals_in(row.area_code, row.starts_on.year) >= most:
            said = {"year": row.starts_on.year, "most": most}
            raise DomainError(
                "over_cap",
                _("%(year)s 年的考核已经到上限（%(most)s 次）。还要做的，先下达任务、勾上考核、申请准入，再来登记")
                % said,
                field="starts_on",
            )
        row.save(force_insert=True)
        payload = {"year": row.starts_on.year, "organisation_id": row.organisation_id}
        publish(events.APPRAISAL_REGISTERED, subject=row, actor=actor, area_code=row.area_code, payload=payload, at=at)
    return row


def appraisals_in(area_code: str, year: int) -> int:
    """How many appraisals of a year the community of this area has that has most. 1 SQL."""
    codes = Appraisal.objects.filter(starts_on__year=year).values_list("area_code", flat=True)
    above, below = 0, Counter[str]()
    for code in codes:
        if area_code.startswith(code):
            above += 1
        elif code.startswith(area_code):
            below[code] += 1
    nested = [sum(count for other, count in below.items() if code.startswith(other)) for code in below]
    return above + max(nested, default=0)


def _checked(draft: AppraisalDraft) -> Appraisal:
    words = {name: clean_text(getattr(draft, name), multiline=name == "indicators") for name in _MOST}
    for name, most in _MOST.items():
        if not words[name]:
            raise DomainError(f"{name}_missing", _("请写考核叫什么、依据什么、考核什么"), field=name)
        if len(words[name]) > most:
            raise DomainError(f"{name}_long", _("最多写 %(most)s 字，请写短一些") % {"most": most}, field=name)
    if draft.organisation is None:
        raise DomainError("organisation_missing", _("请选谁来考核"), field="organisation")
    if len(draft.area_code) not in APPRAISED or not areas.exists(draft.area_code):
        raise DomainError("area_unknown", _("请选考核哪里"), field="area_code")
    if draft.starts_on is None or draft.ends_on is None:
        missing = "starts_on" if draft.starts_on is None else "ends_on"
        raise DomainError("day_missing", _("日期没有看懂，请写成 2026-01-05"), field=missing)
    if draft.ends_on < draft.starts_on:
        raise DomainError("ends_early", _("结束的日子不能早于开始的日子"), field="ends_on")
    task = draft.task
    if task is not None and not (
        task.is_appraisal and task.admission == Admission.ADMITTED and draft.area_code.startswith(task.area_code)
    ):
        raise DomainError("task_unfit", _("请选一个经过准入的考核任务"), field="task")
    return Appraisal(
        **words,
        organisation=draft.organisation,
        area_code=draft.area_code,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        task=task,
    )
