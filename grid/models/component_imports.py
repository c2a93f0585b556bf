"""A table of components that somebody handed in, read in parts, and what became of each."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job
from grid.models.territory_imports import Datum


class ComponentImport(models.Model):
    """One file. Its content is kept until its rows were written; `checked_at` is set once all parts were looked at."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    content = models.BinaryField()  # packed, unless the file is packed itself
    format = models.CharField(max_length=8)
    titles = models.JSONField(default=list)  # of the columns, in their order, as they stand in the file
    samples = models.JSONField(default=dict)
    has_merged = models.BooleanField(default=False)
    columns = models.JSONField(default=dict, blank=True)  # what -> title; {} until somebody chose
    datum = models.CharField(max_length=5, choices=Datum, blank=True)
    hints = models.JSONField(default=dict, blank=True)  # by datum: how many positions would lie in a grid
    version = models.PositiveIntegerField(default=1)  # counts up with every change of the mapping
    created_at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人交的"), lambda viewer: models.Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "-id"], name="component_import_owner")]

    def __str__(self) -> str:
        return self.file_name


class ComponentImportPart(models.Model):
    """Some hundred rows: what a job deals with in one step.

    `rows`: [number of the line, {column: text}, {column: fault}]; `problems`: [line, [[column, what, value]]].
    """

    component_import = models.ForeignKey(ComponentImport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    rows = models.JSONField()
    problems = models.JSONField(default=list, blank=True)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    is_written = models.BooleanField(default=False)

    class Meta:
        ordering = ["component_import", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["component_import", "number"],
                name="component_import_part_once",
                violation_error_message=_("这一段已经读过了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.component_import_id} {self.number}"
