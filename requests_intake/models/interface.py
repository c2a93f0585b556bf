"""What came in through the interface for programs."""

from django.db import models

from requests_intake.models.requests import ServiceRequest


class InterfaceEntry(models.Model):
    """Says of which body a request was made, so that its key cannot stand for two different requests."""

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="+")
    body_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.request_id}"
