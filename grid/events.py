"""What the grid app publishes."""

from governance.outbox.events import EventType

POST_APPOINTED = EventType("grid.post_appointed", ("kind", "user_id", "starts_at", "ends_at", "is_public"))
POST_ENDED = EventType("grid.post_ended", ("kind", "user_id", "ends_at"))
POST_EXTENDED = EventType("grid.post_extended", ("kind", "user_id", "ends_at"))
POST_RELEASED = EventType("grid.post_released", ("kind", "user_id", "is_public", "has_phone"))

# One event a change, however many areas it concerns; created, changed and ended are counts. `code_map` and `relocated`:
# see `governance.impact.succession`.
TERRITORY_CHANGED = EventType(
    "grid.territory_changed",
    ("kind", "created", "changed", "ended", "code_map", "relocated", "geometry_version"),
)

CODE_LIST_LOADED = EventType("grid.code_list_loaded", ("items",))
CODE_LIST_CONFIRMED = EventType("grid.code_list_confirmed", ())
CODE_ITEM_ADDED = EventType("grid.code_item_added", ("kind", "code"))
CODE_ITEM_CHANGED = EventType("grid.code_item_changed", ("kind", "code", "fields"))
CODE_SUCCESSION_SET = EventType("grid.code_succession_set", ("kind", "code"))
CODE_SUCCESSION_DROPPED = EventType("grid.code_succession_dropped", ("kind", "code"))

COMPONENT_ENTERED = EventType("grid.component_entered", ("code",))
COMPONENT_CHANGED = EventType("grid.component_changed", ("fields", "state"))
COMPONENT_INSPECTED = EventType("grid.component_inspected", ("state", "inspect_due"))

# What was seen on a walk: for requests_intake a matter, for mediation (later) a dispute. Who consumes it reads the row.
_FOUND = ("uuid", "kind", "matter", "component", "has_point", "has_place", "has_text", "has_photos")
FINDING_REPORTED = EventType("grid.finding_reported", _FOUND)
HAZARD_REPORTED = EventType("grid.hazard_reported", _FOUND)
DISPUTE_REPORTED = EventType("grid.dispute_reported", _FOUND)
FINDING_SETTLED = EventType("grid.finding_settled", _FOUND)
# A look on site that somebody asked for: `subject` is the reference that they gave.
CHECK_ASKED = EventType("grid.check_asked", ("kind", "subject", "due_at"))
CHECK_COMPLETED = EventType("grid.check_completed", ("kind", "subject", "result"))
CHECK_WITHDRAWN = EventType("grid.check_withdrawn", ("kind", "subject"))
