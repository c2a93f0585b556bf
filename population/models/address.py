"""Standard addresses (标准地址) down to the building. They name places, never persons."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Codes of a community, of a grid and of a micro-grid: where a record of the registry may lie.
IN_COMMUNITY = r"^[0-9A-Z]{12}([0-9A-Z]{3}([0-9A-Z]{2})?)?$"


class StandardAddress(models.Model):
    """One building or house number in its grid, or in its community while there are no grids; where, once surveyed."""

    text = models.CharField(_("地址"), max_length=120)
    estate = models.CharField(_("小区或道路"), max_length=60)
    building = models.CharField(_("楼栋或门牌"), max_length=30, blank=True)
    aliases = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("别名"))
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")
    lng = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    search_text = models.TextField(editable=False)  # normalised text and aliases; written by the service

    class Meta:
        ordering = ["area_code", "pk"]
        indexes = [
            GinIndex(fields=["search_text"], name="address_search", opclasses=["gin_trgm_ops"]),
            # the estates of a community, and the buildings of an estate, where people choose by name
            models.Index(fields=["area_code", "estate", "building"], name="address_estate_building"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["text"], name="address_text_unique", violation_error_message=_("已经有这个地址")
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY),
                name="address_in_a_community",
                violation_error_message=_("地址要落在一个社区或网格里：编码是 12 位或 15 位"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__isnull=False, lat__isnull=False, lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
                name="address_position_in_degrees",
                violation_error_message=_("经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间"),
            ),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(estate="") & ~Q(search_text=""),
                name="address_has_text",
                violation_error_message=_("请写地址和小区（或道路）名称"),
            ),
        ]

    def __str__(self) -> str:
        return self.text
