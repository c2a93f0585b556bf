"""What communities are asked for by telephone, on paper or in a chat: they write it down, and may decline it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access import areas
from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, constraint_errors
from governance.organisations.models import Organisation
from governance.text import clean_text
from grid.admitting import duty_reason
from grid.models import Admission, Assignment, DutyItem, Task, TaskKind, TaskPolicy, TaskState
from grid.models.tasks import COMMUNITY_LENGTH
from grid.permissions import Capability
from grid.services.tasks import GROUND_MAX, PURPOSE_MAX, TITLE_MAX, task_send


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideDraft:
    """What the community heard. `legal_ground` "" where nobody gave one."""

    title: str
    purpose: str
    organisation: Organisation | None
    area_code: str
    hours: Decimal
    days: int
    legal_ground: str = ""
    duty: DutyItem | None = None


def task_note(*, draft: OutsideDraft, submission_key: UUID, actor: Viewer, at: datetime) -> Task:
    """Write down an ask that did not come through the portal, as a task of the community: it counts as a burden.

    What is on the list is to be done like any other; for the rest nobody had an admission, and it may be refused. The
    same key twice is one. Raises `Forbidden` out of reach, `DomainError` beside the field.
    """
    with constraint_errors(), transaction.atomic():
        known = Task.objects.filter(submission_key=submission_key).first()
        if known is not None:
            return known
        if len(draft.area_code) != COMMUNITY_LENGTH or not areas.exists(draft.area_code):
            raise DomainError("area_unknown", _("请选哪个社区"), field="area_code")
        require(actor, Capability.DO_TASK, Scope(draft.area_code))
        task = _row(draft, submission_key, actor, at)
        task.save(force_insert=True)
        Assignment.objects.create(task=task, area_code=draft.area_code, changed_at=at)
        task_send(task=task, actor=actor, at=at)
    return task


def _row(draft: OutsideDraft, key: UUID, actor: Viewer, at: datetime) -> Task:
    title, purpose = clean_text(draft.title, multiline=False), clean_text(draft.purpose)
    if not title:
        raise DomainError("title_missing", _("请写要做什么"), field="title")
    if draft.organisation is None:
        raise DomainError("organisation_missing", _("请选谁要的"), field="organisation")
    if not 0 < draft.hours < 1000:
        raise DomainError("hours_wrong", _("请写一家大概要几个小时，例如 1.5"), field="hours")
    if not 1 <= draft.days <= TaskPolicy.DAYS_MOST:
        raise DomainError("days_wrong", _("给 1 到 250 个工作日"), field="days")
    ground = clean_text(draft.legal_ground, multiline=False) or _("没有说依据")
    return Task(
        submission_key=key,
        title=title[:TITLE_MAX],
        purpose=(purpose or title)[:PURPOSE_MAX],
        kind=TaskKind.ACT,
        duty=draft.duty,
        legal_ground=ground[:GROUND_MAX],
        organisation=draft.organisation,
        area_code=draft.area_code[:9],
        by=actor.staff_user,
        created_at=at,
        state=TaskState.ADMITTED,
        admission=Admission.LISTED if duty_reason(draft.duty) is None else Admission.NONE,
        is_outside=True,
        hours=draft.hours,
        days=draft.days,
    )
