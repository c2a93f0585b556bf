"""What the wizard itself keeps: the names of the office, and tables that are being looked over."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.privacy.fields import EncryptedJSONField


class PortalProfile(models.Model):
    """One row: whose portal this is, as `governance.web.portal` shows it on every page."""

    ROW = 1

    id = models.SmallIntegerField(primary_key=True, default=ROW)
    place = models.CharField(max_length=40)
    place_en = models.CharField(max_length=60, blank=True)
    operator = models.CharField(max_length=80)
    operator_en = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=120, blank=True)
    address_en = models.CharField(max_length=160, blank=True)
    record_number = models.CharField(max_length=80, blank=True)
    # As `Hotline` of the kernel: name, number, hours, and their English.
    hotlines = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1), name="portal_profile_one_row", violation_error_message=_("门户的名称只有一份")
            )
        ]

    def __str__(self) -> str:
        return self.place


class HandedTable(models.Model):
    """A table that was handed in for a step and not written yet. It may name people: encrypted, gone after a week."""

    step = models.SlugField(max_length=20, unique=True)
    file_name = models.CharField(max_length=120, blank=True)
    has_merged = models.BooleanField(default=False)
    # [line, {column: text}, {column: fault}] for each row
    rows = EncryptedJSONField()
    handed_at = models.DateTimeField()
    handed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.step}: {self.file_name}"
