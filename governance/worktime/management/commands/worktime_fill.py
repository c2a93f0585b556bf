"""`manage.py worktime_fill 2026 2027`: fill the working calendar."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from governance.worktime.calendar import horizon_warning
from governance.worktime.selectors import calendar_current
from governance.worktime.services import calendar_fill


class Command(BaseCommand):
    """Fill years from the `holidays` package; run it again after the yearly notice to replace estimates."""

    help = "Fill the working calendar for the given years. Rows edited by hand are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        """Years, as numbers."""
        parser.add_argument("years", nargs="+", type=int)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Fill, then say how far the calendar reaches."""
        for year in options["years"]:
            written, kept = calendar_fill(year=year)
            self.stdout.write(f"{year}: {written} days written, {kept} edited by hand kept")
        calendar = calendar_current()
        self.stdout.write(f"The working calendar reaches {calendar.horizon}.")
        if calendar.confirmed is not None:
            self.stderr.write(
                f"Days after {calendar.confirmed} are estimates: no notice with make-up days is known yet."
            )
        warning = horizon_warning(calendar, timezone.now())
        if warning:
            self.stderr.write(str(warning))
