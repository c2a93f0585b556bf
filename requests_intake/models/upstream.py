"""Orders that an upstream hotline (12345) hands down in batches: whence, how they read, what became of them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from governance.jobs.models import Job
from governance.privacy.fields import EncryptedJSONField
from requests_intake.models.requests import ServiceRequest
from requests_intake.permissions import Capability


class UpstreamSource(models.Model):
    """One upstream system and how its tables read.

    `columns`: our field -> title of their column. `values`: table (kind, category, area, organisation, channel) ->
    {their word: our code}. Orders without a known place belong to `area_code`.
    """

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    area_code = models.CharField(max_length=17, db_collation="C")
    columns = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("area", _("在可以导入工单的区域内"), held_in_area(Capability.IMPORT_ORDERS))]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="upstream_source_name", violation_error_message=_("已经有同名的来源")
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    def access_scope(self) -> Scope:
        """Whoever imports in this area may."""
        return Scope(self.area_code)


class UpstreamBatch(models.Model):
    """One table that was handed in. Its rows are kept until the batch is forgotten, its orders for good."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    source = models.ForeignKey(UpstreamSource, on_delete=models.PROTECT, related_name="batches")
    area_code = models.CharField(max_length=17, db_collation="C")
    file_name = models.CharField(max_length=120)
    format = models.CharField(max_length=4)
    titles = models.JSONField(default=list)
    has_merged = models.BooleanField(default=False)
    # Records of the past keep their dates; nobody is told of them, and no clock calls.
    is_history = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    results_job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    rows_forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("area", _("在可以导入工单的区域内"), held_in_area(Capability.IMPORT_ORDERS))]

    class Meta:
        indexes = [models.Index(fields=["-received_at", "-id"], name="upstream_batch_received")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.received_at:%Y-%m-%d}"

    def access_scope(self) -> Scope:
        """Whoever imports in the source's area may."""
        return Scope(self.area_code)


class UpstreamOrder(models.Model):
    """What the upstream system knows of a request: its numbers and dates, and the row as it first came."""

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="upstream")
    source = models.ForeignKey(UpstreamSource, on_delete=models.PROTECT, related_name="orders")
    # None: it came by the interface for programs, one by one.
    batch = models.ForeignKey(UpstreamBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    upstream_no = models.CharField(max_length=64)
    case_no = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=40, blank=True)  # by which way it reached them
    called_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    # Title of their column -> text, as it first came; a row that comes again is compared with it.
    received = EncryptedJSONField(default=dict)
    # Our result field -> text, as it was last handed back.
    returned = EncryptedJSONField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "upstream_no"],
                name="upstream_order_once",
                violation_error_message=_("这个上级编号已经导入过"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.upstream_no}"


class RowState(models.TextChoices):
    """What a row of a batch is: to be filed, refused with reasons, known, known with other words, filed."""

    GOOD = "good", _("可以导入")
    BROKEN = "broken", _("有问题")
    REPEATED = "repeated", _("已经有了")
    CHANGED = "changed", _("上级改过")
    FILED = "filed", _("已导入")


class BatchRow(models.Model):
    """One row of a batch as it stands in the file, encrypted: people's words and telephone numbers."""

    batch = models.ForeignKey(UpstreamBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    cells = EncryptedJSONField(default=list)
    # Column (from 0, as text) -> what kept a cell from being read.
    faults = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=RowState)
    # [[code, title of the column, their word], …]: what is wrong, or what has changed.
    remarks = models.JSONField(default=list)
    order = models.ForeignKey(UpstreamOrder, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["line"]
        indexes = [models.Index(fields=["batch", "state", "line"], name="batch_row_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "line"], name="batch_row_once", violation_error_message=_("这一行已经读过")
            ),
            models.CheckConstraint(
                condition=~Q(state="filed") | Q(order__isnull=False),
                name="batch_row_filed_has_order",
                violation_error_message=_("已导入的行要有工单"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"
