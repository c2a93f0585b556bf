"""An export of the trail: what one review found, as a table, for one person, for a week."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job


class TrailExport(models.Model):
    """Which rows (`TrailFilter.as_json`), who asked. It holds rows that were there when it was asked for."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    narrowed = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人导出的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk} {self.created_at:%Y-%m-%d}"


class TrailExportPart(models.Model):
    """The lines that one step of the job made, as CSV."""

    export = models.ForeignKey(TrailExport, on_delete=models.CASCADE, related_name="parts", db_index=False)
    position = models.PositiveIntegerField()
    lines = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["export", "position"],
                name="audit_part_once",
                violation_error_message=_("这一段已经写过了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.position}"


class TrailCheck(models.Model):
    """A proof of the whole trail: what was read, and the first break. `seconds`: how long it took."""

    at = models.DateTimeField()
    seals = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    unsealed = models.PositiveBigIntegerField()
    anchors = models.PositiveIntegerField()
    last_digest = models.CharField(max_length=64, blank=True)
    is_whole = models.BooleanField()
    table = models.CharField(max_length=64, blank=True)
    row = models.BigIntegerField(null=True)
    seal = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.problem}"


class TrailAnchor(models.Model):
    """A digest that was noted outside the database; `failed` names the places that did not take it."""

    at = models.DateTimeField()
    seal = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    failed = models.JSONField(default=list)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.seal}"
