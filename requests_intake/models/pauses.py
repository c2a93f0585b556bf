"""What stops or moves the clocks of a request: pauses, the long-term ledger, the one extension."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from governance.worktime.durations import Duration, Unit
from requests_intake.models.evidence import EvidenceFile
from requests_intake.models.orders import WorkOrder
from requests_intake.models.requests import ServiceRequest, Supplement


class PauseKind(models.TextChoices):
    """Why the clocks stand still."""

    QUESTION = "question", _("等居民补充")
    SUSPENDED = "suspended", _("暂停办理")
    LEDGERED = "ledgered", _("长期挂账")


class Pause(models.Model):
    """The clocks of a request stood still. The resident reads `text`: the question, or the reason."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="pauses")
    kind = models.CharField(max_length=10, choices=PauseKind)
    text = models.CharField(max_length=3000)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    # When it ends by itself.
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The answer's date before it, and after it ended.
    due_before = models.DateTimeField()
    due_after = models.DateTimeField(null=True, blank=True)
    answer = models.ForeignKey(Supplement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(ended_at__isnull=True),
                name="pause_one_open",
                violation_error_message=_("这件诉求的时限已经停着"),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("started_at")),
                name="pause_until_later",
                violation_error_message=_("暂停要到以后的某一天"),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, due_after__isnull=True)
                | Q(ended_at__isnull=False, due_after__isnull=False),
                name="pause_ended_has_due",
                violation_error_message=_("结束的暂停要有新的期限"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.kind}"


class Decided(models.Model):
    """Something that an office asks for and a supervisor decides; decided by nobody in time, it is refused."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_approved = models.BooleanField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True


_DECIDED = Q(decided_at__isnull=True, is_approved__isnull=True) | Q(decided_at__isnull=False, is_approved__isnull=False)


class Extension(Decided):
    """The one extension of a request's answer: how much, why (the resident reads it), from which date to which."""

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="extension")
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])
    text = models.CharField(max_length=500)
    due_before = models.DateTimeField()
    due_after = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, due_after__gt=F("due_before")),
                name="extension_moves_on",
                violation_error_message=_("延期要延到以后"),
            ),
            models.CheckConstraint(
                condition=_DECIDED,
                name="extension_decided_has_answer",
                violation_error_message=_("定夺延期要写同意还是不同意"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.amount} {self.unit}"

    @property
    def duration(self) -> Duration:
        """How much, as worktime understands it."""
        return Duration(self.amount, Unit(self.unit))


class LedgerEntry(Decided):
    """A matter that cannot be solved for now (STANDARDS 1.6): why, what is planned, who is responsible, until when."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="ledger")
    text = models.CharField(max_length=500)
    plan = models.CharField(max_length=1000)
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # The day on which it comes back to work.
    milestone = models.DateField()
    # The sub-district's word; the district decides.
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("request", _("看得到这件诉求的工作人员"), lambda viewer: _staff_q(viewer))]

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(decided_at__isnull=True),
                name="ledger_one_undecided",
                violation_error_message=_("这件诉求的挂账还没有定夺"),
            ),
            models.CheckConstraint(
                condition=_DECIDED,
                name="ledger_decided_has_answer",
                violation_error_message=_("定夺挂账要写同意还是不同意"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.milestone:%Y-%m-%d}"


def _staff_q(viewer: Viewer) -> Q | None:
    return Q(request__in=ServiceRequest.objects.visible_to(viewer)) if viewer.kind == "staff" else None


class LedgerFile(EvidenceFile):
    """What an application for the ledger rests on: a paper, a photo of the spot. Never for the resident."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.CASCADE, related_name="files")

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.file_id}"


class LedgerMilestone(models.Model):
    """A step of the plan of a ledger entry (STANDARDS 1.6): by which day, what, and when it was reached."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.CASCADE, related_name="steps")
    day = models.DateField()
    text = models.CharField(max_length=100)
    reached_at = models.DateTimeField(null=True, blank=True)
    reached_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "day", "text"],
                name="ledger_milestone_once",
                violation_error_message=_("同一天的同一个节点写了两次"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.text}"

    @property
    def is_late(self) -> bool:
        """Whether its day has passed without it, on the ledger."""
        return self.reached_at is None and self.day < timezone.localdate()
