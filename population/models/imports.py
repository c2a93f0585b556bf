"""Tables of people, dwellings and entities that an office hands in: kept encrypted for a month, written in parts."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job
from governance.organisations.models import Organisation
from governance.privacy.fields import EncryptedBytesField, EncryptedJSONField, EncryptedTextField

KEPT = timedelta(days=30)  # file, rows and faults: then they are forgotten; what was written stays
UNDO_WITHIN = timedelta(days=7)


class ImportKind(models.TextChoices):
    """What the rows of a table are."""

    PEOPLE = "people", _("人和住处")


class ImportRule(models.TextChoices):
    """What is done where the registry knows a person and the file says something else."""

    KEEP = "keep", _("不动已有的")
    FILL = "fill", _("只补空着的")
    TAKE = "take", _("用文件里的")


class RegistryImport(models.Model):
    """One file. `checked_at` is set once all rows were looked at, `written_at` once all that could be was written."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=ImportKind)
    file_name = EncryptedTextField(max_length=120)
    format = models.CharField(max_length=8)
    titles = models.JSONField(default=list)  # of the columns, in their order, as they stand in the file
    samples = EncryptedJSONField(default=dict)
    has_merged = models.BooleanField(default=False)
    columns = models.JSONField(default=dict, blank=True)  # what -> title; {} until somebody chose
    rule = models.CharField(_("登记里已经有的人"), max_length=4, choices=ImportRule, default=ImportRule.FILL)
    kind_default = models.CharField(max_length=10, blank=True, default="")  # of a stay, where the cell is empty
    takes_from_number = models.BooleanField(default=False)  # sex and day of birth, where the cells are empty
    makes_dwellings = models.BooleanField(default=False)  # on floors that exist, in buildings that are known
    version = models.PositiveIntegerField(default=1)  # counts up with every change of the mapping
    created_at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人交的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "-id"], name="registry_import_owner")]
        constraints = [
            models.CheckConstraint(
                condition=Q(written_at__isnull=True) | Q(checked_at__isnull=False),
                name="registry_import_checked_first",
                violation_error_message=_("检查过才能写入"),
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.public_id}"

    @property
    def forgotten_at(self) -> datetime:
        """When file and rows are forgotten."""
        return self.created_at + KEPT

    @property
    def undo_until(self) -> datetime | None:
        """Until when it can be taken back; None before anything was written, and afterwards."""
        return self.written_at + UNDO_WITHIN if self.written_at and not self.undone_at else None


class RegistryImportPiece(models.Model):
    """A few MB of the file, as it came or packed."""

    registry_import = models.ForeignKey(RegistryImport, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    data = EncryptedBytesField()

    class Meta:
        ordering = ["registry_import", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["registry_import", "number"],
                name="registry_import_piece_once",
                violation_error_message=_("这一段已经收到了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.registry_import_id} {self.number}"


class RegistryImportPart(models.Model):
    """Some hundred rows: what a job deals with in one step, and what became of each.

    `rows`: [line, {column: text}, {column: fault}]. `problems`: {line: [[column, what, value]]}.
    `asks`: {line: [keys of people it may be]}; `answers`: {line: the key of one, 0 for somebody new, -1 for nobody}.
    `written`: keys of what was made and changed, by kind and line. `left`: {line: why it could not be taken back}.
    """

    registry_import = models.ForeignKey(RegistryImport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    rows = EncryptedJSONField()
    problems = EncryptedJSONField(default=dict)
    asks = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    written = models.JSONField(default=list, blank=True)
    left = models.JSONField(default=dict, blank=True)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    is_written = models.BooleanField(default=False)
    is_undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["registry_import", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["registry_import", "number"],
                name="registry_import_part_once",
                violation_error_message=_("这一段已经读过了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.registry_import_id} {self.number}"


class ImportMapping(models.Model):
    """How an office read a file with these titles the last time; somebody without an office has their own."""

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=9, choices=ImportKind)
    signature = models.CharField(max_length=64)  # of the titles, in any order
    columns = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["-used_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "owner", "kind", "signature"],
                name="import_mapping_once",
                nulls_distinct=False,
                violation_error_message=_("这种表已经记着怎么读了"),
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, owner__isnull=True)
                | Q(organisation__isnull=True, owner__isnull=False),
                name="import_mapping_of_one",
                violation_error_message=_("记着的读法属于一个单位，或者一个人"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.signature[:8]}"
