"""Steps that somebody often takes together, kept under a name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User


class Macro(models.Model):
    """A sequence of steps. Of one person, or (without one) of everybody who may take all of them.

    `steps` is [{"step": key, "values": {...}}] in the order in which they are taken; `services.macros` says which.
    """

    name = models.CharField(max_length=40)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    steps = models.JSONField()
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                nulls_distinct=False,
                name="macro_name",
                violation_error_message=_("已经有叫这个名字的常用步骤"),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(steps=[]),
                name="macro_filled",
                violation_error_message=_("常用步骤要有名字，至少有一步"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
