"""Named sets of grids (片区): patrol areas and evaluation areas, each a union of grids (STANDARDS 2.2)."""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from grid.models.area import ancestor_codes
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL


class SetKind(models.TextChoices):
    """What a set is for. Grids of evaluation areas are in one of them at a time; patrol areas may share grids."""

    PATROL = "patrol", _("巡查片区")
    EVALUATION = "evaluation", _("评价网格")


def _above_granted_area(viewer: Viewer) -> Q | None:
    codes = {above for prefix in viewer.areas(Capability.VIEW_AREA) for above in ancestor_codes(prefix)}
    return Q(area_code__in=sorted(codes)) if codes else None


class AreaSetQuerySet(VisibleQuerySet):
    """Sets, with their life in time."""

    def valid_on(self, day: date) -> Self:
        """Those in use on this day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def open(self, day: date) -> Self:
        """Those in use on this day or later."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class AreaSet(models.Model):
    """Grids of one community or sub-district under a name, from a day on. Ended, never deleted.

    `ends_on` is the first day on which it is no more in use.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("做什么用"), max_length=12, choices=SetKind)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=80, blank=True)
    area_code = models.CharField(_("在哪个街道或社区"), max_length=17, db_collation="C")
    starts_on = models.DateField(_("从哪天起"))
    ends_on = models.DateField(_("到哪天为止"), null=True, blank=True)
    changed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()  # of the row: a form that was opened earlier is refused

    objects = AreaSetQuerySet.as_manager()
    RULES = [
        Rule("set-area", _("在您负责的区域内"), held_in_area(Capability.VIEW_AREA)),
        Rule("set-above", _("是您负责的区域的上级"), _above_granted_area),
    ]

    class Meta:
        ordering = ["area_code", "id"]
        indexes = [models.Index(fields=["area_code", "id"], name="area_set_area")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SetKind.values),
                name="area_set_kind_known",
                violation_error_message=_("请选是巡查片区还是评价网格"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=r"^[0-9A-Z]{9}([0-9A-Z]{3})?$"),
                name="area_set_under_office",
                violation_error_message=_("片区在一个街道或一个社区里"),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="area_set_named", violation_error_message=_("请写名称")),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="area_set_ends_after_start",
                violation_error_message=_("停用日期不能早于启用日期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def label(self) -> str:
        """Name in the language of the page; Chinese where no English name is recorded."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    def is_over(self, day: date) -> bool:
        """Whether it is not in use any more."""
        return self.ends_on is not None and self.ends_on <= day

    def access_scope(self) -> Scope:
        """It lies in its community or sub-district; evaluation is the business of the sub-district alone.

        Who is evaluated draws no evaluation areas (STANDARDS 2.5: two axes).
        """
        return Scope(self.area_code[:9] if self.kind == SetKind.EVALUATION else self.area_code)


class AreaSetMember(models.Model):
    """One grid of a set. When the grid is split, both parts are members; when two are merged, one is left."""

    area_set = models.ForeignKey(AreaSet, on_delete=models.CASCADE, related_name="members")
    area_code = models.CharField(max_length=17, db_collation="C")

    class Meta:
        ordering = ["area_code"]
        indexes = [models.Index(fields=["area_code"], name="area_set_member_area")]
        constraints = [
            models.UniqueConstraint(
                fields=["area_set", "area_code"],
                name="area_set_member_once",
                violation_error_message=_("这个网格已经在里面了"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=r"^[0-9A-Z]{15}$"),
                name="area_set_member_is_grid",
                violation_error_message=_("片区由网格组成"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_set_id}: {self.area_code}"
