"""Days by the clock of the office."""

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """The beginning of a local day."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
