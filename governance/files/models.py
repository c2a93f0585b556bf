"""Stored files: what people upload, re-encoded, private, under names that say nothing."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What a file is. Films and documents come later."""

    IMAGE = "image", _("图片")


class Variant(models.TextChoices):
    """The sizes a picture is kept in: longest side 2,048 and 400 pixels."""

    FULL = "full", _("大图")
    THUMB = "thumb", _("缩略图")


class StoredFile(models.Model):
    """One file as it is kept, never as it came: no original name, no metadata.

    `owner_ref` is the object whose viewers may see it. A draft's file has none yet and dies at `expires_at`.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=FileKind, default=FileKind.IMAGE)
    sha256 = models.CharField(max_length=64)  # of the full picture as kept
    size = models.PositiveIntegerField()  # bytes of the full picture
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    owner_ref = models.CharField(max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], condition=Q(owner_ref=""), name="files_draft_expiry")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_ref", "sha256"],
                condition=~Q(owner_ref=""),
                name="files_once_per_owner",
                violation_error_message=_("这张照片已经添加过了"),
            ),
            models.CheckConstraint(
                condition=Q(owner_ref="", expires_at__isnull=False) | (~Q(owner_ref="") & Q(expires_at__isnull=True)),
                name="files_draft_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    def path(self, variant: str = Variant.FULL) -> str:
        """Return where a variant lies in the default storage."""
        return f"{self.kind}s/{self.uuid.hex[:2]}/{self.uuid.hex}-{Variant(variant)}.jpg"
