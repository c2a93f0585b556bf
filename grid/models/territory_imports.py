"""A file of areas that somebody handed in, how its columns read, and what became of it."""

import json
import uuid
import zlib
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job
from grid.models.area import Level
from grid.models.history import AreaChange


class Datum(models.TextChoices):
    """What coordinates of a file are measured in; everything stored is WGS-84."""

    WGS84 = "wgs84", _("WGS-84 或 CGCS2000")
    GCJ02 = "gcj02", _("GCJ-02（高德、腾讯地图）")
    BD09 = "bd09", _("BD-09（百度地图）")


class TerritoryImport(models.Model):
    """One file (GeoJSON) with the mapping of its columns. The content is forgotten once it was loaded."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    content = models.BinaryField()  # JSON, packed
    features = models.PositiveIntegerField()
    crs = models.CharField(max_length=80, blank=True)  # what the file says of itself
    columns = models.JSONField(default=dict, blank=True)  # see `grid.surveying.Columns`; {} until somebody chose
    datum = models.CharField(max_length=5, choices=Datum, blank=True)
    level = models.CharField(max_length=12, choices=Level, blank=True)
    repairs = models.JSONField(default=list, blank=True)
    ends_missing = models.BooleanField(default=False)  # areas beside them that the file does not name are retired
    is_sure = models.BooleanField(default=False)  # the datum is right, although the file seems shifted
    version = models.PositiveIntegerField(default=1)  # counts up with every change of the mapping
    created_at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    change = models.ForeignKey(AreaChange, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人交的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "-id"], name="territory_import_owner")]
        constraints = [
            models.CheckConstraint(
                condition=Q(loaded_at__isnull=True) | Q(content=b""),
                name="territory_import_forgets_content",
                violation_error_message=_("写入以后不再留文件"),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @cached_property
    def collection(self) -> Any:
        """The FeatureCollection."""
        return json.loads(zlib.decompress(self.content))

    @property
    def is_mapped(self) -> bool:
        """Whether somebody said how it reads."""
        return bool(self.columns)
