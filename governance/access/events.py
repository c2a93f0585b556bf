"""What the access app publishes."""

from governance.outbox.events import EventType

USER_CREATED = EventType("access.user_created", ("organisation_id",))
USER_INVITED = EventType("access.user_invited", ())
PASSWORD_SET = EventType("access.password_set", ())
PASSWORD_CHANGED = EventType("access.password_changed", ())
PASSWORD_RESET = EventType("access.password_reset", ("sessions",))
PERSON_LEFT = EventType("access.person_left", ("grants",))
PERSON_RETURNED = EventType("access.person_returned", ())
ROLE_CHANGED = EventType("access.role_changed", ("change_id", "role", "added", "removed", "second_step", "undoes_id"))
ROLE_CREATED = EventType("access.role_created", ("role",))
ROLE_RETIRED = EventType("access.role_retired", ("role",))
GRANT_GIVEN = EventType(
    "access.grant_given", ("user_id", "role", "organisation_id", "starts_at", "ends_at", "stands_in_for_id")
)
GRANT_ENDED = EventType("access.grant_ended", ("user_id", "role", "organisation_id", "ends_at"))
# Another code for the same place: the territory has changed.
GRANT_MOVED = EventType("access.grant_moved", ("user_id", "role", "from_code"))
GRANT_EXTENDED = EventType("access.grant_extended", ("user_id", "role", "ends_at"))
GRANT_ENDING = EventType("access.grant_ending", ("user_id", "role", "ends_at"))
# The subject is whoever may lengthen them.
GRANTS_ENDING = EventType("access.grants_ending", ("count", "ends_at"))
GUARDIANS_ENDING = EventType("access.guardians_ending", ("ends_at",))
REMINDERS_CHANGED = EventType("access.reminders_changed", ("days",))
REVIEW_OPENED = EventType("access.review_opened", ("count", "due_on", "ends_undecided"))
# The subject is the grant.
REVIEW_DECIDED = EventType("access.review_decided", ("user_id", "review_id", "decision"))
REVIEW_REMINDED = EventType("access.review_reminded", ("count", "due_on"))
REVIEW_OVERDUE = EventType("access.review_overdue", ("count", "due_on"))
REVIEW_EXPORTED = EventType("access.review_exported", ("rows",))
GRANTS_IMPORTED = EventType("access.grants_imported", ("rows", "left_out"))
# The subject is whoever stands in; one event beside those of the grants.
STAND_IN_GIVEN = EventType("access.stand_in_given", ("person_id", "starts_at", "ends_at", "grants"))
DUTIES_SEPARATED = EventType("access.duties_separated", ("count",))
EMERGENCY_ASKED = EventType("access.emergency_asked", ("hours",))
EMERGENCY_OPENED = EventType("access.emergency_opened", ("asked_by_id", "ends_at"))
EMERGENCY_CLOSED = EventType("access.emergency_closed", ())
POLICY_CHANGED = EventType("access.policy_changed", ("grace_days", "fresh_minutes", "idle_minutes"))
SECOND_STEP_SET = EventType("access.second_step_set", ())
SECOND_STEP_RESET = EventType("access.second_step_reset", ("sessions",))
RECOVERY_CODES_RENEWED = EventType("access.recovery_codes_renewed", ())
SIGNED_IN = EventType("access.signed_in", ())
# The subject is the account, or the door where no account has that name.
DOOR = "access.door:1"
SIGN_IN_FAILED = EventType("access.sign_in_failed", ("source_index",))
PROVIDER_REFUSED = EventType("access.provider_refused", ("source_index", "why"))
SIGN_IN_LOCKED = EventType("access.sign_in_locked", ("source_index",))
SIGNED_OUT = EventType("access.signed_out", ())
SESSION_TIMED_OUT = EventType("access.session_timed_out", ())
IDENTITY_TIED = EventType("access.identity_tied", ())
IDENTITY_UNTIED = EventType("access.identity_untied", ("sessions",))
TOKEN_ISSUED = EventType("access.token_issued", ("user_id", "organisation_id", "role", "expires_at"))
TOKEN_REVOKED = EventType("access.token_revoked", ("user_id", "organisation_id"))
