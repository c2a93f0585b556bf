"""Two records of one person that became one, and what it takes to part them again."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.privacy.fields import EncryptedJSONField
from population.models.people import Person

_USER = settings.AUTH_USER_MODEL


class PersonMerge(models.Model):
    """`merged` was taken for `kept`. `before` holds what each changed row said, encrypted, so that it can be undone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reasons = ArrayField(models.CharField(max_length=10), default=list)  # codes: why they were taken for one
    before = EncryptedJSONField()
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-merged_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
                name="merge_once",
                violation_error_message=_("这条登记已经并过了"),
            ),
            models.CheckConstraint(
                condition=~Q(kept=F("merged")),
                name="merge_of_two",
                violation_error_message=_("一条记录不能并到它自己"),
            ),
        ]

    def __str__(self) -> str:
        return f"merge {self.public_id}"
