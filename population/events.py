"""What the population app publishes."""

from governance.outbox.events import EventType

# One event a load; the subject is the first address of it.
ADDRESSES_LOADED = EventType("population.addresses_loaded", ("count",))
