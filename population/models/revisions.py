"""What a record said before: the history of the registry, from which it can be read as of any day."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.privacy.fields import EncryptedJSONField
from population.models.collected import Source


class Revision(models.Model):
    """One change of one record: the values that were replaced, by field. Only ever added.

    `before` holds only what changed, encrypted: the past of a person is as personal as their present. Read backwards
    from today's values, it gives the record as of any moment (`population.selectors.history`).
    """

    kind = models.CharField(max_length=20)  # of the record: "person", "dwelling"
    record_id = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(_("来源"), max_length=8, choices=Source)
    before = EncryptedJSONField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["kind", "record_id", "-at", "-id"], name="revision_record")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=""), name="revision_of_something", violation_error_message=_("改动要写明是哪一条记录")
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} {self.at:%Y-%m-%d}"
