"""Breach cases (个人信息保护法 §57): what happened to whose data, who was told what by when, and how it ended.

Impact assessments (§55, §56): what must be thought through, and approved by somebody else, before a use begins.
"""

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.audit.models import Finding
from governance.privacy.fields import EncryptedTextField
from governance.protection.person_requests.models import PersonCopy as PersonCopy
from governance.protection.person_requests.models import PersonRequest as PersonRequest
from governance.protection.person_requests.models import PersonRequestPolicy as PersonRequestPolicy

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


class ImpactAssessment(models.Model):
    """What §56 asks of one use of people's data; the use is open while one is approved, in time and not ended.

    Kept for good, as are all its answers: the law asks for three years at least.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    use = models.CharField(max_length=60)  # key of a `SensitiveUse`
    necessity = models.TextField(max_length=2000)
    risks = models.TextField(max_length=2000)
    measures = models.TextField(max_length=2000)
    valid_until = models.DateField()  # the last day on which the use is open
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_approved = models.BooleanField(null=True)
    note = models.TextField(max_length=1000, blank=True, default="")  # of who decided
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_why = models.CharField(max_length=200, blank=True, default="")
    reminded_at = models.DateTimeField(null=True, blank=True)  # that it runs out

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["use", "valid_until"], name="assessment_open", condition=Q(is_approved=True, ended_at=None)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["use"],
                condition=Q(decided_at__isnull=True),
                name="assessment_one_waiting",
                violation_error_message=_("这一项已经有一份在等批准，请先批完那一份"),
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, is_approved__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_approved__isnull=False),
                name="assessment_decision_whole",
                violation_error_message=_("批准或退回要写明是谁、什么时候"),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("filed_by")),
                name="assessment_decided_by_another",
                violation_error_message=_("自己写的评估，要由另一个人批准"),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False, is_approved=True),
                name="assessment_ended_once_approved",
                violation_error_message=_("只有批准了的评估才能提前结束"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.use}"

    def is_open_on(self, day: date) -> bool:
        """Whether the use may go on on this local day because of this assessment."""
        return bool(self.is_approved) and self.ended_at is None and self.valid_until >= day
