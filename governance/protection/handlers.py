"""What the protection of personal data does when something has happened."""

from typing import Any

from django.utils import timezone

from governance.outbox.subscriptions import subscribe
from governance.protection.person_requests.services import person_requests_forget


@subscribe("accounts.account_deleted")
def forget_requests(event: Any) -> None:
    """Take back what a closed account still asked."""
    person_requests_forget(user_id=int(event.subject_ref.partition(":")[2]), at=timezone.now())
