"""What request intake does when something has happened."""

from typing import Any

from django.utils import timezone

from governance.outbox.subscriptions import subscribe
from requests_intake.services.indexing import words_index
from requests_intake.services.ownership import account_forget
from requests_intake.services.publishing import publications_follow
from requests_intake.services.rules import rules_check


@subscribe("requests_intake.submitted", batch=True)
@subscribe("requests_intake.history_loaded", batch=True)
def index_words(events: list[Any]) -> None:
    """Make new requests findable by their words: later and many at once, so that nobody waits for it."""
    words_index(request_ids=[int(event.subject_ref.partition(":")[2]) for event in events])


# Whatever may change what the public reads of a request; see tests/requests_intake/test_publishing.py.
PUBLIC_PROGRESS = (
    "submitted", "history_loaded", "accepted", "dispatched", "signed", "contacted", "replied", "sent_back",
    "answered_directly", "refused", "return_decided", "dispute_decided", "withdrawn", "reopened", "supplemented",
    "reminded", "archived", "closed", "brought_back",
)  # fmt: skip


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def follow_requests(events: list[Any]) -> None:
    """Open public versions and keep them in step."""
    publications_follow(request_ids=[_pk(event.subject_ref) for event in events], at=timezone.now())


for _name in PUBLIC_PROGRESS:
    subscribe(f"requests_intake.{_name}", batch=True)(follow_requests)


@subscribe("requests_intake.merged", batch=True)
def follow_merged(events: list[Any]) -> None:
    """The one that was merged leaves the public; the other one says that somebody joined."""
    ids = [_pk(ref) for event in events for ref in (event.payload["into"], event.subject_ref)]
    publications_follow(request_ids=ids, at=timezone.now())


@subscribe("accounts.account_deleted")
def forget_account(event: Any) -> None:
    """A resident has closed their account: their requests stay with the office, bound to nobody."""
    account_forget(user_id=int(event.subject_ref.partition(":")[2]))


@subscribe("organisations.organisation_changed", batch=True)
@subscribe("requests_intake.category_deleted", batch=True)
@subscribe("requests_intake.category_changed", batch=True)
def check_rules(events: list[Any]) -> None:
    """Switch off the dispatch rules that name what has gone out of use."""
    rules_check(at=timezone.now())
