"""Clocks and the ladder of reminders: rows, so that nothing is due only in a broker's memory."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.worktime.durations import Duration, Unit
from requests_intake.models.catalogue import PolicyStage
from requests_intake.models.office_settings import OfficeSetting
from requests_intake.models.orders import WorkOrder
from requests_intake.models.requests import ServiceRequest
from requests_intake.workflow import ClockKind


class EscalationStep(OfficeSetting):
    """One rung: when it is reached, and which role hears of it. Rung 1 lies before the due time, the rest after."""

    level = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    # Rung 1: share of the time used up; later rungs: hours after the due time.
    share = models.FloatField(null=True, blank=True)
    hours_after = models.PositiveSmallIntegerField(null=True, blank=True)
    role = models.CharField(max_length=40)

    class Meta:
        ordering = ["level"]
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lt=1, hours_after__isnull=True)
                | Q(share__isnull=True, hours_after__isnull=False),
                name="step_share_or_hours",
                violation_error_message=_("提醒要么按用掉的时间，要么按超期的小时数"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.role}"

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


TIMES = "times"  # the unit of a limit that counts instead of measuring time
MINUTES = "minutes"  # too short for worktime
PLAIN_UNITS = (TIMES, MINUTES)


class TurnLimit(OfficeSetting):
    """How long a turn may take before it moves on by itself, as data: one row a turn, filled by a migration."""

    key = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(
        max_length=16, choices=[*((unit.value, unit.value) for unit in Unit), *((unit, unit) for unit in PLAIN_UNITS)]
    )

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="turn_limit_positive", violation_error_message=_("时限要大于零")
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.unit}"

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def duration(self) -> Duration:
        """The limit as worktime understands it."""
        return Duration(self.amount, Unit(self.unit))


class Clock(models.Model):
    """One running or stopped promise of a request or of an order. `original_due_at` is kept for ever."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="clocks")
    order = models.ForeignKey(WorkOrder, null=True, blank=True, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=10, choices=ClockKind)
    # Of the stages, which one; several run beside each other.
    stage = models.ForeignKey(PolicyStage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    original_due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    # Standing still since then; once it goes on, `due_at` has moved by the time that counts for it.
    paused_at = models.DateTimeField(null=True, blank=True)
    # Whether it counts office hours or days, and so moves by these.
    is_working = models.BooleanField(default=False)
    level = models.PositiveSmallIntegerField(default=0)
    # When the sweep has to look at it again; null once stopped or past the last rung.
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], name="clock_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["request", "kind"], name="clock_request_kind"),
            models.Index(fields=["due_at"], name="clock_rate_due", condition=Q(kind="rate", stopped_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind", "order", "stage"],
                condition=Q(stopped_at__isnull=True),
                nulls_distinct=False,
                name="clock_one_running",
                violation_error_message=_("这个时限已经在走了"),
            ),
            models.CheckConstraint(
                condition=Q(kind="stage", stage__isnull=False) | (~Q(kind="stage") & Q(stage__isnull=True)),
                name="clock_stage_iff_stage",
                violation_error_message=_("阶段的时限要写明是哪个阶段"),
            ),
            models.CheckConstraint(
                condition=Q(warn_at__gte=F("started_at"), due_at__gte=F("warn_at")),
                name="clock_times_in_order",
                violation_error_message=_("提醒要在开始和到期之间"),
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(next_at__isnull=True),
                name="clock_stopped_is_silent",
                violation_error_message=_("停了的时限不再提醒"),
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(stopped_at__isnull=True, next_at__isnull=True),
                name="clock_paused_is_silent",
                violation_error_message=_("暂停的时限不提醒"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.kind}"


class Escalation(models.Model):
    """One rung of one clock, reached once: the unique pair is what makes a second sweep harmless."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="escalations")
    level = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    recipient = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Reached while nobody was sweeping: told in one summary, not one by one.
    in_summary = models.BooleanField(default=False)
    summary = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="escalation_to_summarise", condition=Q(in_summary=True, summary__isnull=True)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "level"], name="escalation_once", violation_error_message=_("这一级已经提醒过了")
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.level}"
