"""What a leader does about a request without taking it over: urge (催办), supervise (督办), instruct (批示)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope
from governance.organisations.models import Organisation
from requests_intake.models.requests import ServiceRequest
from requests_intake.permissions import Capability


class Intervention(models.Model):
    """One of them. A supervision has a number and a date by which the office answers whoever supervises."""

    class Kind(models.TextChoices):
        URGE = "urge", _("催办")
        SUPERVISE = "supervise", _("督办")
        INSTRUCT = "instruct", _("批示")

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="interventions")
    kind = models.CharField(max_length=10, choices=Kind)
    # Who led when it was made; None: it was still at the desk.
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Copy, by which the list is narrowed.
    area_code = models.CharField(max_length=17, db_collation="C")
    # Of a supervision: the request's number and which one it is of that request.
    number = models.CharField(max_length=24, blank=True, default="", db_collation="C")
    text = models.CharField(max_length=500)
    due_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.CharField(max_length=1000, blank=True, default="")
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    # Whether both sides were told that the date had passed.
    late_told = models.BooleanField(default=False)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("area", _("在可以看诉求的区域内"), held_in_area(Capability.VIEW_REQUEST)),
        Rule("organisation", _("督办本单位的"), held_in_organisation(Capability.VIEW_ORDER, "organisation")),
    ]

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="supervision_open",
                condition=Q(kind="supervise", answered_at__isnull=True),
            ),
            models.Index(fields=["-at", "-id"], name="supervision_made", condition=Q(kind="supervise")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="supervision_number_once",
                violation_error_message=_("这个督办单号已经有了"),
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(kind="supervise", answered_at__isnull=True),
                name="supervision_one_open",
                violation_error_message=_("这件已经在督办，等承办单位回复"),
            ),
            models.CheckConstraint(
                condition=(Q(kind="supervise", due_at__isnull=False) & ~Q(number=""))
                | (~Q(kind="supervise") & Q(number="")),
                name="supervision_has_date_and_number",
                violation_error_message=_("督办要写哪天以前回复"),
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(kind="supervise", answered_at__isnull=False) & ~Q(answer="")),
                name="supervision_answered_in_words",
                violation_error_message=_("请写督办的回复"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.kind}"

    def access_scope(self) -> Scope:
        """Where it lies: the request's area and the organisation that led."""
        ids = frozenset({self.organisation_id}) if self.organisation_id else frozenset()
        return Scope(self.area_code, ids)
