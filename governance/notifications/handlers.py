"""One handler for all events that have a notice kind: events become message rows, a batch at a time."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils import timezone

from governance.notifications.registry import all_kinds, kinds_of
from governance.notifications.services import messages_create
from governance.notifications.services.messages import NOTIFY as HANDLER_KEY
from governance.outbox.subscriptions import subscribe


def notify(events: list[Any]) -> None:
    """Write the messages that these events lead to; a second delivery of the same event adds nothing."""
    at = timezone.now()
    for name, group in groupby(sorted(events, key=attrgetter("name", "pk")), key=attrgetter("name")):
        messages_create(kinds=kinds_of(name), events=list(group), at=at)


def subscribe_kinds() -> None:
    """Subscribe to the event of every registered kind."""
    for kind in all_kinds():
        if kind.event:
            subscribe(kind.event, batch=True, key=HANDLER_KEY)(notify)
