"""Standing back and standing apart (济南 §32): recusal of people, and the party that a request complains about."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from requests_intake.models.requests import ServiceRequest


class Recusal(models.Model):
    """Somebody with an interest in the matter takes no step in this request any more, and why."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="recusals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user"], name="recusal_once", violation_error_message=_("这个人已经回避了")
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.user_id}"
