"""What the grid does when something has happened elsewhere."""

from typing import Any

from django.utils import timezone

from governance.outbox.subscriptions import subscribe
from grid.services.posts import posts_end_of


@subscribe("access.person_left")
def end_posts_of_leaver(event: Any) -> None:
    """A colleague has left: their posts end with them, and the grids are listed as uncovered."""
    posts_end_of(user_id=int(event.subject_ref.partition(":")[2]), at=timezone.now())


@subscribe("access.grant_ended", batch=True)
def end_posts_without_grant(events: list[Any]) -> None:
    """An administrator has ended the grant of a post by hand: nobody is in a post without being able to do its work."""
    grants = [int(event.subject_ref.partition(":")[2]) for event in events]
    posts_end_of(grant_ids=grants, at=timezone.now())
