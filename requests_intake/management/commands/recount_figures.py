"""Count all figures from the rows and compare them with what is kept: after a load of many rows, or an alert."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_intake.services.rollups import rollups_recount


class Command(BaseCommand):
    """`manage.py recount_figures [--repair]`."""

    help = "Compare the figures of the overview with a count of all rows (--repair: make them anew where they differ)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--repair` makes all cells anew where something differs; requests cannot be changed meanwhile."""
        parser.add_argument("--repair", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell what differs; leave with an error where something does and was not mended."""
        check = rollups_recount(at=timezone.now(), repair=options["repair"])
        for series, area, day, dim, kept, counted in check.sample:
            self.stdout.write(f"{series} {area} {day} {dim}: kept {kept}, counted {counted}")
        self.stdout.write(f"{check.cells} cells, {check.differences} differ{', mended' if check.was_repaired else ''}")
        if check.differences and not check.was_repaired:
            raise CommandError("run again with --repair")
