"""A table of grants that was handed in and is being looked over."""

from django.conf import settings
from django.db import models

from governance.privacy.fields import EncryptedJSONField


class GrantImport(models.Model):
    """One table of one administrator, not written yet. It names people: encrypted, gone once written or in a week."""

    handed_by = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    handed_at = models.DateTimeField()
    file_name = models.CharField(max_length=120, blank=True)
    has_merged = models.BooleanField(default=False)
    # [line, {column: text}, {column: fault}] for each row
    rows = EncryptedJSONField()

    def __str__(self) -> str:
        return f"{self.handed_by_id}: {self.file_name}"
