"""Territory: district > sub-district > community > grid > micro-grid; one row an area, tied together by its code."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.areas import LEVELS
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.organisations.models import Organisation
from grid.permissions import Capability

CODE_LENGTH = {level: length for length, level in LEVELS.items()}
CODE_SHAPE = r"^[0-9A-Z]{6}([0-9A-Z]{3}){0,3}$|^[0-9A-Z]{17}$"


class Level(models.TextChoices):
    """Level of an area; it follows from the length of the code."""

    DISTRICT = "district", _("区")
    SUBDISTRICT = "subdistrict", _("街道")
    COMMUNITY = "community", _("社区")
    GRID = "grid", _("网格")
    MICRO_GRID = "micro_grid", _("微网格")


class AreaKind(models.TextChoices):
    """Kinds within a level: sub-district offices, communities and grids each have two."""

    STREET = "street", _("街道")
    TOWN = "town", _("乡镇")
    COMMITTEE = "committee", _("居委会社区")
    VILLAGE = "village", _("村")
    BASIC = "basic", _("基础网格")
    DEDICATED = "dedicated", _("专属网格")


KINDS_OF_LEVEL: dict[str, tuple[str, ...]] = {
    Level.DISTRICT: ("",),
    Level.SUBDISTRICT: (AreaKind.STREET, AreaKind.TOWN),
    Level.COMMUNITY: (AreaKind.COMMITTEE, AreaKind.VILLAGE),
    Level.GRID: (AreaKind.BASIC, AreaKind.DEDICATED),
    Level.MICRO_GRID: ("",),
}


def parent_code(code: str) -> str:
    """Code of the area directly above; "" above a district."""
    shorter = [length for length in LEVELS if length < len(code)]
    return code[: max(shorter)] if shorter else ""


def ancestor_codes(code: str) -> list[str]:
    """Codes of all areas above, the district first."""
    return [code[:length] for length in sorted(LEVELS) if length < len(code)]


def shared_area(codes: Iterable[str]) -> str:
    """Code of the smallest area that holds all of these areas; "" where there is none."""
    ordered = sorted(codes)
    if not ordered:
        return ""
    first, last = ordered[0], ordered[-1]
    fitting = [length for length in LEVELS if first[:length] == last[:length] and length <= min(map(len, ordered))]
    return first[: max(fitting)] if fitting else ""


def _way_to_granted_area(viewer: Viewer) -> Q | None:
    codes = {above for prefix in viewer.areas(Capability.VIEW_AREA) for above in ancestor_codes(prefix)}
    return Q(code__in=sorted(codes)) if codes else None


def _organisations_of(viewer: Viewer) -> "models.QuerySet[Organisation] | None":
    ids = viewer.organisations(Capability.VIEW_AREA)
    if not ids:
        return None
    outer = ExpressionWrapper(OuterRef("code"), output_field=models.CharField())
    return Organisation.objects.filter(pk__in=ids).alias(outer_code=outer)


def _served_by_organisation(viewer: Viewer) -> Q | None:
    own = _organisations_of(viewer)
    return None if own is None else Q(Exists(own.filter(outer_code__startswith=F("area_code"))))  # type: ignore[misc]  # an alias, not a field


def _way_to_served_area(viewer: Viewer) -> Q | None:
    own = _organisations_of(viewer)
    return None if own is None else Q(Exists(own.filter(area_code__startswith=F("outer_code"))))


class AreaQuerySet(VisibleQuerySet):
    """Areas, with their life in time."""

    def valid_on(self, day: date) -> "AreaQuerySet":
        """Areas that exist on this day; `valid_to` is the first day on which an area is no more."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class Area(models.Model):
    """One node of the territory. Codes are never used again; the geometry is WGS-84 and may come later than the row."""

    code = models.CharField(_("编码"), max_length=17, db_collation="C")
    level = models.CharField(_("层级"), max_length=12, choices=Level)
    kind = models.CharField(_("类别"), max_length=12, choices=AreaKind, blank=True)
    name = models.CharField(_("名称"), max_length=60)
    name_en = models.CharField(_("英文名称"), max_length=100, blank=True)
    geometry = models.JSONField(_("边界"), null=True, blank=True)  # GeoJSON Polygon or MultiPolygon
    min_lng = models.FloatField(null=True, blank=True)
    min_lat = models.FloatField(null=True, blank=True)
    max_lng = models.FloatField(null=True, blank=True)
    max_lat = models.FloatField(null=True, blank=True)
    label_lng = models.FloatField(null=True, blank=True)  # a point well inside, where the name is written
    label_lat = models.FloatField(null=True, blank=True)
    surface_m2 = models.FloatField(_("面积（平方米）"), null=True, blank=True)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    # Counts up with every change: whoever works from an older page is told.
    version = models.PositiveIntegerField(default=1)

    objects = AreaQuerySet.as_manager()
    RULES = [
        Rule("granted-area", _("在您负责的区域内"), held_in_area(Capability.VIEW_AREA, "code")),
        Rule("above-granted-area", _("是您负责的区域的上级"), _way_to_granted_area),
        Rule("served-area", _("在您单位服务的区域内"), _served_by_organisation),
        Rule("above-served-area", _("是您单位服务的区域的上级"), _way_to_served_area),
    ]

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="area_code_unique",
                violation_error_message=_("这个编码已经用过，编码不能重复使用"),
            ),
            models.CheckConstraint(
                condition=Q(
                    *(Q(level=level, code__regex=rf"^[0-9A-Z]{{{CODE_LENGTH[level]}}}$") for level in CODE_LENGTH),
                    _connector=Q.OR,
                ),
                name="area_level_follows_code",
                violation_error_message=_("编码应为 6、9、12、15 或 17 位数字或大写字母，位数与层级一致"),
            ),
            models.CheckConstraint(
                condition=Q(
                    *(Q(level=level, kind__in=kinds) for level, kinds in KINDS_OF_LEVEL.items()), _connector=Q.OR
                ),
                name="area_kind_fits_level",
                violation_error_message=_("类别和层级不符：街道分街道和乡镇，社区分居委会社区和村，网格分基础和专属"),
            ),
            models.CheckConstraint(
                condition=Q(
                    geometry__isnull=True,
                    min_lng__isnull=True,
                    min_lat__isnull=True,
                    max_lng__isnull=True,
                    max_lat__isnull=True,
                    label_lng__isnull=True,
                    label_lat__isnull=True,
                    surface_m2__isnull=True,
                )
                | Q(
                    geometry__isnull=False,
                    min_lng__gte=-180,
                    min_lat__gte=-90,
                    max_lng__lte=180,
                    max_lat__lte=90,
                    min_lng__lt=F("max_lng"),
                    min_lat__lt=F("max_lat"),
                    label_lng__isnull=False,
                    label_lat__isnull=False,
                    surface_m2__gt=0,
                ),
                name="area_measures_follow_geometry",
                violation_error_message=_("边界和由它算出的范围、面积不一致"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="area_valid_to_after_from",
                violation_error_message=_("停用日期不能早于启用日期"),
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="area_has_name", violation_error_message=_("请写区域的名称")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        """Name in the language of the page; Chinese where no English name is recorded."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def parent_code(self) -> str:
        """Code of the area directly above; "" for a district."""
        return parent_code(self.code)

    def access_scope(self) -> Scope:
        """An area lies in itself."""
        return Scope(self.code)


class GeometryVersion(models.Model):
    """One row: changes whenever territory changes, so that copies in other processes know when to reload.

    The stamp is random, not a number: a number taken by a transaction that was rolled back would be given out again
    for other content.
    """

    ROW = 1

    id = models.SmallIntegerField(primary_key=True, default=ROW)
    stamp = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="geometry_version_one_row",
                violation_error_message=_("区域版本只有一行"),
            )
        ]

    def __str__(self) -> str:
        return str(self.stamp)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the only row."""
        self.id = self.ROW
        super().save(*args, **kwargs)
