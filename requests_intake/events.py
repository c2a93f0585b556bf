"""What request intake publishes: ids, codes and times; never what a person wrote."""

from governance.outbox.events import EventType

SUBMITTED = EventType("requests_intake.submitted", ("kind", "category", "due_at"))
# A record of the past came in, with the date it had: nobody is told of it.
HISTORY_LOADED = EventType("requests_intake.history_loaded", ("kind", "category", "due_at"))
ACCEPTED = EventType("requests_intake.accepted", ("category",))
DISPATCHED = EventType("requests_intake.dispatched", ("order_id", "organisation_id", "due_at"))
SIGNED = EventType("requests_intake.signed", ("order_id", "organisation_id"))
CONTACTED = EventType("requests_intake.contacted", ("order_id", "reached"))
REPLIED = EventType("requests_intake.replied", ("order_id", "organisation_id"))
CLOSED = EventType("requests_intake.closed", ("round", "source", "solved", "grade"))
# Of the public version: the subject is the request, so that its requester can be told.
PUBLICATION_RELEASED = EventType("requests_intake.publication_released", ("publication_id", "edited", "reason"))
PUBLICATION_REVISED = EventType("requests_intake.publication_revised", ("publication_id", "reason"))
PUBLICATION_KEPT = EventType("requests_intake.publication_kept", ("publication_id", "reason"))
PUBLICATION_TAKEN_BACK = EventType("requests_intake.publication_taken_back", ("publication_id", "reason"))
# The subject is the publication, the step what its followers hear of: a state, or "reply" for newly released words.
PUBLICATION_MOVED = EventType("requests_intake.publication_moved", ("step",))
FOLLOW_ASKED = EventType("requests_intake.follow_asked", ())
AREA_NEWS_DUE = EventType("requests_intake.area_news_due", ("since", "until", "count"))
BROUGHT_BACK = EventType("requests_intake.brought_back", ("round", "order_id", "organisation_id"))
CONTACT_REVEALED = EventType("requests_intake.contact_revealed", ())
DEADLINE_REACHED = EventType(
    "requests_intake.deadline_reached", ("clock_id", "clock", "level", "recipient_id", "due_at")
)
DEADLINES_MISSED = EventType("requests_intake.deadlines_missed", ("sweep", "recipient_id", "warned", "overdue"))
POLICY_VERSION_MADE = EventType("requests_intake.policy_version_made", ("key", "version", "valid_from"))
POLICY_VERSION_WITHDRAWN = EventType("requests_intake.policy_version_withdrawn", ("key", "version"))
POLICY_CONFIRMED = EventType("requests_intake.policy_confirmed", ("key", "version", "is_confirmed"))
ASSIGNED = EventType("requests_intake.assigned", ("order_id", "organisation_id", "handler_id"))
