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

# Rows that stayed under an ended code after a change: how many, of which models, and who made the change.
ROWS_LEFT = EventType("grid.rows_left", ("left", "models", "user_id"))

CODE_LIST_LOADED = EventType("grid.code_list_loaded", ("items",))
CODE_LIST_CONFIRMED = EventType("grid.code_list_confirmed", ())
CODE_ITEM_ADDED = EventType("grid.code_item_added", ("kind", "code"))
CODE_ITEM_CHANGED = EventType("grid.code_item_changed", ("kind", "code", "fields"))
CODE_SUCCESSION_SET = EventType("grid.code_succession_set", ("kind", "code"))
CODE_SUCCESSION_DROPPED = EventType("grid.code_succession_dropped", ("kind", "code"))

COMPONENTS_EXPORTED = EventType("grid.components_exported", ("format",))
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
DUTY_SORTED = EventType("grid.duty_sorted", ("code", "community_list"))
TASK_POLICY_CHANGED = EventType("grid.task_policy_changed", ("fields",))

# `organisation_id`: on whose behalf. An assignment's events lie in its own area, so that its people hear of them.
TASK_SENT = EventType("grid.task_sent", ("kind", "organisation_id", "addressees", "admission"))
TASK_ASSIGNED = EventType("grid.task_assigned", ("task_id",))
TASK_CANCELLED = EventType("grid.task_cancelled", ("addressees",))
TASK_REPEAT_STOPPED = EventType("grid.task_repeat_stopped", ("round",))
ADMISSION_ASKED = EventType("grid.admission_asked", ("task_id", "reasons"))
ADMISSION_DECIDED = EventType("grid.admission_decided", ("task_id", "is_admitted"))
ASSIGNMENT_ANSWERED = EventType("grid.assignment_answered", ("task_id",))
ASSIGNMENT_ACCEPTED = EventType("grid.assignment_accepted", ("task_id",))
ASSIGNMENT_REWORKED = EventType("grid.assignment_reworked", ("task_id",))
ASSIGNMENT_HANDED_BACK = EventType("grid.assignment_handed_back", ("task_id",))
ASSIGNMENT_SENT_AGAIN = EventType("grid.assignment_sent_again", ("task_id",))
ASSIGNMENT_REFUSED = EventType("grid.assignment_refused", ("task_id",))
ASSIGNMENT_CANCELLED = EventType("grid.assignment_cancelled", ("task_id",))
ASSIGNMENT_DUE = EventType("grid.assignment_due", ("task_id", "is_over"))
EXTENSION_ASKED = EventType("grid.extension_asked", ("task_id", "until"))
EXTENSION_DECIDED = EventType("grid.extension_decided", ("task_id", "is_given", "until"))

# `members`: how many grids. Sets are written whole.
AREA_SET_WRITTEN = EventType("grid.area_set_written", ("kind", "members", "starts_on"))
AREA_SET_ENDED = EventType("grid.area_set_ended", ("kind", "ends_on"))
PATROL_ROUTE_CHANGED = EventType("grid.patrol_route_changed", ("points", "is_ended"))
ROUTE_POINT_SEEN = EventType("grid.route_point_seen", ("route", "is_undone", "next_on"))
APPRAISAL_REGISTERED = EventType("grid.appraisal_registered", ("year", "organisation_id"))
