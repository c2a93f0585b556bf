"""Open the public versions of requests that came before there were any, and bring all of them in step."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from requests_intake.models import ServiceRequest
from requests_intake.services.publishing import publications_follow

CHUNK = 500


class Command(BaseCommand):
    """`manage.py open_publications`: runs again without harm."""

    help = "Queue earlier requests whose authors agreed for public review, and refresh what is queued or public."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through them in steps of 500, each a transaction of its own."""
        changed, last = 0, 0
        while ids := self.after(last):
            changed += publications_follow(request_ids=ids, at=timezone.now())
            last = ids[-1]
        self.stdout.write(f"{changed} public versions opened or refreshed")

    @staticmethod
    def after(pk: int) -> list[int]:
        """The next requests whose authors agreed."""
        agreed = ServiceRequest.objects.filter(may_be_public=True, pk__gt=pk)
        return list(agreed.order_by("pk").values_list("pk", flat=True)[:CHUNK])
