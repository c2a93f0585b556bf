"""Let time pass for one demo request: its running clocks move into the past, and nothing else does."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_intake.models import Clock, EscalationStep, ServiceRequest
from requests_intake.numbers import grouped, parse_number
from requests_intake.services.escalation import clocks_move


class Command(BaseCommand):
    """`manage.py demo_time 20261116-000417-3 --hours 30`: only where LIREN_DEMO is on.

    Reminders that this makes due are raised by the next sweep of the running portal, within half a minute.
    """

    help = "Move the running clocks of one request into the past, as if hours had gone by (needs LIREN_DEMO=1)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the request and the hours."""
        parser.add_argument("number", help="the request's number, with or without dashes")
        parser.add_argument("--hours", type=float, required=True, help="how many hours have gone by (more than 0)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move the clocks and print what is due next."""
        if not settings.LIREN_DEMO:
            raise CommandError("LIREN_DEMO is not set: the clocks of a real portal are never moved.")
        hours = options["hours"]
        if not 0 < hours <= 24 * 365:
            raise CommandError("--hours: a number above 0, at most a year.")
        number = parse_number(options["number"])
        request = ServiceRequest.objects.filter(number=number).first() if number else None
        if request is None:
            raise CommandError(f"There is no request {options['number']}.")
        at = timezone.now()
        moved = clocks_move(request=request, by=timedelta(hours=hours), at=at)
        self.stdout.write(f"{grouped(request.number)}: {moved} running clock(s) moved by {hours:g} h.")
        steps = {step.level: step for step in EscalationStep.objects.order_by("level")}
        for clock in Clock.objects.filter(request=request, stopped_at__isnull=True).order_by("due_at", "pk"):
            self.stdout.write(f"  {clock.kind}: due {_local(clock.due_at)}; {_next(clock, steps, at)}")


def _next(clock: Clock, steps: dict[int, EscalationStep], at: Any) -> str:
    if clock.next_at is None:
        return "no reminder to come"
    if clock.next_at <= at:
        return "reminders due now"
    step = next((step for level, step in sorted(steps.items()) if level > clock.level), None)
    name = f"{step.name_en} (to {step.role})" if step else "next reminder"
    return f"{name} at {_local(clock.next_at)}"


def _local(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
