"""What the organisations app publishes."""

from governance.outbox.events import EventType

ORGANISATION_CREATED = EventType("organisations.organisation_created", ("kind", "parent_id"))
ORGANISATION_CHANGED = EventType("organisations.organisation_changed", ("fields",))
