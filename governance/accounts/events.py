"""What the accounts app publishes."""

from governance.outbox.events import EventType

ACCOUNT_CREATED = EventType("accounts.account_created", ())
ACCOUNT_DELETED = EventType("accounts.account_deleted", ())
PHONE_VERIFIED = EventType("accounts.phone_verified", ())
SESSIONS_ENDED = EventType("accounts.sessions_ended", ("count",))
