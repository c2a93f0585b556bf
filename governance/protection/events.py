"""What the app publishes: ids, codes and times; a case's words stay in the case."""

from governance.outbox.events import EventType

BREACH_OPENED = EventType("protection.breach_opened", ("noticed_at", "persons_count", "finding_id"))
BREACH_CHANGED = EventType("protection.breach_changed", ("persons_count",))
# `whom`: authority or persons
BREACH_TOLD = EventType("protection.breach_told", ("whom", "due_at"))
BREACH_WAIVED = EventType("protection.breach_waived", ("whom",))
BREACH_OVERDUE = EventType("protection.breach_overdue", ("whom", "due_at"))
BREACH_CLOSED = EventType("protection.breach_closed", ())
BREACH_POLICY_CHANGED = EventType("protection.breach_policy_changed", ("authority_hours", "persons_hours"))
ASSESSMENT_FILED = EventType("protection.assessment_filed", ("use", "valid_until"))
ASSESSMENT_APPROVED = EventType("protection.assessment_approved", ("use", "valid_until"))
ASSESSMENT_RETURNED = EventType("protection.assessment_returned", ("use",))
ASSESSMENT_ENDED = EventType("protection.assessment_ended", ("use",))
ASSESSMENT_RUNS_OUT = EventType("protection.assessment_runs_out", ("use", "valid_until"))
PERSON_REQUEST_RECEIVED = EventType("protection.person_request_received", ("person_request_kind", "due_at"))
PERSON_REQUEST_IDENTIFIED = EventType("protection.person_request_identified", ("identity",))
PERSON_REQUEST_DECIDED = EventType("protection.person_request_decided", ("answer", "legal_ground"))
PERSON_REQUEST_DONE = EventType("protection.person_request_done", ("person_request_kind",))
PERSON_REQUEST_WITHDRAWN = EventType("protection.person_request_withdrawn", ("person_request_kind",))
PERSON_COPY_MADE = EventType("protection.person_copy_made", ("count",))
PERSON_DATA_ERASED = EventType("protection.person_data_erased", ("count",))
PERSON_REQUEST_DUE_SOON = EventType("protection.person_request_due_soon", ("due_at",))
PERSON_REQUEST_OVERDUE = EventType("protection.person_request_overdue", ("due_at",))
PERSON_POLICY_CHANGED = EventType("protection.person_policy_changed", ("working_days",))
