"""The one trail (history, audit and outbox), the deliveries of its events, and the seals that chain it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.outbox.sealed_rows import SealedRow


class ActorKind(models.TextChoices):
    """Who acted: the kinds of viewer."""

    ANONYMOUS = "anonymous", _("访客")
    STAFF = "staff", _("工作人员")
    RESIDENT = "resident", _("居民")
    REQUESTER = "requester", _("诉求人")
    EXTERNAL = "external", _("外单位")
    SYSTEM = "system", _("系统")


class Seal(models.Model):
    """Covers a batch of rows of one table and the seal before it. All tables share one chain, in order of id.

    `manifest` holds for each row its id (8 bytes, big-endian) and its SHA-256 (32 bytes), ordered by id, so that a
    row that was changed, removed or slipped in afterwards can be named.
    """

    kind = models.CharField(max_length=64)  # "app_label.Model"
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True, unique=True)  # unique: the chain cannot fork
    digest = models.CharField(max_length=64, unique=True)
    manifest = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(count__gt=0), name="outbox_seal_not_empty")]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.count} {self.digest[:12]}"


class DomainEvent(SealedRow):
    """Something that happened: ids, codes and times only, never personal data. Appended by `services.publish`."""

    SEALED_FIELDS: ClassVar[tuple[str, ...]] = (
        "uuid",
        "name",
        "at",
        "actor_id",
        "actor_kind",
        "subject_ref",
        "area_code",
        "payload",
    )

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    subject_ref = models.CharField(max_length=100)
    area_code = models.CharField(max_length=17, blank=True, db_collation="C")
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_ref", "id"], name="outbox_event_subject"),
            # reviewing the trail: newest first, of one person, of some kinds
            models.Index(fields=["at", "id"], name="outbox_event_at"),
            models.Index(fields=["actor", "at", "id"], name="outbox_event_actor"),
            models.Index(fields=["name", "at", "id"], name="outbox_event_name"),
            models.Index(fields=["id"], condition=Q(seal__isnull=True), name="outbox_event_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject_ref}"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    PENDING = "pending", _("待处理")
    DONE = "done", _("已完成")
    FAILED = "failed", _("失败")


class Delivery(models.Model):
    """One event for one handler. Pending ones are due at `next_at`, or at once while never tried."""

    event = models.ForeignKey(DomainEvent, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    handler = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True)  # type, place and message, without what a person typed

    class Meta:
        indexes = [
            models.Index(fields=["handler", "event"], condition=Q(state="pending"), name="outbox_delivery_pending"),
            models.Index(fields=["event"], condition=Q(state="failed"), name="outbox_delivery_failed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="outbox_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="outbox_delivery_state"),
            models.CheckConstraint(
                condition=Q(state="pending", next_at__isnull=False) | (~Q(state="pending") & Q(next_at__isnull=True)),
                name="outbox_delivery_pending_has_next",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="outbox_delivery_done_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.state}"
