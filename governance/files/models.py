"""Stored files: what people upload, re-encoded, private, under names that say nothing."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What a file is, and the end of a document's name. Films and voice notes are `Recording`s."""

    IMAGE = "image", _("图片")
    PDF = "pdf", _("PDF")
    XLSX = "xlsx", _("Excel 表格")


class Variant(models.TextChoices):
    """The sizes a picture is kept in: longest side 2,048 and 400 pixels."""

    FULL = "full", _("大图")
    THUMB = "thumb", _("缩略图")


class StoredFile(models.Model):
    """One file as it is kept: of pictures never what came, no original name, no metadata.

    A document (PDF, Excel) is kept as it came, since a paper that is evidence must not change; it has no thumbnail.
    `owner_ref` is the object whose viewers may see it. A draft's file has none yet and dies at `expires_at`.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=FileKind, default=FileKind.IMAGE)
    sha256 = models.CharField(max_length=64)  # of the full picture as kept
    size = models.PositiveIntegerField()  # bytes of the full picture
    width = models.PositiveIntegerField()  # 0 for documents
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
        end = "jpg" if self.kind == FileKind.IMAGE else self.kind
        return f"{self.kind}s/{self.uuid.hex[:2]}/{self.uuid.hex}-{Variant(variant)}.{end}"


class RecordingKind(models.TextChoices):
    """What a recording turned out to be."""

    VIDEO = "video", _("视频")
    AUDIO = "audio", _("录音")


class RecordingState(models.TextChoices):
    """How far a recording is."""

    WAITING = "waiting", _("正在准备")
    READY = "ready", _("可以播放")
    FAILED = "failed", _("没有存成")


class RecordingFault(models.TextChoices):
    """Why a recording was not kept, in words for whoever sent it."""

    TOO_LONG = "too_long", _("太长了，请录短一些再放")
    TOO_LARGE = "too_large", _("画面太大或太复杂，请用手机一般的清晰度重录")
    EMPTY = "empty", _("里面没有画面，也没有声音")
    CODEC = "codec", _("这种格式我们放不出来，请用手机自带的相机或录音机重录")
    BROKEN = "broken", _("文件不完整或已损坏，打不开")


class Recording(models.Model):
    """A short film or voice note. What came is encoded anew by a worker and then deleted; only that may be played.

    Not a `StoredFile`: it has no sizes to choose from, is not there at once, and is never public. One for each owner.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=RecordingState, default=RecordingState.WAITING)
    kind = models.CharField(max_length=8, choices=RecordingKind, blank=True)
    fault = models.CharField(max_length=10, choices=RecordingFault, blank=True)
    demuxer = models.CharField(max_length=10)  # what its first bytes say: the only reader it is given to
    # What is seen or heard, in one line: for those who cannot.
    description = models.CharField(max_length=200, blank=True)
    seconds = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0)  # bytes as kept
    sha256 = models.CharField(max_length=64, blank=True)  # as kept
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    owner_ref = models.CharField(max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(owner_ref=""), name="recording_draft_expiry"),
            models.Index(fields=["created_at"], condition=Q(state="waiting"), name="recording_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_ref"],
                condition=~Q(owner_ref=""),
                name="recording_one_per_owner",
                violation_error_message=_("已经有一段视频或录音了"),
            ),
            models.CheckConstraint(
                condition=Q(owner_ref="", expires_at__isnull=False) | (~Q(owner_ref="") & Q(expires_at__isnull=True)),
                name="recording_draft_expires",
            ),
            models.CheckConstraint(
                condition=Q(state="ready", size__gt=0, seconds__gt=0, fault="")
                | Q(state="waiting", size=0, fault="")
                | (Q(state="failed", size=0) & ~Q(fault="")),
                name="recording_state_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"recording {self.uuid}"

    @property
    def raw_path(self) -> str:
        """Where what came lies until it is encoded anew; nothing serves it."""
        return f"recordings/{self.uuid.hex[:2]}/{self.uuid.hex}-raw.bin"

    @property
    def path(self) -> str:
        """Where what may be played lies in the default storage."""
        return f"recordings/{self.uuid.hex[:2]}/{self.uuid.hex}-kept.mp4"
