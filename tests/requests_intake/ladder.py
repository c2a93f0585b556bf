"""What the tests of the ladder of reminders share."""

from collections import Counter
from datetime import datetime, timedelta

from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import Clock
from requests_intake.services.escalation import SweepResult, deadline_sweep

DEADLINE, SUMMARY = "requests_intake.deadline", "requests_intake.deadlines_summary"
RUNGS = {1: "handler", 2: "head", 3: "supervisor", 4: "district"}


def moments(clock: Clock) -> dict[int, datetime]:
    """When each rung of a clock is reached."""
    return {1: clock.warn_at} | {level: clock.due_at + timedelta(days=d) for level, d in ((2, 0), (3, 1), (4, 3))}


def sweep_and_tell(at: datetime) -> SweepResult:
    """One sweep, and the relay behind it."""
    result = deadline_sweep(at=at)
    relay.drain(at=at)
    return result


def told(kind: str = DEADLINE) -> Counter[tuple[str, str, str, str]]:
    """How many message rows there are for each (request's number or "", rung, person, channel)."""
    rows = Message.objects.filter(kind=kind).select_related("user")
    return Counter(
        (
            row.context.get("number", ""),
            f"{row.context['clock']['en']} {row.context['rung']['en']}" if kind == DEADLINE else "",
            row.user.email.partition("@")[0],
            row.channel,
        )
        for row in rows
    )


def people(kind: str = DEADLINE) -> dict[str, int]:
    """How many in-app messages of a kind each person has."""
    rows = Message.objects.filter(kind=kind, channel="in_app").values_list("user__email", flat=True)
    return dict(Counter(email.partition("@")[0] for email in rows))
