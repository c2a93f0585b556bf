"""Breach cases (个人信息保护法 §57): what happened to whose data, who was told what by when, and how it ended."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.audit.models import Finding
from governance.privacy.fields import EncryptedTextField

_USER = settings.AUTH_USER_MODEL


class BreachPolicy(models.Model):
    """How soon whom to tell: one row. The law says "at once"; the hours are the office's own, not from a text."""

    ROW = 1
    HOURS_MOST = 720

    authority_hours = models.PositiveSmallIntegerField(default=24)
    persons_hours = models.PositiveSmallIntegerField(default=72)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="breach_policy_one_row", violation_error_message=_("告知时限只有一份")
            ),
            models.CheckConstraint(
                condition=Q(authority_hours__range=(1, 720), persons_hours__range=(1, 720)),
                name="breach_policy_in_bounds",
                violation_error_message=_("请写 1 到 720 之间的小时数"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority_hours} h, {self.persons_hours} h"


class BreachCase(models.Model):
    """One case. Its words may speak of people: encrypted. The hours are those in force when it was opened."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    title = EncryptedTextField(max_length=80)
    noticed_at = models.DateTimeField()
    what = EncryptedTextField(max_length=2000)
    kinds = EncryptedTextField(max_length=300)  # which kinds of data
    people = models.PositiveIntegerField(null=True, blank=True)  # how many; None: not known yet
    cause = EncryptedTextField(max_length=1000, blank=True, default="")
    harm = EncryptedTextField(max_length=1000, blank=True, default="")
    measures = EncryptedTextField(max_length=2000, blank=True, default="")
    advice = EncryptedTextField(max_length=1000, blank=True, default="")  # what the persons can do themselves
    contact = EncryptedTextField(max_length=200, blank=True, default="")
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    authority_hours = models.PositiveSmallIntegerField()
    persons_hours = models.PositiveSmallIntegerField()
    authority_told_at = models.DateTimeField(null=True, blank=True)
    authority_text = EncryptedTextField(max_length=4000, blank=True, default="")
    persons_told_at = models.DateTimeField(null=True, blank=True)
    persons_text = EncryptedTextField(max_length=4000, blank=True, default="")
    # the persons need not be told where measures keep harm away (§57): why
    persons_waived_at = models.DateTimeField(null=True, blank=True)
    persons_waived_why = EncryptedTextField(max_length=1000, blank=True, default="")
    authority_late_told_at = models.DateTimeField(null=True, blank=True)  # when colleagues heard that it is overdue
    persons_late_told_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = EncryptedTextField(max_length=2000, blank=True, default="")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-id"], name="breach_open", condition=Q(closed_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | (
                    Q(authority_told_at__isnull=False)
                    & (Q(persons_told_at__isnull=False) | Q(persons_waived_at__isnull=False))
                ),
                name="breach_closed_when_told",
                violation_error_message=_("报告和告知都有了交代，才能了结"),
            ),
            models.CheckConstraint(
                condition=Q(noticed_at__lte=F("opened_at")),
                name="breach_noticed_before_opened",
                violation_error_message=_("发现的时间不能晚于现在"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.noticed_at:%Y-%m-%d}"

    @property
    def authority_due_at(self) -> datetime:
        """Until when the authority is to be told."""
        return self.noticed_at + timedelta(hours=self.authority_hours)

    @property
    def persons_due_at(self) -> datetime:
        """Until when the persons are to be told."""
        return self.noticed_at + timedelta(hours=self.persons_hours)

    @property
    def is_persons_settled(self) -> bool:
        """Whether the persons were told, or need not be."""
        return self.persons_told_at is not None or self.persons_waived_at is not None
