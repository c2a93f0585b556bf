"""One step done to many requests: what was asked, and what became of each."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job
from requests_intake.models.requests import ServiceRequest


class BulkRun(models.Model):
    """One press of a button for many requests. `values` holds ids and short texts of the form."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=20)
    values = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    submission_key = models.UUIDField(unique=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("own", _("本人启动的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None)]

    def __str__(self) -> str:
        return f"{self.action} {self.public_id}"


class BulkResult(models.Model):
    """What became of one request."""

    class State(models.TextChoices):
        WAITING = "waiting", _("还没轮到")
        DONE = "done", _("做好了")
        REFUSED = "refused", _("没有做")

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="results")
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "request"],
                name="bulk_result_once",
                violation_error_message=_("这件诉求已经在这一批里"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.request_id}"
