"""The log of reading: who saw which protected fields of what, when and why (PIPL art. 51, 54).

Rows are only ever added: a trigger refuses UPDATE and DELETE, but for the seal that is put on once.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.outbox.sealed_rows import SealedRow


class AccessLog(SealedRow):
    """One look at protected data. Holds references and field names, never the data."""

    SEALED_FIELDS: ClassVar[tuple[str, ...]] = ("at", "user_id", "subject_ref", "fields", "purpose")

    at = models.DateTimeField(_("时间"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("人员"),
    )
    subject_ref = models.CharField(_("对象"), max_length=100)
    fields = ArrayField(models.CharField(max_length=60), verbose_name=_("字段"))
    purpose = models.CharField(_("用途"), max_length=60)

    class Meta:
        indexes = [
            models.Index(fields=["subject_ref", "at"], name="accesslog_subject"),
            models.Index(fields=["at", "id"], name="accesslog_at"),
            models.Index(fields=["user", "at", "id"], name="accesslog_user"),
            models.Index(fields=["id"], condition=models.Q(seal__isnull=True), name="accesslog_unsealed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(purpose=""),
                name="accesslog_purpose_given",
                violation_error_message=_("查看受保护的信息要写明用途"),
            ),
            models.CheckConstraint(
                condition=models.Q(fields__len__gt=0),
                name="accesslog_fields_given",
                violation_error_message=_("要写明查看了哪些字段"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_ref} {','.join(self.fields)}"
