"""What the registry does when something has happened."""

from typing import Any

from django.utils import timezone

from governance.outbox.subscriptions import subscribe
from population.services.bindings import bindings_drop, bindings_follow


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


@subscribe("population.moved_out", batch=True)
def follow_moves(events: list[Any]) -> None:
    """End what tied accounts to a dwelling that their person left."""
    bindings_follow(person_ids={_pk(event.payload["person"]) for event in events}, at=timezone.now())


@subscribe("population.person_died", batch=True)
def follow_deaths(events: list[Any]) -> None:
    """End what tied an account to somebody who died."""
    bindings_follow(person_ids={_pk(event.subject_ref) for event in events}, at=timezone.now())


@subscribe("accounts.account_deleted")
def forget_account(event: Any) -> None:
    """End what tied a closed account to a person."""
    bindings_drop(user_id=_pk(event.subject_ref), at=timezone.now())
