"""What the grid app publishes."""

from governance.outbox.events import EventType

# One event a load, however many areas it concerns; created and changed are counts.
TERRITORY_CHANGED = EventType("grid.territory_changed", ("created", "changed", "geometry_version"))
