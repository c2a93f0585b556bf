"""What the grid app publishes."""

from governance.outbox.events import EventType

# One event a change, however many areas it concerns; created, changed and ended are counts. `code_map` and `relocated`:
# see `governance.impact.succession`.
TERRITORY_CHANGED = EventType(
    "grid.territory_changed",
    ("kind", "created", "changed", "ended", "code_map", "relocated", "geometry_version"),
)
