"""What request intake does when something has happened."""

from typing import Any

from governance.outbox.subscriptions import subscribe
from requests_intake.services.indexing import words_index


@subscribe("requests_intake.submitted", batch=True)
def index_words(events: list[Any]) -> None:
    """Make new requests findable by their words: later and many at once, so that nobody waits for it."""
    words_index(request_ids=[int(event.subject_ref.partition(":")[2]) for event in events])
