"""Grants that end: how many days before people are reminded, who was, and what was lengthened, by whom and why."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def _days() -> list[int]:
    return [14, 3]


class ReminderPolicy(models.Model):
    """How many days before a grant ends, or a review is due, people are reminded: one row."""

    ROW = 1
    STAGES_MOST, DAYS_MOST = 4, 90

    days = ArrayField(models.PositiveSmallIntegerField(), default=_days)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="reminder_policy_one_row", violation_error_message=_("提醒规则只有一份")
            )
        ]

    def __str__(self) -> str:
        return f"{self.days}"


class GrantReminder(models.Model):
    """Somebody was reminded of a grant that ends at `ends_at`, so many days before: once each, whatever runs twice."""

    grant = models.ForeignKey("access.Grant", on_delete=models.CASCADE, related_name="+")
    ends_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "ends_at", "days"],
                name="grant_reminder_once",
                violation_error_message=_("已经提醒过了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.days} d"


class GrantExtension(models.Model):
    """A grant was lengthened: from when to when (None: without an end), by whom, why. Only inserted."""

    grant = models.ForeignKey("access.Grant", on_delete=models.PROTECT, related_name="extensions")
    before = models.DateTimeField()
    after = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(after__isnull=True) | Q(after__gt=F("before")),
                name="grant_extension_later",
                violation_error_message=_("延期要晚于现在的结束时间"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.before:%Y-%m-%d}"
