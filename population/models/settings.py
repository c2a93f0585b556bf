"""The office's numbers for the registry: when a record has to be looked at again."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_USER = settings.AUTH_USER_MODEL
_KEY, _KEEP_SECONDS = "registry-settings", 60


class RegistrySettings(models.Model):
    """One row. Months after the last confirmation a record is due for a check; days a binding code is valid.

    The numbers that Liren comes with are nobody's rule: `is_confirmed` says that the office made them its own.
    """

    ROW = 1
    MONTHS_MOST, DAYS_MOST = 120, 365

    dwelling_months = models.PositiveSmallIntegerField(default=12)
    person_months = models.PositiveSmallIntegerField(default=12)
    entity_months = models.PositiveSmallIntegerField(default=24)
    binding_days = models.PositiveSmallIntegerField(default=30)
    is_confirmed = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="registry_settings_one_row", violation_error_message=_("登记的规则只有一份")
            ),
            models.CheckConstraint(
                condition=Q(dwelling_months__range=(1, 120), person_months__range=(1, 120))
                & Q(entity_months__range=(1, 120), binding_days__range=(1, 365)),
                name="registry_settings_in_bounds",
                violation_error_message=_("月数写 1 到 120，天数写 1 到 365"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dwelling_months}/{self.person_months}/{self.entity_months}"


def registry_settings() -> RegistrySettings:
    """The office's numbers, those that Liren comes with while nobody changed them. At most 1 SQL a minute."""
    kept: dict[str, Any] | None = cache.get(_KEY)
    values = _values() if kept is None else kept
    if kept is None:
        cache.set(_KEY, values, _KEEP_SECONDS)
    return RegistrySettings(**values)


def _values() -> dict[str, Any]:
    row = RegistrySettings.objects.filter(pk=RegistrySettings.ROW).values().first()
    return dict(row) if row is not None else {"id": RegistrySettings.ROW}


def registry_settings_forget() -> None:
    """Forget the kept numbers (after an edit has been committed)."""
    cache.delete(_KEY)
