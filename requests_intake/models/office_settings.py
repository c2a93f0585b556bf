"""What the rows have in common that the portal came with and an office makes its own."""

from django.db import models

from governance.access.models import User


class OfficeSetting(models.Model):
    """A row of defaults that the portal came with and the office makes its own: confirmed or not, last changed by whom.

    The trail holds every change; `why` is that of the last one.
    """

    # A number or text that no official paper confirmed yet; administrators see it marked [GK].
    is_confirmed = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        abstract = True
