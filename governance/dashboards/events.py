"""What the overview publishes."""

from governance.outbox.events import EventType

EXPORTED = EventType("dashboards.exported", ("period", "until"))
