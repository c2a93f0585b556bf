"""Service catalogue: what can be asked for, who answers, how soon."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.worktime.durations import Duration, Unit
from grid.models import DutyItem
from requests_intake.models.office_settings import OfficeSetting
from requests_intake.workflow import ClockKind


class Urgency(models.TextChoices):
    """How soon a category must be answered (STANDARDS 1.2); the hours themselves are policy data."""

    URGENT = "urgent", _("紧急")
    IMMEDIATE = "immediate", _("当日")
    GENERAL = "general", _("一般")
    COMPLEX = "complex", _("复杂疑难")


class DeadlinePolicy(models.Model):
    """One version of a set of time limits. Open requests keep the version that they were promised."""

    key = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    source = models.CharField(max_length=200, blank=True)
    # A number that no official text confirmed yet; administrators see it marked [GK].
    is_confirmed = models.BooleanField(default=False)
    valid_from = models.DateField()
    # Who made this version, when and why; empty for versions that came with the installation.
    made_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"], name="policy_version_unique", violation_error_message=_("这个版本已经有了")
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


class PolicyClock(models.Model):
    """One time limit of a policy: amount and unit, in natural or working hours or days."""

    policy = models.ForeignKey(DeadlinePolicy, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=10, choices=ClockKind)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "kind"], name="policy_clock_unique", violation_error_message=_("这一项时限已经有了")
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="policy_clock_amount_positive",
                violation_error_message=_("时限要大于零"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount} {self.unit}"

    @property
    def duration(self) -> Duration:
        """The limit as worktime understands it."""
        return Duration(self.amount, Unit(self.unit))


class PolicyStage(models.Model):
    """One stage of a policy between acceptance, from which it counts, and the answer: a first look, a stop-gap."""

    policy = models.ForeignKey(DeadlinePolicy, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])

    class Meta:
        ordering = ["policy", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "position"],
                name="policy_stage_unique",
                violation_error_message=_("这个阶段已经有了"),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, position__gt=0),
                name="policy_stage_positive",
                violation_error_message=_("时限要大于零"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}/{self.position}: {self.amount} {self.unit}"

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def duration(self) -> Duration:
        """The limit as worktime understands it."""
        return Duration(self.amount, Unit(self.unit))


class Category(models.Model):
    """An item of the catalogue in three levels; codes are hierarchical by prefix, two digits a level."""

    code = models.CharField(max_length=6, unique=True, db_collation="C")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    guide = models.TextField(blank=True)
    guide_en = models.TextField(blank=True)
    answered_by = models.CharField(max_length=60, blank=True)
    answered_by_en = models.CharField(max_length=80, blank=True)
    legal_basis = models.CharField(max_length=200, blank=True)
    acceptance = models.CharField(max_length=200, blank=True)
    closing = models.CharField(max_length=200, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.GENERAL)
    policy_key = models.SlugField(max_length=40)
    duty_item = models.ForeignKey(DutyItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_public = models.BooleanField(default=False)
    needs_place = models.BooleanField(default=True)
    # Every reply is read by a reviewer before the resident gets it (济南 §27).
    needs_review = models.BooleanField(default=False)
    round_the_clock = models.BooleanField(default=False)
    stop_text = models.TextField(blank=True)
    stop_text_en = models.TextField(blank=True)
    stop_phone = models.CharField(max_length=10, blank=True)
    keywords = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    # Extra questions as `requests_intake.questions` reads them: they are asked, changed and kept together.
    questions = models.JSONField(default=list, blank=True)
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^([0-9]{2}){1,3}$"),
                name="category_code_shape",
                violation_error_message=_("事项编码每级两位数字，最多三级"),
            ),
            models.CheckConstraint(
                condition=Q(stop_text="", stop_phone="") | (~Q(stop_text="") & ~Q(stop_phone="")),
                name="category_stop_has_phone",
                violation_error_message=_("要拦下的紧急事项，提示语和电话要一起填"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def level(self) -> int:
        """1, 2 or 3."""
        return len(self.code) // 2

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def guide_text(self) -> str:
        """What we do, what to say, what happens then, in the language of the page."""
        return self.guide_en if self.guide_en and get_language() == "en" else self.guide

    @property
    def answered_by_label(self) -> str:
        """Who answers, in the language of the page."""
        return self.answered_by_en if self.answered_by_en and get_language() == "en" else self.answered_by

    @property
    def stop_label(self) -> str:
        """What to do instead of reporting here, in the language of the page; "" where reporting is right."""
        return self.stop_text_en if self.stop_text_en and get_language() == "en" else self.stop_text


class ReasonText(OfficeSetting):
    """What a resident is told when a request is not dispatched, one text a legal reason: filled in, still editable."""

    reason = models.CharField(max_length=10, unique=True)
    text = models.TextField()
    text_en = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.reason


class CategoryVersion(models.Model):
    """A category as it was saved once: who, when, why. Requests keep the words of the version they were filed under."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    snapshot = models.JSONField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "version"],
                name="category_version_unique",
                violation_error_message=_("刚才有人改过这个事项，请看过最新的再改"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.category_id} v{self.version}"
