"""Fill an empty portal with the fictional district. Once: a portal that has areas is left alone."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from demo.loading.articles import load_articles
from demo.loading.people import load_people
from demo.loading.publications import load_publications
from demo.loading.reference import load_reference
from demo.loading.requests import load_requests
from grid.models import Area


class Command(BaseCommand):
    """`manage.py seed_demo`: only where LIREN_DEMO is on."""

    help = "Fill an empty portal with the fictional demo district (needs LIREN_DEMO=1)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in one transaction, so that a stopped seed leaves nothing behind."""
        if not settings.LIREN_DEMO:
            raise CommandError("LIREN_DEMO is not set: demo data never goes into a real portal.")
        if Area.objects.exists():
            return
        at = timezone.now()
        with transaction.atomic():
            reference = load_reference(at)
            people = load_people(reference.organisations, at)
            load_articles(reference.organisations, people, at)
            load_requests(reference, people, at)
            load_publications(at)
