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
