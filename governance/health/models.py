"""The sign of life that beat sends and a worker writes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """A single row: when a worker last did what beat asked for."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("心跳")
        verbose_name_plural = _("心跳")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="heartbeat_is_one_row")]

    def __str__(self) -> str:
        return self.at.isoformat()
