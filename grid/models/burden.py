"""What communities are asked for, by the month: roll-up rows for the burden board, and the register of appraisals."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.organisations.models import Organisation
from grid.models.duty import DutyItem
from grid.models.tasks import Task
from grid.permissions import Capability


class BurdenCell(models.Model):
    """Asks of one community in one local month, by who asked and for which duty; written by the services, recounted
    at night from the assignments. `known` are forms that the portal could have filled in; `hours` as the askers said.
    """

    area_code = models.CharField(max_length=12, db_collation="C")
    month = models.DateField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    duty = models.ForeignKey(DutyItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asks = models.IntegerField()
    forms = models.IntegerField()
    known = models.IntegerField()
    hours = models.DecimalField(max_digits=12, decimal_places=1)

    class Meta:
        ordering = ["month", "area_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["area_code", "month", "organisation", "duty"],
                nulls_distinct=False,
                name="burden_cell_once",
                violation_error_message=_("同一格只有一行"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.month:%Y-%m}: {self.asks}"


def _from_above(viewer: Viewer) -> Q | None:
    """Entries of the areas above concern the communities below."""
    codes = {code[:length] for code in viewer.areas(Capability.VIEW_BURDEN) for length in (6, 9) if length < len(code)}
    return Q(area_code__in=codes) if codes else None


class Appraisal(models.Model):
    """An appraisal, check or rating of communities (考核登记): who, on what ground, by what. It counts for the year in
    which it begins, for each community of its area. Beyond the cap of the policy only one that was admitted, as `task`.
    """

    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("叫什么"), max_length=60)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(_("考核哪里"), max_length=12, db_collation="C")
    ground = models.CharField(_("依据"), max_length=300)
    indicators = models.CharField(_("考核什么"), max_length=1000)
    starts_on = models.DateField(_("从哪天"))
    ends_on = models.DateField(_("到哪天"))
    task = models.OneToOneField(Task, null=True, blank=True, on_delete=models.PROTECT, related_name="appraisal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("appraised-area", _("考核您负责的区域的"), held_in_area(Capability.VIEW_BURDEN)),
        Rule("appraised-above", _("上级考核、包括您的区域的"), _from_above),
    ]

    class Meta:
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["-starts_on", "-id"], name="appraisal_begun")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="appraisal_ends_after_start",
                violation_error_message=_("结束的日子不能早于开始的日子"),
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(ground="") & ~Q(indicators=""),
                name="appraisal_says_what",
                violation_error_message=_("请写考核叫什么、依据什么、考核什么"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def access_scope(self) -> Scope:
        """Where it is done."""
        return Scope(self.area_code)
