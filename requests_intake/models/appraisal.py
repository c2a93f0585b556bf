"""The appraisal (考核, STANDARDS 1.9): versioned schemes, monthly bulletins that stay as they were, and objections.

A bulletin keeps the requests that were counted (`BulletinItem`) and what they add up to for each organisation
(`BulletinRow`), so that anybody can recompute it. Organisations are compared within their kind; people never are.
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope
from governance.organisations.models import Organisation
from requests_intake.models.evidence import EvidenceFile
from requests_intake.models.requests import ServiceRequest
from requests_intake.permissions import Capability

WEIGHTS = ("weight_contacted", "weight_solved", "weight_satisfied", "weight_whistle")


class ScoringScheme(models.Model):
    """How a month is judged: one version, never changed. The newest that is valid on the first of a month judges it."""

    version = models.PositiveIntegerField(unique=True)
    valid_from = models.DateField()
    # Percent; together 100.
    weight_contacted = models.PositiveSmallIntegerField()
    weight_solved = models.PositiveSmallIntegerField()
    weight_satisfied = models.PositiveSmallIntegerField()
    weight_whistle = models.PositiveSmallIntegerField(default=0)
    # What "fair" (基本满意) counts, of 1.
    fair_factor = models.DecimalField(max_digits=3, decimal_places=2, default=Decimal("0.90"))
    # Whether what is overdue and unanswered is in the base, as not solved and not satisfied (条例 §23).
    counts_unanswered = models.BooleanField(default=True)
    # Below so many nothing is compared.
    min_sample = models.PositiveSmallIntegerField(default=5)
    # The district's own rule (文号 and title). Without it the composite is a preview only.
    rule = models.CharField(max_length=200, blank=True, default="")
    why = models.CharField(max_length=300)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weight_contacted=100 - F("weight_solved") - F("weight_satisfied") - F("weight_whistle")),
                name="scheme_weights_are_100",
                violation_error_message=_("几项权重加起来要正好是 100"),
            ),
            models.CheckConstraint(
                condition=Q(fair_factor__gte=0, fair_factor__lte=1),
                name="scheme_factor_range",
                violation_error_message=_("基本满意按 0 到 1 折算"),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"

    @property
    def is_official(self) -> bool:
        """Whether the district has recorded the rule by which a composite may be published."""
        return bool(self.rule)


class Bulletin(models.Model):
    """The result of a month (通报). A later version corrects an earlier one, which stays."""

    month = models.DateField()
    version = models.PositiveSmallIntegerField()
    scheme = models.ForeignKey(ScoringScheme, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-month", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "version"],
                name="bulletin_once",
                violation_error_message=_("这个月的通报已经有人定稿了"),
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="bulletin_of_a_month",
                violation_error_message=_("通报按整月出"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} v{self.version}"


class BulletinRow(models.Model):
    """What one organisation's requests add up to. Rates are worked out from these numbers, never stored."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="rows")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    valid = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveIntegerField(default=0)
    contacted = models.PositiveIntegerField(default=0)
    solved = models.PositiveIntegerField(default=0)
    # Grades of the valid call-backs: very good and good, fair, all others and none.
    good = models.PositiveIntegerField(default=0)
    fair = models.PositiveIntegerField(default=0)
    # Beside the rates, in none of them.
    excluded = models.PositiveIntegerField(default=0)
    ledgered = models.PositiveIntegerField(default=0)
    unrated = models.PositiveIntegerField(default=0)
    # Marks from the other side of whistles, 1 to 5: how many, and their sum.
    marks = models.PositiveIntegerField(default=0)
    marks_sum = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "organisation"],
                name="bulletin_row_once",
                violation_error_message=_("一个单位在一份通报里只有一行"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin_id}: {self.organisation_id}"


class BulletinItem(models.Model):
    """One request that was counted, with what was counted of it."""

    class How(models.TextChoices):
        RATED = "rated", _("有效回访")
        UNANSWERED = "unanswered", _("到期没有答复")

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="items")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=10, choices=How)
    contacted = models.BooleanField()
    solved = models.BooleanField()
    grade = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["bulletin", "organisation", "id"], name="bulletin_item_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "request"],
                name="bulletin_item_once",
                violation_error_message=_("一件诉求在一份通报里只算一次"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin_id}: {self.request_id}"


class Objection(models.Model):
    """An organisation says that one of its requests was counted wrongly; upheld, the next version leaves it out."""

    class State(models.TextChoices):
        ASKED = "asked", _("等裁定")
        UPHELD = "upheld", _("成立，不计入")
        REFUSED = "refused", _("不成立")

    item = models.ForeignKey(BulletinItem, on_delete=models.CASCADE, related_name="objections")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # Copy, by which the list is narrowed.
    area_code = models.CharField(max_length=17, db_collation="C")
    text = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True, default="")

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("area", _("在可以看考核的区域内"), held_in_area(Capability.VIEW_APPRAISAL)),
        Rule("organisation", _("本单位提出的"), held_in_organisation(Capability.VIEW_APPRAISAL, "organisation")),
    ]

    class Meta:
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(fields=["asked_at", "id"], name="objection_open", condition=Q(state="asked")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state="asked"),
                name="objection_one_open",
                violation_error_message=_("这一件已经提出异议，等裁定"),
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at__isnull=True)
                | (~Q(state="asked") & Q(decided_at__isnull=False) & ~Q(decision="")),
                name="objection_decided_in_words",
                violation_error_message=_("裁定异议要写理由"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.state}"

    def access_scope(self) -> Scope:
        """Where it lies: the organisation that objects, and its area."""
        return Scope(self.area_code, frozenset({self.organisation_id}))


class ObjectionFile(EvidenceFile):
    """What an objection rests on; for whoever decides it and the organisation that objects."""

    objection = models.ForeignKey(Objection, on_delete=models.CASCADE, related_name="files")

    def __str__(self) -> str:
        return f"{self.objection_id}: {self.file_id}"
