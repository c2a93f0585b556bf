"""The territory's past: each act that changed it, and how an area was before."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grid.models.area import AreaKind


class ChangeKind(models.TextChoices):
    """What was done to the territory."""

    LOAD = "load", _("载入")
    REDRAW = "redraw", _("改边界")
    SPLIT = "split", _("拆分")
    MERGE = "merge", _("合并")
    RETIRE = "retire", _("停用")


class AreaChange(models.Model):
    """One act, in force from the local day of `at`: who, why, which areas, and what became of the codes."""

    kind = models.CharField(max_length=8, choices=ChangeKind)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Every area that was added, changed or ended by it.
    codes = ArrayField(models.CharField(max_length=17))
    # "old>new": whatever begins with the old code begins with the new one now; see `governance.impact.succession`.
    code_map = ArrayField(models.CharField(max_length=35), default=list)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [GinIndex(fields=["codes"], name="area_change_codes")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="load") | ~Q(reason=""),
                name="area_change_has_reason",
                violation_error_message=_("请写明为什么改"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    @property
    def moves(self) -> list[tuple[str, str]]:
        """What became of codes: (old, new)."""
        return [(old, new) for old, _sign, new in (line.partition(">") for line in self.code_map)]


class AreaVersion(models.Model):
    """How an area was in `[valid_from, valid_to)`, kept when it is changed. The present stands in `Area` alone.

    Changed twice in a day, the middle one held for no whole day: its span is empty, and no day's question finds it.
    """

    change = models.ForeignKey(AreaChange, on_delete=models.PROTECT, related_name="versions")
    code = models.CharField(max_length=17, db_collation="C")
    kind = models.CharField(max_length=12, choices=AreaKind, blank=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100, blank=True)
    geometry = models.JSONField(null=True, blank=True)
    min_lng = models.FloatField(null=True, blank=True)
    min_lat = models.FloatField(null=True, blank=True)
    max_lng = models.FloatField(null=True, blank=True)
    max_lat = models.FloatField(null=True, blank=True)
    surface_m2 = models.FloatField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        ordering = ["code", "-valid_to", "-pk"]
        indexes = [models.Index(fields=["code", "valid_to"], name="area_version_code")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="area_version_ends_after_start",
                violation_error_message=_("停用日期不能早于启用日期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.valid_from}-{self.valid_to}"

    @property
    def label(self) -> str:
        """Name in the language of the page; Chinese where no English name is recorded."""
        return self.name_en if self.name_en and get_language() == "en" else self.name
