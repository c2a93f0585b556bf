"""An export of components: a file for whoever asked, for a week."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job


class ExportFormat(models.TextChoices):
    """What the file is."""

    XLSX = "xlsx", _("Excel")
    CSV = "csv", _("CSV")
    GEOJSON = "geojson", _("GeoJSON")


class ComponentExport(models.Model):
    """Which components and in which form; the file, once its job is done."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    format = models.CharField(max_length=8, choices=ExportFormat)
    wanted = models.JSONField(default=dict, blank=True)  # see `grid.component_lists.Wanted`
    rows = models.PositiveIntegerField(default=0)
    content = models.BinaryField(default=b"")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人导出的"), lambda viewer: models.Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.format} {self.created_at:%Y-%m-%d}"


class ComponentExportPart(models.Model):
    """Rows of an export, as texts, until its file is made."""

    component_export = models.ForeignKey(ComponentExport, on_delete=models.CASCADE, related_name="parts")
    rows = models.JSONField()

    class Meta:
        ordering = ["component_export", "pk"]

    def __str__(self) -> str:
        return f"{self.component_export_id} {self.pk}"
