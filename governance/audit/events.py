"""What the audit app publishes: reviewing the trail is in the trail."""

from governance.outbox.events import EventType

# All of them speak of the one trail.
TRAIL = "audit.trail:1"

_SEARCHED = ("kind", "people", "record", "since", "until", "has_words")
TRAIL_READ = EventType("audit.trail_read", _SEARCHED)
TRAIL_EXPORTED = EventType("audit.trail_exported", _SEARCHED)
TRAIL_CHECKED = EventType("audit.trail_checked", ("check_id", "rows", "seals", "is_whole"))
# `table`, `row` and `seal` of the first break, as far as it has them.
TRAIL_BROKEN = EventType("audit.trail_broken", ("check_id", "table", "row", "seal"))
TRAIL_ANCHORED = EventType("audit.trail_anchored", ("seal", "failed"))
ANCHOR_FAILED = EventType("audit.anchor_failed", ("seal", "failed"))

FINDING_MADE = EventType("audit.finding_made", ("rule", "user_id", "count"))
FINDING_CLOSED = EventType("audit.finding_closed", ("rule", "user_id", "verdict"))
WATCH_CHANGED = EventType("audit.watch_changed", ("rule", "limit_before", "limit", "is_on"))
