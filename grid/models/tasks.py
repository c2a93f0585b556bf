"""Tasks (任务): what an office asks of communities or a community of its grids; one assignment an addressee.

Nobody signs for a task, nobody is ranked by one, and no photo is ever needed (国办函〔2026〕12号).
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.access.rules import Rule, VisibleQuerySet, area_q, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.organisations.models import Organisation
from grid.models.duty import DutyItem
from grid.models.task_policy import policy_current
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL
COMMUNITY_LENGTH = 12


class TaskKind(models.TextChoices):
    """What is to be done."""

    ACT = "act", _("做事")
    FORM = "form", _("填报")
    VISIT = "visit", _("走访")


class TaskState(models.TextChoices):
    """Life of an ask: applied -> admitted -> sent, or sent at once; declined, cancelled."""

    APPLIED = "applied", _("等准入")
    ADMITTED = "admitted", _("准入了，还没到日子")
    DECLINED = "declined", _("没有准入")
    SENT = "sent", _("已下达")
    CANCELLED = "cancelled", _("撤销了")


class Admission(models.TextChoices):
    """Why it may be asked: the list says so, somebody decided so, or nobody did (asked outside the portal)."""

    LISTED = "listed", _("在清单上")
    ADMITTED = "admitted", _("经过准入")
    NONE = "none", _("没有准入")


class Repeat(models.TextChoices):
    """How often it comes again."""

    WEEK = "week", _("每周")
    MONTH = "month", _("每月")
    QUARTER = "quarter", _("每季度")


class FieldKind(models.TextChoices):
    """What a line of a form is filled with."""

    TEXT = "text", _("文字")
    NUMBER = "number", _("数字")
    DATE = "date", _("日期")
    YES_NO = "yes_no", _("是或否")


class Task(models.Model):
    """One ask. `area_code` is where the asker stands (sub-district or community); the addressees lie below.

    `organisation` is on whose behalf: a department asks through the sub-district. `hours` is what the asker thinks one
    addressee needs; `days` are working days from sending. `fields` of a form: [{"label", "kind", "fact"}], `fact` the
    key of what the portal knows itself. Rounds of a repeated ask share `series`, the first one's row. `total`,
    `waiting` and `settled` count its assignments, so that a list counts nothing.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("要做什么"), max_length=60)
    purpose = models.CharField(_("为了什么、怎么做"), max_length=1000)
    kind = models.CharField(_("种类"), max_length=8, choices=TaskKind)
    duty = models.ForeignKey(DutyItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    legal_ground = models.CharField(_("依据"), max_length=300)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(_("谁的辖区"), max_length=17, db_collation="C")
    by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=TaskState)
    admission = models.CharField(max_length=10, choices=Admission, blank=True, default="")
    is_outside = models.BooleanField(default=False)  # came by telephone, paper or chat; an addressee entered it
    is_appraisal = models.BooleanField(default=False)
    is_known = models.BooleanField(default=False)  # a form that the portal could have filled in itself
    hours = models.DecimalField(_("大概几个小时"), max_digits=5, decimal_places=1)
    days = models.PositiveSmallIntegerField(_("给几个工作日"))
    fields = models.JSONField(default=list, blank=True)
    weight = models.PositiveSmallIntegerField(_("分值"), null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    repeat = models.CharField(pgettext_lazy("of a task", "重复"), max_length=8, choices=Repeat, blank=True, default="")
    repeat_until = models.DateField(_("重复到哪天"), null=True, blank=True)
    series = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="rounds")
    round = models.PositiveSmallIntegerField(default=1)
    next_at = models.DateTimeField(null=True, blank=True)  # when the next round goes out; None: no next one
    end_reason = models.CharField(max_length=300, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("asked-area", _("在您负责的区域内下达的"), held_in_area(Capability.VIEW_TASK))]

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["area_code", "-id"], name="task_area"),
            models.Index(fields=["next_at"], name="task_next", condition=Q(next_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(purpose="") & ~Q(legal_ground=""),
                name="task_says_why",
                violation_error_message=_("请写做什么、为了什么、依据哪个文件"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TaskKind.values, state__in=TaskState.values)
                & Q(admission__in=["", *Admission.values], repeat__in=["", *Repeat.values]),
                name="task_words_known",
                violation_error_message=_("种类、状态、准入或重复写错了"),
            ),
            models.CheckConstraint(
                condition=Q(hours__gt=0, days__range=(1, 250)),
                name="task_takes_time",
                violation_error_message=_("请写大概要几个小时，给 1 到 250 个工作日"),
            ),
            models.CheckConstraint(
                condition=~Q(kind="form") | ~Q(fields=[]),
                name="task_form_has_fields",
                violation_error_message=_("填报要写明填哪几项"),
            ),
            models.CheckConstraint(
                condition=Q(repeat="", repeat_until__isnull=True) | ~Q(repeat="") & Q(repeat_until__isnull=False),
                name="task_repeat_ends",
                violation_error_message=_("重复的任务要写到哪天为止"),
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False, due_at__isnull=False) & ~Q(admission=""),
                name="task_sent_is_admitted",
                violation_error_message=_("没有准入的任务不能下达"),
            ),
            models.CheckConstraint(
                condition=~Q(admission="none") | Q(is_outside=True),
                name="task_unadmitted_came_from_outside",
                violation_error_message=_("没有准入的任务不能下达"),
            ),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__range=(1, 100)),
                name="task_weight_in_bounds",
                violation_error_message=_("分值写 1 到 100"),
            ),
            models.UniqueConstraint(
                fields=["series", "round"],
                name="task_round_once",
                violation_error_message=_("这一轮已经下达过了"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def access_scope(self) -> Scope:
        """Whoever asks in this area decides over what was asked from it."""
        return Scope(self.area_code)

    @property
    def asks_communities(self) -> bool:
        """Whether communities are asked, not a community its own grids."""
        return len(self.area_code) < COMMUNITY_LENGTH


def shown_weight(task: Task) -> int | None:
    """The weight of a task while weights are on; whatever was written while they were on says nothing now. 0-1 SQL."""
    return task.weight if task.weight is not None and policy_current().weights_on else None


class AssignmentState(models.TextChoices):
    """Life of an assignment. There is no "signed for": what was sent is there."""

    PLANNED = "planned", _("还没下达")
    OPEN = "open", _("要办")
    ANSWERED = "answered", _("等对方看")
    REWORK = "rework", _("退回补办")
    ACCEPTED = "accepted", _("通过了")
    HANDED_BACK = "handed_back", _("说找错了人")
    REFUSED = "refused", _("没有准入，不办")
    CANCELLED = "cancelled", _("撤销了")


TO_DO = (AssignmentState.OPEN, AssignmentState.REWORK)
TO_LOOK_AT = (AssignmentState.ANSWERED, AssignmentState.HANDED_BACK)
SETTLED = (AssignmentState.ACCEPTED, AssignmentState.REFUSED, AssignmentState.CANCELLED)
# What nobody did, or need not have done, burdens nobody.
NO_BURDEN = (AssignmentState.PLANNED, AssignmentState.REFUSED, AssignmentState.CANCELLED)


def _addressed(viewer: Viewer) -> Q | None:
    inside = area_q(viewer.areas(Capability.VIEW_TASK))
    return None if inside is None else inside & ~Q(state=AssignmentState.PLANNED)


class AssignmentQuerySet(VisibleQuerySet):
    """Assignments, as lists show them."""

    def to_do(self) -> "AssignmentQuerySet":
        """Those that somebody still has to do."""
        return self.filter(state__in=TO_DO)


class Assignment(models.Model):
    """A task as one community or grid has it. `values` are the answers to the form's fields, in their order.

    `asked_until` is an extension that was asked for and not decided yet; `reminded` how far the reminders are: 1 the
    last working day, 2 over.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments")
    area_code = models.CharField(_("给谁"), max_length=17, db_collation="C")
    state = models.CharField(max_length=12, choices=AssignmentState, default=AssignmentState.PLANNED)
    sent_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    asked_until = models.DateTimeField(null=True, blank=True)
    values = models.JSONField(default=list, blank=True)
    reworks = models.PositiveSmallIntegerField(default=0)
    reminded = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    objects = AssignmentQuerySet.as_manager()
    RULES = [Rule("addressed-area", _("给您负责的区域的"), _addressed)]

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at", "id"], name="assignment_to_do", condition=Q(state__in=["open", "rework"])),
            models.Index(fields=["area_code", "due_at"], name="assignment_of_area"),
            models.Index(fields=["-sent_at", "-id"], name="assignment_sent"),
            models.Index(fields=["area_code", "sent_at"], name="assignment_month"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "area_code"],
                name="assignment_once",
                violation_error_message=_("同一个任务只给一次"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=AssignmentState.values)
                & (Q(state__in=["planned", "cancelled"]) | Q(sent_at__isnull=False, due_at__isnull=False)),
                name="assignment_sent_has_dates",
                violation_error_message=_("下达了的任务要有日期"),
            ),
            models.CheckConstraint(
                condition=Q(asked_until__isnull=True) | Q(asked_until__gt=F("due_at")),
                name="assignment_extension_is_later",
                violation_error_message=_("延期要晚于现在的期限"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}@{self.area_code}"

    def access_scope(self) -> Scope:
        """Whoever does tasks in this area does this one."""
        return Scope(self.area_code)

    def is_late(self, at: datetime) -> bool:
        """Whether the day is over and it is still to be done."""
        return self.state in TO_DO and self.due_at is not None and self.due_at < at


class Step(models.TextChoices):
    """What happened to an assignment, for its history."""

    ANSWERED = "answered", _("答复了")
    ACCEPTED = "accepted", _("通过了")
    REWORK = "rework", _("退回补办")
    EXTENSION_ASKED = "extension_asked", _("申请延期")
    EXTENDED = "extended", _("同意延期")
    NOT_EXTENDED = "not_extended", _("没有同意延期")
    HANDED_BACK = "handed_back", _("说找错了人")
    SENT_AGAIN = "sent_again", _("又发了一次")
    REFUSED = "refused", _("因没有准入，不办")
    CANCELLED = "cancelled", _("撤销了")


class AssignmentEntry(models.Model):
    """One line of an assignment's history. Photos hang on the line by reference; none is ever needed."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="entries")
    step = models.CharField(max_length=16, choices=Step)
    at = models.DateTimeField()
    by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.step}"
