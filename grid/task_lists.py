"""Which tasks a list shows, and what waits for somebody."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from governance.access.viewer import Viewer
from governance.worktime.days import midnight
from grid.models import Application, Assignment, Task, TaskKind, TaskState
from grid.models.tasks import COMMUNITY_LENGTH, NO_BURDEN, SETTLED, TO_DO, TO_LOOK_AT, AssignmentQuerySet
from grid.permissions import Capability

MINE, OPEN, WAITING, DONE, BURDEN = "mine", "open", "waiting", "done", "burden"
COUNTED_MOST = 99
_STATES = {MINE: TO_DO, OPEN: TO_DO, WAITING: TO_LOOK_AT, DONE: SETTLED}


@dataclass(frozen=True, slots=True)
class TaskWanted:
    """What a list of assignments is narrowed to; empty values narrow nothing.

    The view "burden" shows exactly what the burden board counts; `month` is the first day of a month.
    """

    view: str = OPEN
    area: str = ""
    month: date | None = None
    organisation: int | None = None
    duty: int | None = None  # 0 is "without a duty"
    forms_only: bool = False
    known_only: bool = False


def order_of(view: str) -> tuple[str, str]:
    """What is to be done by its day, everything else the newest first."""
    return ("due_at", "id") if view in (MINE, OPEN) else ("-sent_at", "-id")


def assignments_for(viewer: Viewer, wanted: TaskWanted) -> AssignmentQuerySet:
    """Assignments the viewer may see and asked for, in no order yet."""
    rows: AssignmentQuerySet = Assignment.objects.visible_to(viewer)
    if wanted.view == MINE:
        rows = rows.filter(area_code__in=own_areas(viewer))
    if wanted.view == BURDEN:
        rows = rows.filter(area_code__regex=rf"^[0-9]{{{COMMUNITY_LENGTH}}}$").exclude(state__in=NO_BURDEN)
    else:
        rows = rows.filter(state__in=_STATES[wanted.view])
    if wanted.area:
        rows = rows.filter(area_code__startswith=wanted.area)
    if wanted.month is not None:
        rows = rows.filter(sent_at__gte=midnight(wanted.month), sent_at__lt=midnight(month_after(wanted.month)))
    if wanted.organisation is not None:
        rows = rows.filter(task__organisation=wanted.organisation)
    if wanted.duty is not None:
        rows = rows.filter(task__duty=wanted.duty or None)
    if wanted.forms_only or wanted.known_only:
        rows = rows.filter(task__kind=TaskKind.FORM)
    if wanted.known_only:
        rows = rows.filter(task__is_known=True)
    return rows


def own_areas(viewer: Viewer) -> list[str]:
    """The communities and grids whose tasks are this viewer's own to do."""
    return [code for code in viewer.areas(Capability.DO_TASK) if len(code) >= COMMUNITY_LENGTH]


def tasks_open_for(viewer: Viewer) -> int:
    """How many tasks are this viewer's own to do, 99 at most. 1 SQL, none for who does none."""
    codes = own_areas(viewer)
    return _to_do_in(codes).order_by("pk")[:COUNTED_MOST].count() if codes else 0


def tasks_late_for(viewer: Viewer, at: datetime) -> int:
    """How many of them are over at `at`, 99 at most. 1 SQL, none for who does none."""
    codes = own_areas(viewer)
    return _to_do_in(codes).filter(due_at__lt=at).order_by("pk")[:COUNTED_MOST].count() if codes else 0


def _to_do_in(codes: list[str]) -> AssignmentQuerySet:
    rows: AssignmentQuerySet = Assignment.objects.filter(area_code__in=codes, state__in=TO_DO)
    return rows


def asks_for(viewer: Viewer, *, area: str = "", waiting_only: bool = False) -> "QuerySet[Task]":
    """Asks the viewer may see, with duty and organisation, in no order yet."""
    rows = Task.objects.visible_to(viewer).select_related("organisation", "duty")
    if area:
        rows = rows.filter(area_code__startswith=area)
    return rows.filter(state=TaskState.SENT, waiting__gt=0) if waiting_only else rows


def applications_for(viewer: Viewer, *, is_open: bool) -> "QuerySet[Application]":
    """Applications the viewer decides over or made, with their task, in no order yet."""
    rows = Application.objects.visible_to(viewer).select_related("task__organisation", "asked_by", "decided_by")
    return rows.filter(decided_at__isnull=is_open)


def applications_waiting(viewer: Viewer) -> int:
    """How many applications wait for this viewer's decision, 99 at most. 1 SQL, none for who decides nothing."""
    if not viewer.can(Capability.ADMIT_TASK):
        return 0
    rows = applications_for(viewer, is_open=True).exclude(Q(asked_by__isnull=False) & Q(asked_by=viewer.user_id))
    return rows.order_by("pk")[:COUNTED_MOST].count()


def month_of(moment: datetime) -> date:
    """First day of the local month."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date().replace(day=1)


def month_after(month: date, count: int = 1) -> date:
    """First day of the month so many months later (or earlier)."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)
