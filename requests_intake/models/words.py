"""What the search box looks through: the pieces of a request's words, kept beside it."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from requests_intake.models.requests import ServiceRequest


class RequestWords(models.Model):
    """Two-character pieces of title, words and address, and the areas that the place lies in.

    A table of its own: a request's row changes with every step, and its words would be indexed anew each time.
    """

    request = models.OneToOneField(ServiceRequest, primary_key=True, on_delete=models.CASCADE, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="request_words")]

    def __str__(self) -> str:
        return f"{self.request_id}"
