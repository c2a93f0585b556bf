"""`manage.py worktime_day 2027-02-11 rest --name 春节`: decide about one day by hand."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.worktime.services import calendar_day_set


class Command(BaseCommand):
    """Set one day of the working calendar, for instance when the yearly notice or a typhoon order comes out."""

    help = "Set one day of the working calendar by hand; worktime_fill will not change it again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a date, work or rest, and the names."""
        parser.add_argument("date", type=date.fromisoformat)
        parser.add_argument("status", choices=["work", "rest"])
        parser.add_argument("--name", default="")
        parser.add_argument("--name-en", default="")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the row."""
        row = calendar_day_set(
            day=options["date"],
            is_workday=options["status"] == "work",
            name=options["name"],
            name_en=options["name_en"],
        )
        self.stdout.write(f"{row}: {options['status']}")
