"""Exclusion from the appraisal (剔除, STANDARDS 1.6): applied for with evidence, checked below, reviewed above."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope
from governance.organisations.models import Organisation
from requests_intake.models.evidence import EvidenceFile
from requests_intake.models.requests import ServiceRequest
from requests_intake.permissions import Capability


class ExclusionGround(models.TextChoices):
    """Eight grounds: the request is answered all the same, only the office is not judged by it (临沂 rules)."""

    OUTSIDE = "outside", _("不在本市管辖范围")
    LEGAL = "legal", _("要走、或已经进入诉讼、仲裁、复议、信访等渠道")
    UNLAWFUL = "unlawful", _("要求违反法律法规或政策")
    SECRET = "secret", _("涉及国家秘密、商业秘密、个人隐私或公序良俗")
    UNTRUE = "untrue", _("经核实，反映的情况不属实")
    EXCESSIVE = "excessive", _("要求明显不合理、过高")
    HEARING = "hearing", _("经听证认定不合理")
    MALICIOUS = "malicious", _("没有事实，恶意占用公共资源")


class Exclusion(models.Model):
    """One application. It takes nothing from the resident: it only leaves the request out of the rates."""

    class State(models.TextChoices):
        ASKED = "asked", _("等街道核对")
        CHECKED = "checked", _("等区级审核")
        GRANTED = "granted", _("已剔除")
        REFUSED = "refused", _("没有同意")

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="exclusions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # Copy, by which the list is narrowed.
    area_code = models.CharField(max_length=17, db_collation="C")
    ground = models.CharField(max_length=12, choices=ExclusionGround)
    text = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    check_words = models.CharField(max_length=500, blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True, default="")

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("area", _("在可以看诉求的区域内"), held_in_area(Capability.VIEW_REQUEST)),
        Rule("organisation", _("本单位申请的"), held_in_organisation(Capability.VIEW_ORDER, "organisation")),
    ]

    class Meta:
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(fields=["asked_at", "id"], name="exclusion_open", condition=Q(state__in=["asked", "checked"])),
            models.Index(fields=["-asked_at", "-id"], name="exclusion_asked"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=["asked", "checked", "granted"]),
                name="exclusion_one_alive",
                violation_error_message=_("这件已经申请过剔除"),
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at__isnull=True, checked_at__isnull=True)
                | Q(state="checked", checked_at__isnull=False, decided_at__isnull=True)
                | Q(state="granted", checked_at__isnull=False, decided_at__isnull=False)
                | Q(state="refused", decided_at__isnull=False),
                name="exclusion_steps_in_order",
                violation_error_message=_("剔除要先由街道核对，再由区级审核"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state in (self.State.ASKED, self.State.CHECKED)

    def access_scope(self) -> Scope:
        """Where it lies: the request's area and the organisation that applied."""
        return Scope(self.area_code, frozenset({self.organisation_id}))


class ExclusionFile(EvidenceFile):
    """What an application rests on: a paper, a photo of the spot."""

    exclusion = models.ForeignKey(Exclusion, on_delete=models.CASCADE, related_name="files")

    def __str__(self) -> str:
        return f"{self.exclusion_id}: {self.file_id}"
