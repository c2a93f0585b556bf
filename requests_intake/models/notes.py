"""What colleagues tell each other about a request. Residents never see it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from requests_intake.models.requests import ServiceRequest


class InternalNote(models.Model):
    """A note for staff who see the request; never edited, never public."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    mentioned = models.ManyToManyField(User, related_name="+")
    submission_key = models.UUIDField(unique=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["request", "at"], name="note_request_at")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="note_not_empty", violation_error_message=_("请先写备注")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.at:%Y-%m-%d}"
