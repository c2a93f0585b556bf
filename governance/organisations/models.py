"""Organisations: bodies that act in the portal. Not the registry's legal entities, which may point here."""

import uuid

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# 6 county + 3 sub-district + 3 community + 3 grid + 2 micro-grid (GB/T 2260, 10114): no other length is a level.
AREA_CODE_SHAPE = r"^\d{6}((\d{3}){0,3}|(\d{3}){3}\d{2})$"


class OrganisationKind(models.TextChoices):
    """What sort of body it is; the appraisal compares within a kind."""

    DISTRICT_OFFICE = "district_office", _("区级机构")
    SUBDISTRICT_OFFICE = "subdistrict_office", _("街道办事处")
    DEPARTMENT = "department", _("职能部门")
    COMMUNITY = "community", _("社区")
    PROPERTY_FIRM = "property_firm", _("物业公司")
    SERVICE_FIRM = "service_firm", _("公用企业、施工单位")
    SOCIAL_ORGANISATION = "social_organisation", _("社会组织")


# Bodies whose people need not sign in: they may answer by a link.
OUTSIDE_KINDS = (
    OrganisationKind.PROPERTY_FIRM,
    OrganisationKind.SERVICE_FIRM,
    OrganisationKind.SOCIAL_ORGANISATION,
)


class Organisation(models.Model):
    """A body that handles orders and holds grants. Its `area_code` says which part of the district it serves."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=24, choices=OrganisationKind)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    short_name = models.CharField(max_length=20)
    short_name_en = models.CharField(max_length=60, blank=True)
    area_code = models.CharField(max_length=17, db_collation="C", db_index=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    phone = models.CharField(max_length=30, blank=True)
    hours = models.CharField(max_length=60, blank=True)
    hours_en = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="organisation_name_unique", violation_error_message=_("已经有同名的单位")
            ),
            models.CheckConstraint(
                condition=models.Q(area_code__regex=AREA_CODE_SHAPE),
                name="organisation_area_code_shape",
                violation_error_message=_("区域编码应为 6、9、12、15 或 17 位"),
            ),
        ]
        ordering = ["area_code", "kind", "pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Full name in the language of the page; Chinese where no English name is recorded."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def short_label(self) -> str:
        """Short name in the language of the page."""
        if get_language() == "en":
            return self.short_name_en or self.name_en or self.short_name
        return self.short_name
