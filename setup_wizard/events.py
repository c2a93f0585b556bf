"""What the wizard publishes."""

from governance.outbox.events import EventType

# One row of the portal's names; its history is what was published about this.
PROFILE = "setup_wizard.portalprofile:1"

PROFILE_CHANGED = EventType("setup_wizard.profile_changed", ("fields",))
TABLE_WRITTEN = EventType("setup_wizard.table_written", ("step", "rows", "left_out"))
PORTAL_BEGUN = EventType("setup_wizard.portal_begun", ())
LINKS_SHOWN = EventType("setup_wizard.links_shown", ("count",))
