"""What the audit app publishes: reviewing the trail is in the trail."""

from governance.outbox.events import EventType

# All of them speak of the one trail.
TRAIL = "audit.trail:1"

_SEARCHED = ("kind", "people", "record", "since", "until", "has_words")
TRAIL_READ = EventType("audit.trail_read", _SEARCHED)
TRAIL_EXPORTED = EventType("audit.trail_exported", _SEARCHED)
