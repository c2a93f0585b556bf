"""Exports of the trail, its proofs and anchors; what is watched in it, and what stood out."""

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


class WatchKey(models.TextChoices):
    """What is counted, of one person on one day. What each means in words: `watch_words.py`."""

    LOOKS = "looks", _("一天看很多人的信息")
    OFF_HOURS = "off_hours", _("下班时间看信息")
    ONE_RECORD = "one_record", _("反复看同一条")
    EXPORTS = "exports", _("一天导出很多次")
    RIGHTS = "rights", _("一天改很多授权")
    WEIGHTY = "weighty", _("动了要紧的权限")


class WatchRule(models.Model):
    """More than `limit` of it by one person on one day stands out. Numbers are the office's own: no text gives them."""

    key = models.CharField(max_length=12, choices=WatchKey, unique=True)
    limit = models.PositiveIntegerField()
    is_on = models.BooleanField(default=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.key} > {self.limit}"


class Verdict(models.TextChoices):
    """What whoever looked into it found."""

    EXPLAINED = "explained", _("有正当理由")
    ACTED_ON = "acted_on", _("有问题，已经处理")


class Finding(models.Model):
    """Something that stood out: which rule, who, on which local day, how many; until somebody else has looked into it.

    `record` is the reference of the one record, where the rule is about one. It grows while the day lasts, and opens
    again where after the verdict as much came as would have been found by itself.
    """

    rule = models.ForeignKey(WatchRule, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    record = models.CharField(max_length=100, blank=True, default="")
    count = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    words = models.CharField(max_length=500, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    count_closed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-id"], name="finding_open", condition=Q(closed_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "person", "day", "record"],
                name="finding_once",
                violation_error_message=_("这一条已经提醒过了"),
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, verdict="") | (Q(closed_at__isnull=False) & ~Q(verdict="")),
                name="finding_closed_with_verdict",
                violation_error_message=_("了结要写结论"),
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=models.F("person")),
                name="finding_not_closed_by_oneself",
                violation_error_message=_("这条说的是您自己，请别人来定"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.person_id} {self.day} {self.count}"
