"""Admission (准入): what is on no list may be asked of communities only if a second person says so."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from grid.models.tasks import Task
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL


class AdmissionReason(models.TextChoices):
    """Why an ask needs an admission."""

    NO_DUTY = "no_duty", _("没有对应的履职事项")
    NOT_LISTED = "not_listed", _("这件事不在可以让社区做的清单上")
    WITHDRAWN = "withdrawn", _("这件事已经由上级收回")
    APPRAISAL = "appraisal", _("这是考核、评比或检查")
    KNOWN = "known", _("要填的门户都已经知道，不用社区再填")
    OVER_CAP = "over_cap", _("这一年的考核次数已经用完")


class Application(models.Model):
    """One application, decided by somebody else. `decide_by` and `earliest_at` follow from working days of the policy.

    `reasons` are those of the day of the application.
    """

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="application")
    area_code = models.CharField(max_length=17, db_collation="C")  # copy, by which the list is narrowed
    reasons = models.JSONField(default=list)
    grounds = models.CharField(_("理由"), max_length=1000)
    asked_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decide_by = models.DateTimeField()
    earliest_at = models.DateTimeField()
    decided_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_admitted = models.BooleanField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True, default="")

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("decides", _("由您这里决定的"), held_in_area(Capability.ADMIT_TASK)),
        Rule("applied", _("本人申请的"), lambda viewer: Q(asked_by=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["decide_by", "id"]
        indexes = [
            models.Index(fields=["decide_by", "id"], name="application_open", condition=Q(decided_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="application_other_hand",
                violation_error_message=_("谁申请的，不能由谁来决定"),
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, is_admitted__isnull=True, decision="")
                | Q(decided_at__isnull=False, is_admitted__isnull=False) & ~Q(decision=""),
                name="application_decided_says_why",
                violation_error_message=_("请写为什么这样决定"),
            ),
            models.CheckConstraint(
                condition=~Q(grounds=""), name="application_has_grounds", violation_error_message=_("请写申请的理由")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.is_admitted}"

    def access_scope(self) -> Scope:
        """Where it is asked."""
        return Scope(self.area_code)
