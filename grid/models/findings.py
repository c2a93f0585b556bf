"""Findings: what somebody sees on a walk through a grid. A fault, a hazard, or the trace of a dispute."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.access.rules import Rule, VisibleQuerySet, area_q
from governance.access.viewer import Scope, Viewer
from governance.files.models import StoredFile
from governance.privacy.fields import EncryptedTextField
from grid.models.codes import CodeItem
from grid.models.components import Component
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL
TEXT_MAX = 500
PLACE_MAX = 100


class FindingKind(models.TextChoices):
    """What it is: handled as an order, as a hazard, or by whoever mediates."""

    MATTER = "matter", pgettext_lazy("seen on a walk", "事项")
    HAZARD = "hazard", _("安全隐患")
    DISPUTE = "dispute", _("纠纷线索")


class FindingState(models.TextChoices):
    """How far it is. After `reported` only those who handle it move it on (`services.findings.finding_link_order`)."""

    SETTLED = "settled", _("当场处理了")
    REPORTED = "reported", _("已上报")
    FILED = "filed", _("已立案")
    HANDLING = "handling", _("办理中")
    CLOSED = "closed", _("已办结")
    DECLINED = "declined", _("没有立案")


# What an order may make of a finding.
LINKED = (FindingState.FILED, FindingState.HANDLING, FindingState.CLOSED, FindingState.DECLINED)
_OPEN_TO_THE_AREA = (FindingKind.MATTER, FindingKind.HAZARD)


def _in_area(viewer: Viewer) -> Q | None:
    inside = area_q(viewer.areas(Capability.VIEW_FINDING))
    return None if inside is None else inside & Q(kind__in=_OPEN_TO_THE_AREA)


def _dispute_in_area(viewer: Viewer) -> Q | None:
    inside = area_q(viewer.areas(Capability.VIEW_DISPUTE))
    return None if inside is None else inside & Q(kind=FindingKind.DISPUTE)


class FindingQuerySet(VisibleQuerySet):
    """Findings, as lists show them."""


class Finding(models.Model):
    """One thing seen on a walk. The page chooses `uuid`: the same finding sent again is the same row.

    Only what was seen is kept, never a way or a time on the way: nobody is followed, counted or ranked by it
    (国办函〔2026〕12号). No kind of matter needs to be known, no place needs a pin. What was written is encrypted: a
    note of a dispute may say more of neighbours than it should.
    """

    uuid = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(_("是什么"), max_length=8, choices=FindingKind)
    state = models.CharField(_("进展"), max_length=8, choices=FindingState, default=FindingState.REPORTED)
    matter = models.ForeignKey(
        CodeItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("哪一种")
    )
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("部件")
    )
    area_code = models.CharField(_("网格"), max_length=17, db_collation="C")
    lng = models.FloatField(null=True, blank=True)  # degrees WGS-84
    lat = models.FloatField(null=True, blank=True)
    place = EncryptedTextField(_("在哪里"), max_length=PLACE_MAX)
    text = EncryptedTextField(_("看到什么"), max_length=TEXT_MAX)
    done_on_spot = EncryptedTextField(_("当场做了什么"), max_length=TEXT_MAX)
    found_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    # What became of it, as those who handle it told: their reference, the number that people say, when they said it.
    order_ref = models.CharField(max_length=100, blank=True)
    order_number = models.CharField(_("工单号"), max_length=24, blank=True, db_collation="C")
    told_at = models.DateTimeField(null=True, blank=True)

    objects = FindingQuerySet.as_manager()
    RULES = [
        Rule(
            "own-finding", _("是您自己记的"), lambda viewer: Q(found_by_id=viewer.user_id) if viewer.user_id else None
        ),
        Rule("finding-area", _("在您负责的区域内"), _in_area),
        Rule("dispute-area", _("您负责这一片的纠纷线索"), _dispute_in_area),
    ]

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["area_code", "-id"], name="finding_area"),
            models.Index(fields=["found_by", "-id"], name="finding_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FindingKind.values),
                name="finding_kind_known",
                violation_error_message=_("请选是事项、隐患还是纠纷线索"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=FindingState.values),
                name="finding_state_known",
                violation_error_message=_("没有这种进展"),
            ),
            models.CheckConstraint(
                condition=Q(matter__isnull=True) | Q(kind=FindingKind.MATTER),
                name="finding_matter_of_its_kind",
                violation_error_message=_("只有事项才选是哪一种"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
                name="finding_position_whole",
                violation_error_message=_("位置要有经度和纬度，单位是度"),
            ),
            models.CheckConstraint(
                condition=Q(state=FindingState.SETTLED, order_ref="")
                | (~Q(state=FindingState.SETTLED) & (Q(state=FindingState.REPORTED) | ~Q(order_ref=""))),
                name="finding_order_follows_state",
                violation_error_message=_("立了案的才有工单，当场处理了的没有"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def settled_on_spot(self) -> bool:
        """Whether whoever found it put it right at once: no order is opened."""
        return self.state == FindingState.SETTLED

    def access_scope(self) -> Scope:
        """It lies in its grid."""
        return Scope(self.area_code)


class FindingPhoto(models.Model):
    """A photo of a finding. Whoever may see the finding may see it."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "file"],
                name="finding_photo_once",
                violation_error_message=_("这张照片已经在里面了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.file_id}"
