"""Make every request findable by its words: once after an upgrade, or after rows came in by another way."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from requests_intake.services.indexing import words_index_after


class Command(BaseCommand):
    """`manage.py index_requests [--all]`."""

    help = "Cut the words of requests that the search box does not know yet (--all: of every request)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--all` cuts again what was cut before."""
        parser.add_argument("--all", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go on in steps of their own, so that a stopped run can simply be started again."""
        last, count = 0, 0
        while True:
            with transaction.atomic():
                done = words_index_after(pk=last, missing_only=not options["all"])
            if not done:
                break
            last, count = done[-1], count + len(done)
        self.stdout.write(f"{count} requests indexed")
