"""What the files app publishes."""

from governance.outbox.events import EventType

# The subject is the owner of the recording: the object whose viewers would have played it.
RECORDING_FAILED = EventType("files.recording_failed", ("fault",))
