"""An export of the overview: its tables as they were, for one person, for a week."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet
from governance.jobs.models import Job


class Export(models.Model):
    """Which area and period, who asked, and the sheets made so far: [{"title", "titles", "rows"}]."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    area = models.CharField(max_length=17, db_collation="C")
    # The period as an address names it.
    period = models.JSONField(default=dict)
    sheets = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("own", _("本人导出的"), lambda viewer: Q(owner_id=viewer.user_id) if viewer.user_id else None),
    ]

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.area} {self.created_at:%Y-%m-%d}"
