"""Dispatch rules (派单目录): what goes where, in the order in which they are asked; and trials of them on the past."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.organisations.models import Organisation
from requests_intake.models.requests import Channel, RequestKind, ServiceRequest


class RuleHours(models.TextChoices):
    """When a request came in, by the working calendar."""

    ANY = "any", _("什么时候都行")
    OFFICE = "office", _("办公时间里")
    CLOSED = "closed", _("办公时间以外")


class RuleFault(models.TextChoices):
    """Why a rule switched itself off."""

    CATEGORY_GONE = "category_gone", _("写的事项已经没有了")
    CATEGORY_RETIRED = "category_retired", _("写的事项停用了")
    ORGANISATION_CLOSED = "organisation_closed", _("写的单位停用了")
    ERROR = "error", _("判断时出错，例如工作日历用完了")
    REFUSED = "refused", _("直派被退了回来，原因写在那件诉求的经过里")


class DispatchRule(models.Model):
    """Whom to suggest for a request, or to send it to at once. Rules are asked by position, the first that fits wins.

    An empty condition fits everything; all the others must be met. Of rules with one position, as imports leave them,
    the more specific one is asked first.
    """

    position = models.PositiveIntegerField(default=0)
    category_prefix = models.CharField(max_length=6, db_collation="C", blank=True)
    area_prefix = models.CharField(max_length=17, db_collation="C", blank=True)
    kinds = ArrayField(models.CharField(max_length=12, choices=RequestKind), default=list, blank=True)
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), default=list, blank=True)
    words = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    hours = models.CharField(max_length=8, choices=RuleHours, default=RuleHours.ANY)
    # Local time of day; a span that ends before it begins runs over midnight.
    time_from = models.TimeField(null=True, blank=True)
    time_until = models.TimeField(null=True, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    # Dispatches at once (直派) what was just accepted; confirmed for this version. Else it proposes.
    acts = models.BooleanField(default=False)
    # Counts what changes where it sends what: conditions and organisation.
    version = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=200, blank=True, default="")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    fault = models.CharField(max_length=20, choices=RuleFault, blank=True, default="")
    fault_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(time_from__isnull=True, time_until__isnull=True)
                | Q(time_from__isnull=False, time_until__isnull=False),
                name="dispatch_rule_time_span",
                violation_error_message=_("几点到几点，要么都写，要么都空着"),
            ),
            models.CheckConstraint(
                condition=Q(fault="", fault_at__isnull=True) | Q(~Q(fault=""), fault_at__isnull=False, is_active=False),
                name="dispatch_rule_fault_is_off",
                violation_error_message=_("出了问题的规则要先停用"),
            ),
            models.CheckConstraint(
                condition=Q(fault="") | Q(acts=False),
                name="dispatch_rule_fault_never_acts",
                violation_error_message=_("出了问题的规则不能直派"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.category_prefix}@{self.area_prefix}"


class RuleRun(models.Model):
    """A trial: the rules asked about what came in between two moments. `rule`: one more rule that was tried along."""

    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    rule = models.ForeignKey(DispatchRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    rule_version = models.PositiveIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # What `rule` would have sent out by itself, and how much of that went where it says.
    fitted = models.PositiveIntegerField(default=0)
    fitted_agreed = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)
    differed = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}: {self.agreed}/{self.asked}"


class RuleRunRow(models.Model):
    """One request of a trial that would have gone elsewhere than it went; `ruled` None: no rule fits it."""

    run = models.ForeignKey(RuleRun, on_delete=models.CASCADE, related_name="rows")
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    rule = models.ForeignKey(DispatchRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ruled = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    went = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "id"], name="rule_run_row")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.request_id}"
