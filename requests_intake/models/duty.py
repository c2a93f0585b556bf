"""Who is on duty (值班) when the offices are closed, and the alerts that must not wait until they open."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from governance.privacy.fields import EncryptedTextField
from requests_intake.models.office_settings import OfficeSetting
from requests_intake.models.requests import ServiceRequest
from requests_intake.permissions import Capability


class DutyShift(models.Model):
    """One person answers for an area in the window `[starts_at, ends_at)`, under this telephone number."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=17, db_collation="C")
    phone = EncryptedTextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["ends_at"], name="duty_shift_ends")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="duty_shift_ends_later",
                violation_error_message=_("结束要晚于开始"),
            ),
            ExclusionConstraint(
                name="duty_shift_one_at_a_time",
                expressions=[
                    ("area_code", RangeOperators.EQUAL),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("这段时间已经排了人，请刷新再看"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_code}: {self.person_id}"


class RiskWords(OfficeSetting):
    """The words behind which somebody may be in danger: one row, filled by a migration, edited by the office."""

    words = ArrayField(models.CharField(max_length=20), default=list)

    def __str__(self) -> str:
        return f"{len(self.words)}"


class AlertCause(models.TextChoices):
    """Why somebody is called."""

    WORDS = "words", _("有危险的词")
    ROUND_THE_CLOCK = "all_day", _("全天候事项")
    HAND = "hand", _("人工报告")


class RiskAlert(models.Model):
    """A request that may be an emergency (突发事件, 条例 §29): somebody is called until somebody says what was done."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="alerts")
    area_code = models.CharField(max_length=17, db_collation="C")
    cause = models.CharField(max_length=8, choices=AlertCause)
    # The words that were found, or what a colleague wrote.
    text = models.CharField(max_length=500, blank=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The last level that was called, and when the next one is; null once answered, or nobody is left to call.
    level = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=500, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("area", _("在处置警报的区域内"), held_in_area(Capability.ANSWER_ALERT))]

    class Meta:
        ordering = ["-raised_at", "-pk"]
        indexes = [
            models.Index(fields=["next_at", "id"], name="alert_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["area_code", "id"], name="alert_area"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(acknowledged_at__isnull=True),
                name="alert_one_open",
                violation_error_message=_("这件诉求已经报过，正在叫人处置"),
            ),
            # Whatever runs twice, the machine raises one request once.
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(raised_by__isnull=True),
                name="alert_once_by_itself",
                violation_error_message=_("这件诉求已经自动报过"),
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True, action="")
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False, next_at__isnull=True) & ~Q(action=""),
                name="alert_answered_says_what",
                violation_error_message=_("处置要写清楚谁做了什么"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.cause}"

    def access_scope(self) -> Scope:
        """Where it lies."""
        return Scope(self.area_code)


class AlertCall(models.Model):
    """Somebody was called at one level of an alert, once: the unique pair makes a second sweep harmless."""

    alert = models.ForeignKey(RiskAlert, on_delete=models.CASCADE, related_name="calls")
    level = models.PositiveSmallIntegerField()
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "level"], name="alert_call_once", violation_error_message=_("这一级已经叫过了")
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id}/{self.level}"
