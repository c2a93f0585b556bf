"""Long work as a row: who started it, how far it is, how it ended."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet


class State(models.TextChoices):
    """Life of a job: queued -> running -> done | failed | cancelled."""

    QUEUED = "queued", _("等待开始")
    RUNNING = "running", _("正在进行")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有做完")
    CANCELLED = "cancelled", _("已取消")


ACTIVE = (State.QUEUED, State.RUNNING)


class Job(models.Model):
    """A piece of long work, done in steps.

    Each step commits together with `cursor` and `done`, so that work interrupted anywhere goes on where it stopped
    and does nothing twice. `total` is unknown (None) until the first step, and for kinds that cannot count.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    params = models.JSONField(default=dict)
    cursor = models.JSONField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    message = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)
    cancel_requested = models.BooleanField(default=False)
    runs = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人启动的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["touched_at"], condition=Q(state__in=("queued", "running")), name="job_active"),
            models.Index(fields=["owner", "-id"], name="job_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("queued", "running"), finished_at__isnull=True)
                | (~Q(state__in=("queued", "running")) & Q(finished_at__isnull=False)),
                name="job_finished_has_time",
                violation_error_message=_("结束了的任务要有结束时间，别的没有"),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(done__lte=F("total")),
                name="job_done_within_total",
                violation_error_message=_("做完的条数不能多于总数"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.done}/{self.total}"

    @property
    def is_active(self) -> bool:
        """Whether the work is still to be done."""
        return self.state in ACTIVE
